/** Sweeps of a system that share one set of sampled scores: configurations, maps, tracker reduction, sensitivities, ranges. */

import type { RunContext } from '@assay/contract';
import type { Mode } from './classifier.ts';
import { type CmsConfiguration, cmsRuns, cmsSystem } from './cms.ts';
import { publishedConfigurations } from './configurations.ts';
import type { Evaluation, LinkLoad } from './evaluate.ts';
import { type Cell, type CellsItem, cellsTask, type Variation } from './evaluation-task.ts';
import type { SystemDescription } from './graph.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import type { Outputs } from './outputs.ts';
import { type Parameter, parameterValue, type Setting, type SweepAxis, spread } from './parameters.ts';
import { powerSlope, probesOf } from './sensitivity.ts';
import type { ScoreTable } from './skills.ts';

/** What all analyses of a run share. */
export interface Shared {
	readonly context: Pick<RunContext, 'parallel'>;
	readonly mode: Mode;
	readonly linkLoad: LinkLoad;
	readonly scores: ScoreTable;
	readonly technologyFactor: number;
	/** Told how many of the cells just done there were. */
	readonly onCells: (count: number) => void;
}

/** Evaluates all cells, in the order of variations and cells, split into a fixed number of items. */
export async function evaluateCells(variations: readonly Variation[], shared: Shared): Promise<Cell[]> {
	const total = variations.reduce((sum, one) => sum + one.cells.length, 0);
	const share = Math.max(256, Math.ceil(total / 8));
	const items: CellsItem[] = [];
	let open: Variation[] = [];
	let size = 0;
	const close = (): void => {
		if (size === 0) return;
		const { mode, linkLoad, scores, technologyFactor } = shared;
		items.push({ variations: open, mode, linkLoad, scores, technologyFactor });
		open = [];
		size = 0;
	};
	for (const { description, cells } of variations) {
		for (let start = 0; start < cells.length; ) {
			const taken = cells.slice(start, start + share - size);
			open.push({ description, cells: taken });
			size += taken.length;
			start += taken.length;
			if (size >= share) close();
		}
	}
	close();
	const results = await shared.context.parallel(cellsTask, items, (cells) => shared.onCells(cells.length));
	return results.flat();
}

/** The nine published configurations, scaled to the year of the published table. */
export async function configurationsTable(shared: Shared): Promise<Outputs['configurations']> {
	const cells = await evaluateCells(
		publishedConfigurations.map((one) => ({ description: cmsSystem(one), cells: [[]] })),
		shared,
	);
	return publishedConfigurations.map(({ name, run, gpuHlt, l1Tracks, smartSensors }, index) => ({
		name,
		pileUp: cmsRuns[run].pileUp,
		l1tRatio: cmsRuns[run].l1tRatio,
		gpuHlt,
		l1Tracks,
		smartSensors,
		metrics: cells[index] ?? null,
	}));
}

/** Ratio of a node against its skill boost (the published contour: 450 to 40 by 0 to 1). */
export async function skillContour(
	description: SystemDescription,
	node: string,
	points: number,
	shared: Shared,
): Promise<Outputs['skillContour']> {
	const ratios = spread(450, 40, points);
	const boosts = spread(0, 1, points);
	const cells = boosts.flatMap((boost) =>
		ratios.map((ratio): Setting[] => [
			{ node, parameter: 'reductionRatio', value: ratio },
			{ node, parameter: 'skillBoost', value: boost },
		]),
	);
	const results = await evaluateCells([{ description, cells }], shared);
	return results.map((cell, index) => contourCell(ratios[index % points] ?? 0, boosts[Math.floor(index / points)] ?? 0, cell));
}

/** Ratio of the level-1 trigger against pile-up (the published contour: 450 to 40 by 60 to 200). */
export async function pileUpContour(
	configuration: CmsConfiguration,
	settings: readonly Setting[],
	points: number,
	shared: Shared,
): Promise<Outputs['pileUpContour']> {
	const ratios = spread(450, 40, points);
	const pileUps = spread(60, 200, points);
	const variations = pileUps.map((pileUp) => ({
		description: cmsSystem({ ...configuration, pileUp }),
		cells: ratios.map((ratio): Setting[] => [...settings, { node: 'Intermediate', parameter: 'reductionRatio', value: ratio }]),
	}));
	const results = await evaluateCells(variations, shared);
	return results.map((cell, index) => contourCell(ratios[index % points] ?? 0, pileUps[Math.floor(index / points)] ?? 0, cell));
}

const contourCell = (ratio: number, other: number, cell: Cell): Outputs['skillContour'][number] => ({
	ratio,
	other,
	f1: cell?.f1 ?? null,
	relevantSamplesPerKJ: cell?.relevantSamplesPerKJ ?? null,
});

