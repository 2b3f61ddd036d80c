/**
 * Changing single numbers of a system by name: `Global.opEnergyJPerOp=8`, and exploring them over ranges:
 * `Intermediate.reductionRatio=40..450/42; Inner Tracker.dataBytes=6e5,1e6,1.44e6`.
 */
import { InputError, nearestName, type Path, parseOrExplain, show } from '@assay/contract';
import type { Graph, SystemDescription, SystemNode } from './graph.ts';
import { detectorSchema, processorSchema } from './json-graph.ts';

const sharedParameters = ['dataBytes', 'compression', 'linkEnergyJPerBit', 'opEnergyJPerOp', 'routingLatencyS'] as const;
const parametersOf = {
	detector: [...sharedParameters, 'sampleRateHz'],
	processor: [...sharedParameters, 'reductionRatio', 'skillMean', 'skillVariance', 'skillBoost'],
} as const;

export type Parameter = (typeof parametersOf)['detector'][number] | (typeof parametersOf)['processor'][number];

/** One number of one node. */
export interface Setting {
	readonly node: string;
	readonly parameter: Parameter;
	readonly value: number;
}

/** One number of one node, and the values it takes. */
export interface SweepAxis {
	readonly node: string;
	readonly parameter: Parameter;
	readonly values: readonly number[];
}

/** What a parameter stands at. */
export function parameterValue(node: SystemNode, parameter: Parameter): number {
	const value: unknown = Reflect.get(node, parameter);
	return typeof value === 'number' ? value : Number.NaN;
}

/** A system with some numbers changed. */
export function withSettings(description: SystemDescription, settings: readonly Setting[]): SystemDescription {
	if (settings.length === 0) return description;
	const byNode = groupByNode(settings);
	return {
		...description,
		detectors: description.detectors.map((node) => ({ ...node, ...byNode.get(node.name) })),
		processors: description.processors.map((node) => ({ ...node, ...byNode.get(node.name) })),
	};
}

/** A graph with some numbers changed; its shape stays, so nothing is checked or ordered again. */
export function graphWithSettings(graph: Graph, settings: readonly Setting[]): Graph {
	const byNode = groupByNode(settings);
	return { ...graph, nodes: graph.nodes.map((node) => (byNode.has(node.name) ? { ...node, ...byNode.get(node.name) } : node)) };
}

function groupByNode(settings: readonly Setting[]): Map<string, Partial<Record<Parameter, number>>> {
	const byNode = new Map<string, Partial<Record<Parameter, number>>>();
	for (const { node, parameter, value } of settings) byNode.set(node, { ...byNode.get(node), [parameter]: value });
	return byNode;
}

const limitPoints = 10_201;

/** Reads changes: `node.parameter=value; ...`. */
export function parseChanges(text: string, description: SystemDescription, place: Path): Setting[] {
	return parseAxes(text, description, place).map(({ node, parameter, values }) => {
		const [value, second] = values;
		if (value === undefined || second !== undefined) {
			throw new InputError({ path: place, found: `${values.length} values for ${node}.${parameter}`, expected: 'one value' });
		}
		return { node, parameter, value };
	});
}

/** Reads a sweep of one or two axes: `node.parameter=from..to/points` or `node.parameter=value,value,...`, joined by `;`. */
export function parseSweep(text: string, description: SystemDescription, place: Path): SweepAxis[] {
	const axes = parseAxes(text, description, place);
	const points = axes.reduce((product, axis) => product * axis.values.length, 1);
	if (axes.length > 2) throw new InputError({ path: place, found: `${axes.length} axes`, expected: 'one or two' });
	if (points > limitPoints) throw new InputError({ path: place, found: `${points} points`, expected: `at most ${limitPoints}` });
	return axes;
}

function parseAxes(text: string, description: SystemDescription, place: Path): SweepAxis[] {
	return text
		.split(';')
		.filter((part) => part.trim() !== '')
		.map((part) => parseAxis(part.trim(), description, place));
}

function parseAxis(text: string, description: SystemDescription, place: Path): SweepAxis {
	const match = /^(.+)\.(\w+)\s*=\s*(.+)$/.exec(text);
	const [, nodeName = '', parameterName = '', range = ''] = match ?? [];
	if (match === null)
		throw new InputError({ path: place, found: show(text), expected: 'node.parameter=value or =from..to/points' });
	const nodes = [...description.detectors, ...description.processors];
	const node = nodes.find((one) => one.name === nodeName.trim());
	if (node === undefined) {
		throw new InputError({
			path: place,
			found: `no node ${show(nodeName.trim())}`,
			expected: 'a node of the system',
			nearest: nearestName(
				nodeName.trim(),
				nodes.map((one) => one.name),
			),
		});
	}
	const parameter = parametersOf[node.kind].find((one) => one === parameterName);
	if (parameter === undefined) {
		throw new InputError({
			path: place,
			found: `no parameter ${show(parameterName)} of ${node.name}`,
			expected: `one of ${parametersOf[node.kind].join(', ')}`,
			nearest: nearestName(parameterName, parametersOf[node.kind]),
		});
	}
	const values = parseRange(range.trim(), [...place, `${node.name}.${parameter}`]);
	const schema = node.kind === 'detector' ? detectorSchema.partial() : processorSchema.partial();
	for (const value of values) {
		const parsed = schema.safeParse({ [parameter]: value });
		if (!parsed.success) parseOrExplain(schema, { [parameter]: value }, [...place, node.name]);
	}
	return { node: node.name, parameter, values };
}

function parseRange(text: string, place: Path): number[] {
	const number = (part: string | undefined): number => {
		const value = part === undefined || part.trim() === '' ? Number.NaN : Number(part);
		if (!Number.isFinite(value)) throw new InputError({ path: place, found: show(part ?? ''), expected: 'a finite number' });
		return value;
	};
	const range = /^([^/]+?)\.\.([^/]+)\/\s*(\d+)$/.exec(text);
	if (range === null) return text.split(',').map(number);
	const from = number(range[1]);
	const to = number(range[2]);
	const points = number(range[3]);
	if (points < 2 || points > limitPoints)
		throw new InputError({ path: place, found: `${points} points`, expected: `from 2 to ${limitPoints}` });
	return spread(from, to, points);
}

/** Evenly spread values, both ends included. */
export function spread(from: number, to: number, points: number): number[] {
	return Array.from({ length: points }, (_, i) => (points === 1 ? from : from + ((to - from) * i) / (points - 1)));
}
