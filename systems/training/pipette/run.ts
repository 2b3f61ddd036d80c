/** A run: prepare, evaluate every setting, place those that can win, compare with what others choose, export the winner. */
import { InputError, type RunContext } from '@assay/contract';
import { parameterCount } from '@assay/models';
import { linkAssumptions } from './cluster-rates.ts';
import { evaluatedOutput, rankedOutput } from './describe-candidate.ts';
import { exportFiles } from './export/export-files.ts';
import { headlineOf } from './headline.ts';
import type { Inputs } from './inputs.ts';
import { linksOutput } from './links-output.ts';
import type { Outputs } from './outputs.ts';
import { type Prepared, prepare } from './prepare.ts';
import { simulationOutput } from './schedule/simulation-output.ts';
import { enumerateSettings } from './search/enumerate-settings.ts';
import { ampRanking, ampSeconds, rivalChoices } from './search/rivals.ts';
import {
	type Candidate,
	evaluateSetting,
	evaluateSettings,
	type PlacedCandidate,
	searchPlacements,
	timeUnplaced,
} from './search/search.ts';
import { whyNot } from './search/why-not.ts';
import { megatronTiling } from './tiling.ts';
import { describeSetting, microBatches, type Setting } from './training-job.ts';

const AMP_ROWS = 10;

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading');
	const prepared = await prepare(inputs, context, (share) => context.progress(0.3 * share, 'learning from profiling rows'));
	const { job, cluster, grid, problem } = prepared;
	const { settings, misfits } = enumerateSettings(job, grid, inputs.search);
	context.progress(0.3, `timing ${settings.length} settings`);
	const candidates = await evaluateSettings(problem, settings, context.pause);
	context.progress(0.4, 'placing');
	const effort = { iterations: inputs.placement.iterations, restarts: inputs.placement.restarts };
	const { ranking, placed } = await searchPlacements(problem, candidates, inputs.search.top, effort, context, (count) =>
		context.progress(0.4 + 0.5 * (count / (count + 16)), `${count} settings placed`),
	);
	context.progress(0.9, 'comparing');
	await context.pause();
	const winner = ranking[0];
	const evaluated = (candidate: Candidate) => evaluatedOutput(job, cluster, candidate, timeUnplaced(problem, candidate));
	const rivals: Outputs['rivals'] = rivalChoices(problem, candidates).map(({ rival, how, candidate }) => ({
		rival,
		how,
		choice: candidate === undefined ? null : evaluated(candidate),
	}));
	if (inputs.own !== undefined) {
		rivals.push({ rival: 'Yours', how: 'the setting you gave', choice: evaluated(ownCandidate(prepared, inputs.own)) });
	}
	const amp = ampRanking(problem, candidates)
		.slice(0, AMP_ROWS)
		.map((candidate) => ({
			label: describeSetting(candidate.setting),
			ampSeconds: ampSeconds(problem, candidate),
			totalSeconds: timeUnplaced(problem, candidate).totalSeconds,
			fits: candidate.fits,
			neededBytes: candidate.neededBytes,
		}));
	await context.pause();
	const simulation = winner === undefined ? null : simulationOutput(problem, winner);
	if (winner !== undefined) await exportFiles(prepared, winner, ranking, context);
	const ranked = ranking.map((candidate) => rankedOutput(problem, cluster, candidate));
	const leanest = leanestOf(candidates, problem.limitBytes);
	context.progress(1, 'done');
	return {
		recommendation: headlineOf({
			job,
			cluster,
			ranked,
			rivals,
			leanest,
			settings: candidates.length,
			limitBytes: problem.limitBytes,
		}),
		model: {
			name: job.model.name,
			parameters: parameterCount(job.model).total,
			hasExperts: job.model.experts !== null,
			sequenceTokens: job.sequenceTokens,
			globalBatch: job.globalBatch,
		},
		cluster: {
			name: cluster.name,
			device: cluster.device.name,
			nodes: cluster.nodes,
			devicesPerNode: cluster.devicesPerNode,
			limitBytes: problem.limitBytes,
			assumptions: linkAssumptions(cluster),
		},
		links: linksOutput(prepared, winner),
		estimator: estimatorOutput(prepared, candidates),
		counts: { settings: candidates.length, fitting: candidates.filter(({ fits }) => fits).length, placed },
		misfits: [...misfits].map(([reason, combinations]) => ({ reason, combinations })),
		ranking: ranked,
		leanest,
		rivals,
		ampRanking: amp,
		whyNot: whyNot(problem, candidates, winner),
		placement: winner === undefined ? null : placementOutput(prepared, winner),
		simulation,
	};
}

