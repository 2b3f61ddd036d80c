/** Figures of merit of an evaluated system (equations 8 and 10). Figures that do not exist (0/0) are null. */
import type { Evaluation, NodeResult } from './evaluate.ts';

export interface Metrics {
	/** True positives among the events kept. */
	readonly precision: number | null;
	/** True positives among the relevant events. */
	readonly recall: number | null;
	readonly f1: number | null;
	/** Events kept per second. */
	readonly keptHz: number;
	readonly operationPowerW: number;
	readonly linkPowerW: number;
	readonly totalPowerW: number;
	/** Factor by which technology lowers the power. */
	readonly technologyFactor: number;
	readonly scaledPowerW: number;
	/** F1 times events kept per second over scaled power: relevant samples per kJ. */
	readonly relevantSamplesPerKJ: number | null;
	/** Operations' energy on a message that reaches the sink, J. */
	readonly energyPerTruePositiveJ: number;
	/** Operations' energy on a message that is discarded, averaged over discards, J. */
	readonly energyPerTrueNegativeJ: number | null;
	/** Time of a message from the detectors through the sink, s. */
	readonly latencyS: number;
}

function ratio(part: number, whole: number): number | null {
	const share = part / whole;
	return whole > 0 && Number.isFinite(share) ? share : null;
}

/** Metrics of an evaluation, its power divided by `technologyFactor`. */
export function metricsOf(evaluation: Evaluation, technologyFactor: number): Metrics {
	const { kept, discarded, operationPowerW, linkPowerW } = evaluation;
	const keptHz = kept.irrelevant + kept.relevant;
	const precision = ratio(kept.relevant, keptHz);
	const recall = ratio(kept.relevant, kept.relevant + discarded.relevant);
	const f1 = precision === null || recall === null ? null : ratio(2 * precision * recall, precision + recall);
	const totalPowerW = operationPowerW + linkPowerW;
	const scaledPowerW = totalPowerW / technologyFactor;
	const productivity = f1 === null ? null : ratio(f1 * keptHz * 1000, scaledPowerW);
	const sink = evaluation.nodes[evaluation.nodes.length - 1] as NodeResult;
	let discards = 0;
	let energyJ = 0;
	for (const node of evaluation.nodes) {
		if (!node.classifies) continue;
		const count = node.discarded.irrelevant + node.discarded.relevant;
		discards += count;
		energyJ += count * node.upstreamEnergyJ;
	}
	return {
		precision,
		recall,
		f1,
		keptHz,
		operationPowerW,
		linkPowerW,
		totalPowerW,
		technologyFactor,
		scaledPowerW,
		relevantSamplesPerKJ: productivity,
		energyPerTruePositiveJ: sink.upstreamEnergyJ,
		energyPerTrueNegativeJ: ratio(energyJ, discards),
		latencyS: sink.latencyS,
	};
}