/** Productivity and power against the reduction of the inner tracker, for the three published series. */
export async function trackerReduction(configuration: CmsConfiguration, shared: Shared): Promise<Outputs['trackerReduction']> {
	const reductions = spread(0, 60, 31);
	const series = [
		{ name: 'no upgrade', gpuHlt: false, l1Tracks: false },
		{ name: '+ GPU', gpuHlt: true, l1Tracks: false },
		{ name: '+ GPU + L1 tracks', gpuHlt: true, l1Tracks: true },
	];
	const variations = series.map(({ gpuHlt, l1Tracks }): Variation => {
		const description = cmsSystem({ ...configuration, gpuHlt, l1Tracks, smartSensors: false });
		const bytes = description.detectors.find((one) => one.name === 'Inner Tracker')?.dataBytes ?? 0;
		return {
			description,
			cells: reductions.map((percent): Setting[] => [
				{ node: 'Inner Tracker', parameter: 'dataBytes', value: bytes * (1 - percent / 100) },
			]),
		};
	});
	const cells = await evaluateCells(variations, shared);
	return cells.map((cell, index) => ({
		series: series[Math.floor(index / reductions.length)]?.name ?? '',
		reductionPercent: reductions[index % reductions.length] ?? 0,
		scaledPowerW: cell?.scaledPowerW ?? null,
		relevantSamplesPerKJ: cell?.relevantSamplesPerKJ ?? null,
	}));
}

/** Effect of each probe's step, up and down. */
export async function sensitivityTable(
	description: SystemDescription,
	evaluation: Evaluation,
	shared: Shared,
): Promise<Outputs['sensitivities']> {
	const probes = probesOf(evaluation).map((probe) => {
		const node = evaluation.nodes.find((one) => one.node.name === probe.node)?.node;
		return { ...probe, value: node === undefined ? 0 : parameterValue(node, probe.parameter) };
	});
	const cells = probes.flatMap(({ node, parameter, value, step }): Setting[][] => [
		[{ node, parameter, value: value + step }],
		[{ node, parameter, value: lowered(value, step, parameter) }],
	]);
	const results = await evaluateCells([{ description, cells }], shared);
	const here = metricsOf(evaluation, shared.technologyFactor);
	return probes.map(({ node, parameter, value, step }, index) => {
		const base = here.relevantSamplesPerKJ;
		const up = results[2 * index]?.relevantSamplesPerKJ ?? null;
		const down = results[2 * index + 1]?.relevantSamplesPerKJ ?? null;
		const gradient = base === null || up === null ? null : finite((up - base) / 1000 / step);
		const percent = (other: number | null): number | null =>
			base === null || base === 0 || other === null ? null : finite(100 * (other / base - 1));
		return {
			node,
			parameter,
			value,
			step,
			gradient,
			exactGradient: finite(exactGradient(here, powerSlope(evaluation, node, parameter, shared.linkLoad))),
			effectUpPercent: percent(up),
			effectDownPercent: percent(down),
			changeThatDoubles: gradient === null || gradient === 0 || base === null ? null : finite(base / 1000 / gradient),
		};
	});
}

/** A figure, or none where the numbers leave what a double can hold. */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** A value lowered by a step, but not below what the parameter allows. */
const lowered = (value: number, step: number, parameter: Parameter): number =>
	parameter === 'skillBoost' || parameter === 'skillMean'
		? value - step
		: Math.max(parameter === 'reductionRatio' ? 1 : 0, value - step);

/** Productivity is events over power, so its derivative is minus itself times the power's relative slope; samples/J a unit. */
function exactGradient(metrics: Metrics, powerSlopeW: number | undefined): number | null {
	if (powerSlopeW === undefined || metrics.relevantSamplesPerKJ === null) return null;
	return (-metrics.relevantSamplesPerKJ / 1000) * (powerSlopeW / metrics.totalPowerW);
}

/** A user's own sweep over one or two axes. */
export async function sweepTable(
	description: SystemDescription,
	axes: readonly SweepAxis[],
	shared: Shared,
): Promise<NonNullable<Outputs['sweep']>> {
	const [first, second] = axes;
	if (first === undefined) return { axes: [], cells: [] };
	const settings = first.values.flatMap((value): Setting[][] => {
		const setting = { node: first.node, parameter: first.parameter, value };
		return second === undefined
			? [[setting]]
			: second.values.map((other) => [setting, { node: second.node, parameter: second.parameter, value: other }]);
	});
	const cells = await evaluateCells([{ description, cells: settings }], shared);
	return {
		axes: axes.map((axis) => `${axis.node}.${axis.parameter}`),
		cells: cells.map((metrics, index) => ({ values: (settings[index] ?? []).map((setting) => setting.value), metrics })),
	};
}