function ownCandidate(prepared: Prepared, own: NonNullable<Inputs['own']>): Candidate {
	const { job, grid, cluster, problem } = prepared;
	const devices = grid.nodes * grid.devicesPerNode;
	const fail = (found: string, expected: string): never => {
		throw new InputError({ path: ['own'], found, expected });
	};
	const dataParallel = devices / (own.pipelineParallel * own.tensorParallel);
	const setting: Setting = { ...own, dataParallel };
	if (!Number.isInteger(dataParallel)) {
		fail(`pp ${own.pipelineParallel} x tp ${own.tensorParallel}`, `degrees whose product divides ${devices} devices`);
	}
	if (job.model.layers % (own.pipelineParallel * own.virtualStages) !== 0) {
		fail(`pp ${own.pipelineParallel} x v ${own.virtualStages}`, `degrees whose product divides ${job.model.layers} layers`);
	}
	if (!Number.isInteger(microBatches(job, setting))) {
		fail(`dp ${dataParallel} x b ${own.microBatch}`, `a micro-batch with which dp x b divides the batch of ${job.globalBatch}`);
	}
	const tiling = grid.byDevice
		? { rows: dataParallel, columns: own.pipelineParallel, stagesPerNode: 1, replicasPerNode: 1 }
		: megatronTiling(setting, grid.devicesPerNode);
	if (tiling === undefined) return fail(describeSetting(setting), `stages that fill the nodes of ${cluster.name} evenly`);
	return evaluateSetting(problem, { setting, tiling });
}

function leanestOf(candidates: readonly Candidate[], limitBytes: number): Outputs['leanest'] {
	let leanest: Candidate | undefined;
	for (const candidate of candidates)
		if (leanest === undefined || candidate.neededBytes < leanest.neededBytes) leanest = candidate;
	if (leanest === undefined) return null;
	const { neededBytes, setting } = leanest;
	return { label: describeSetting(setting), neededBytes, missingBytes: Math.max(0, neededBytes - limitBytes) };
}

function estimatorOutput({ learned, problem }: Prepared, candidates: readonly Candidate[]): Outputs['estimator'] {
	if (learned === null) {
		const source = 'the model’s own matrix products, memory traffic and tensors';
		return { kind: 'formula', source, rows: 0, memoryErrorAgainstFormula: null, spread: null };
	}
	let error = 0;
	let spread = 0;
	const fitting = candidates.filter(({ memory }) => memory.totalBytes <= problem.limitBytes);
	for (const { memory, neededBytes, setting } of fitting) {
		error += Math.abs(neededBytes / memory.totalBytes - 1) / fitting.length;
		spread += learned.memory.estimate(learned.shapeOf(setting)).spread / fitting.length;
	}
	return { kind: 'learned', source: learned.source, rows: learned.rows.length, memoryErrorAgainstFormula: error, spread };
}

function placementOutput(prepared: Prepared, { placement, tiling, setting }: PlacedCandidate): NonNullable<Outputs['placement']> {
	const name = unitName(prepared, setting.tensorParallel);
	const { rows, columns } = tiling;
	const order = [...placement.order];
	return {
		exact: placement.exact,
		rows: Array.from({ length: rows }, (_, row) => order.slice(row * columns, (row + 1) * columns).map(name)),
		idle: order.slice(rows * columns).map(name),
		trace: placement.trace.map((point) => ({ ...point })),
	};
}

/** Name of a placed unit: a host, or the first device of a group. */
export function unitName({ hosts, grid }: Prepared, tensorParallel: number): (unit: number) => string {
	return (unit) => hosts[grid.byDevice ? unit * tensorParallel : unit] ?? `node ${unit}`;
}
