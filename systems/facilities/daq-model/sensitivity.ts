/**
 * What small changes of single numbers do to productivity: finite differences with the steps of the published notebook, the
 * same scores before and after, and beside them the exact derivative wherever the number touches only the power.
 */
import type { Evaluation, LinkLoad, NodeResult } from './evaluate.ts';
import { identityComplexity } from './graph.ts';
import { type Parameter, parameterValue } from './parameters.ts';
import { polynomialSlope } from './polynomial.ts';

/** One number and the step it is changed by. */
export interface Probe {
	readonly node: string;
	readonly parameter: Parameter;
	readonly step: number;
}

/** Steps of the published notebook (system_gradients), for the nodes of CMS. */
const publishedProbes: readonly Probe[] = [
	{ node: 'Inner Tracker', parameter: 'dataBytes', step: 1e2 },
	{ node: 'HGCAL', parameter: 'dataBytes', step: 1e2 },
	{ node: 'Intermediate', parameter: 'reductionRatio', step: 15 },
	{ node: 'Intermediate', parameter: 'skillBoost', step: 0.05 },
	{ node: 'Global', parameter: 'skillBoost', step: 0.05 },
	{ node: 'Intermediate', parameter: 'opEnergyJPerOp', step: 1e-4 },
	{ node: 'Global', parameter: 'opEnergyJPerOp', step: 1 },
];

/**
 * What to probe in a system: the published list where its nodes are all there, else the two largest detectors, and ratio,
 * skill and energy of every classifying node, by a thirtieth of their value or 0.05 of skill.
 */
export function probesOf(evaluation: Evaluation): Probe[] {
	const names = new Set(evaluation.nodes.map((one) => one.node.name));
	if (publishedProbes.every((probe) => names.has(probe.node))) return [...publishedProbes];
	const detectors = evaluation.nodes
		.filter((one) => one.node.kind === 'detector' && one.node.dataBytes > 0)
		.sort((a, b) => b.node.dataBytes - a.node.dataBytes)
		.slice(0, 2);
	const classifying = evaluation.nodes.filter((one) => one.classifies).slice(0, 20);
	const relative = (one: NodeResult, parameter: Parameter): Probe[] => {
		const value = parameterValue(one.node, parameter);
		const step = value / 30;
		return step > 0 ? [{ node: one.node.name, parameter, step }] : [];
	};
	return [
		...detectors.flatMap((one) => relative(one, 'dataBytes')),
		...classifying.flatMap((one) => [
			...relative(one, 'reductionRatio'),
			{ node: one.node.name, parameter: 'skillBoost', step: 0.05 } as const,
			...relative(one, 'opEnergyJPerOp'),
		]),
	];
}

/**
 * Derivative of the total power (W, unscaled) by a number that leaves the events as they are: bytes, energy of an operation,
 * energy of a link. Undefined for numbers that change what is kept.
 */
export function powerSlope(evaluation: Evaluation, node: string, parameter: Parameter, load: LinkLoad): number | undefined {
	const at = evaluation.nodes.findIndex((one) => one.node.name === node);
	const here = evaluation.nodes[at];
	if (here === undefined) return undefined;
	const linkShare = (one: NodeResult): number => (load === 'before-compression' ? 1 : 1 - one.node.compression);
	switch (parameter) {
		case 'opEnergyJPerOp':
			return here.operations * here.inputRateHz;
		case 'linkEnergyJPerBit':
			return (evaluation.graph.successors[at]?.length ?? 0) * 8 * here.messageBytes * linkShare(here) * here.outputRateHz;
		case 'dataBytes': {
			const growth = new Float64Array(evaluation.nodes.length);
			growth[at] = 1;
			let slope = 0;
			for (let index = at; index < evaluation.nodes.length; index++) {
				const one = evaluation.nodes[index] as NodeResult;
				const grows = growth[index] as number;
				if (grows === 0) continue;
				const operations = polynomialSlope(one.node.complexity ?? identityComplexity, one.messageBytes);
				slope += grows * one.node.opEnergyJPerOp * operations * one.inputRateHz;
				for (const next of evaluation.graph.successors[index] ?? []) {
					slope += grows * one.node.linkEnergyJPerBit * 8 * linkShare(one) * one.outputRateHz;
					growth[next] = (growth[next] as number) + grows * (1 - one.node.compression);
				}
			}
			return slope;
		}
		default:
			return undefined;
	}
}
