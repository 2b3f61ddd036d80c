/** A run: the search, the chosen design layer by layer, and how good its assignment is. */
import { csvText, InputError, type RunContext } from '@assay/contract';
import { paretoFront } from '@assay/search';
import { assignExactly, type ExactAssignment } from './assignment/assign-exactly.ts';
import type { Schedule } from './assignment/assignment-problem.ts';
import { subAcceleratorArea } from './cost/area.ts';
import { layerMacs } from './cost/convolution-layer.ts';
import type { SubAccelerator } from './cost/layer-cost.ts';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { resolveDesignSpace } from './resolve-design-space.ts';
import { chipOf, createDesignSpace } from './search/design-space.ts';
import { createEvaluator, type Evaluator } from './search/evaluate-design.ts';
import { allOpen, policySearch, worstCosts } from './search/policy-search.ts';
import { refuseLimits } from './search/refuse-limits.ts';
import { describeChip, geneticSearch, hardwareThenNetwork, monteCarlo, networkThenHardware } from './search/rival-searches.ts';
import type { SearchResult, SeenDesign } from './search/search-record.ts';
import { candidateTraining } from './train/train-candidates.ts';

/** Layers up to which the integer program is worth its time. */
const MOST_EXACT_LAYERS = 40;
const EXACT_NODES = 2000;
/** Explored designs that are kept, spread evenly over the search, beside all on the front. */
const MOST_EXPLORED = 800;

const RIVALS = [
	['network, then hardware', networkThenHardware],
	['hardware, then network', hardwareThenNetwork],
	['chance', monteCarlo],
	['genetic algorithm', geneticSearch],
] as const;

/** The paper's search again on chips of one dataflow. */
export const ONE_DATAFLOW = 'together, one dataflow';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'the design space');
	const space = await resolveDesignSpace(inputs, context);
	refuseLimits(space, inputs.limits);
	const evaluator = createEvaluator(space, inputs.limits, inputs.chip.transfers);
	const worst = worstCosts(evaluator, context.random.fork('worst'));
	await context.pause();
	const searches = 1 + (inputs.search.oneDataflow ? 1 : 0) + (inputs.search.rivals ? RIVALS.length : 0);
	const breathe = (index: number, note: string) => async (share: number) => {
		context.progress((0.95 * (index + share)) / searches, note);
		await context.pause();
	};
	const training = inputs.evaluator === 'train' ? candidateTraining(evaluator, inputs.train, context) : null;
	if (training !== null) {
		context.progress(0, `trains ${inputs.train.drawn} networks drawn evenly`);
		await training.trainDrawn(context.random.fork('trained'));
	}
	const breatheInSearch = breathe(0, 'search');
	let round = 1;
	const found = await policySearch(
		evaluator,
		allOpen(space),
		worst,
		inputs.search,
		context.random.fork('search'),
		async (share, seen = []) => {
			await breatheInSearch(share);
			if (training === null || share * inputs.train.rounds < round) return;
			round++;
			await training.trainBest(seen);
		},
	);
	const result = { ...found, best: training?.choose(found.seen) ?? found.best };
	const layerEvaluations = evaluator.layerEvaluations();
	const rivals: Outputs['rivals'] = [];
	const addRival = (method: string, of: Evaluator, { best }: SearchResult): void => {
		if (best.cost.schedule === null) return;
		const { chosen } = best;
		rivals.push({ method, networks: networksText(of, best), chip: describeChip(of, chosen), ...pointOf(best) });
	};
	if (inputs.search.oneDataflow) {
		const alike = createEvaluator(
			createDesignSpace({ ...space, organisation: 'homogeneous' }),
			inputs.limits,
			inputs.chip.transfers,
		);
		const stream = context.random.fork(ONE_DATAFLOW);
		addRival(
			ONE_DATAFLOW,
			alike,
			await policySearch(alike, allOpen(alike.space), worst, inputs.search, stream, breathe(1, ONE_DATAFLOW)),
		);
	}
	for (const [index, [method, search]] of (inputs.search.rivals ? RIVALS : []).entries()) {
		const onEpisode = breathe(searches - RIVALS.length + index, method);
		addRival(method, evaluator, await search(evaluator, worst, inputs.search, context.random.fork(method), onEpisode));
	}
	const { best } = result;
	const { schedule } = best.cost;
	if (schedule === null)
		throw new InputError({
			path: ['chip', 'elements'],
			found: `${inputs.chip.elements}: no chip tried has a cluster for every layer`,
			expected: 'more elements, or dataflows with smaller clusters',
			nearest: '4096',
		});
	context.progress(0.97, 'the exact assignment');
	const exact = await exactAssignment(evaluator, best);
	const outputs = describeDesign(inputs, evaluator, result, best, schedule);
	context.progress(0.99, 'files');
	await context.artifact(
		'layers.csv',
		csvText([Object.keys(outputs.layers[0] ?? {}), ...outputs.layers.map((layer) => Object.values(layer))]),
		'text/csv',
	);
	await context.artifact('explored.csv', exploredCsv(result), 'text/csv');
	context.progress(1, 'done');
	return {
		...outputs,
		tasks: outputs.tasks.map((task) => ({ ...task, trained: training?.accuracyOf(task.network) ?? null })),
		search: searchFigures(result, layerEvaluations),
		training: training?.output() ?? null,
		exact,
		rivals,
	};
}

const pointOf = ({ accuracy, cost: { latency, energy, area }, isWithin }: SeenDesign) => ({
	accuracy,
	latency,
	energy,
	area,
	isWithin,
});

function networksText(evaluator: Evaluator, { chosen }: SeenDesign): string {
	return evaluator
		.networks(chosen)
		.map(({ name }) => name)
		.join(' and ');
}

function searchFigures({ seen, pruned, rewards }: SearchResult, layerEvaluations: number): Outputs['search'] {
	return {
		designs: seen.length,
		within: seen.filter(({ isWithin }) => isWithin).length,
		pruned,
		layerEvaluations,
		rewards: [...rewards],
	};
}

async function exactAssignment(evaluator: Evaluator, { chosen }: SeenDesign): Promise<Outputs['exact']> {
	const problem = evaluator.problem(evaluator.networks(chosen), chipOf(evaluator.space, chosen));
	if (problem.layers > MOST_EXACT_LAYERS || problem.accelerators < 2) return null;
	const { status, schedule, lowerBound }: ExactAssignment = await assignExactly(problem, evaluator.limits.latency, EXACT_NODES);
	return { status, energy: schedule?.energy ?? null, lowerBound: Number.isFinite(lowerBound) ? lowerBound : null };
}

function describeDesign(
	inputs: Inputs,
	evaluator: Evaluator,
	{ seen }: SearchResult,
	best: SeenDesign,
	schedule: Schedule,
): Omit<Outputs, 'search' | 'exact' | 'rivals' | 'training'> {
	const { chosen, cost } = best;
	const chip = chipOf(evaluator.space, chosen);
	const networks = evaluator.networks(chosen);
	const accuracies = evaluator.accuracies(chosen);
	const { macEnergy, clock } = inputs.chip;
	const given = [inputs.task1, inputs.task2, inputs.task3].filter(({ kind }) => kind !== 'none');
	return {
		answer: answerOf(
			evaluator,
			best,
			networks.map(({ name }) => name),
		),
		limits: inputs.limits,
		design: {
			...pointOf(best),
			seconds: cost.latency / (clock * 1e9),
			joules: macEnergy === undefined ? null : cost.energy * macEnergy * 1e-12,
		},
		tasks: networks.map(({ name, layers }, i) => ({
			task: evaluator.space.tasks[i]?.name ?? '',
			network: name,
			accuracySource: accuracies[i] === null ? 'given network' : given[i]?.accuracies === undefined ? 'surrogate' : 'table',
			accuracy: accuracies[i] ?? null,
			trained: null,
			macs: layers.reduce((sum, layer) => sum + layerMacs(layer), 0),
		})),
		chip: chip.map(({ mapping, elements, bandwidth }, j) => ({
			dataflow: mapping.name,
			elements,
			bandwidth,
			area: subAcceleratorArea(elements),
			busy:
				schedule.end.reduce((sum, end, l) => sum + (schedule.accelerator[l] === j ? end - (schedule.start[l] as number) : 0), 0) /
				schedule.makespan,
		})),
		layers: describeLayers(evaluator, chosen, chip, schedule),
		explored: exploredPoints(seen),
	};
}

function answerOf({ limits }: Evaluator, best: SeenDesign, names: readonly string[]): string {
	const { cost, isWithin, accuracy } = best;
	const share = (name: 'latency' | 'energy' | 'area'): string =>
		`${((100 * cost[name]) / limits[name]).toFixed(0)} % of the ${name}`;
	// A limit of which nothing to speak of is used is none that somebody set.
	const bound = (['latency', 'energy', 'area'] as const).filter((name) => cost[name] >= 0.005 * limits[name]);
	const figures = `${new Intl.ListFormat('en').format(bound.map(share))} allowed`;
	const quality = accuracy > 0 ? `, ${accuracy.toFixed(2)} % accurate on average` : '';
	return isWithin
		? `${names.join(' and ')}${quality}: ${figures}.`
		: `Nothing found within the limits; closest is ${names.join(' and ')} with ${figures}.`;
}

function describeLayers(
	evaluator: Evaluator,
	chosen: Int32Array,
	chip: readonly SubAccelerator[],
	schedule: Schedule,
): Outputs['layers'] {
	let index = 0;
	return evaluator.networks(chosen).flatMap((network, i) =>
		network.layers.map((layer) => {
			const l = index++;
			const at = schedule.accelerator[l] as number;
			const costs = chip.map((accelerator) => evaluator.layerCost(layer, accelerator));
			const own = costs[at] as NonNullable<(typeof costs)[number]>;
			const other = costs
				.filter((cost, j) => j !== at && cost !== null)
				.reduce((a, b) => (a === null || (b !== null && b.energy < a.energy) ? b : a), null);
			return {
				task: evaluator.space.tasks[i]?.name ?? '',
				name: layer.name,
				accelerator: at + 1,
				start: schedule.start[l] as number,
				end: schedule.end[l] as number,
				energy: own.energy,
				activeElements: own.activeElements,
				waiting: own.transferCycles / own.cycles,
				otherCycles: other?.cycles ?? null,
				otherEnergy: other?.energy ?? null,
				reason: other === null ? 'nowhere else' : other.energy >= own.energy ? 'least energy' : 'to meet the deadline',
			};
		}),
	);
}

/** Points on the front of accuracy, latency, energy and area, and a thinned rest. */
function exploredPoints(seen: readonly SeenDesign[]): Outputs['explored'] {
	const isOn = paretoFront(
		seen.map(({ accuracy, cost }) => [accuracy, cost.latency, cost.energy, cost.area]),
		[1, -1, -1, -1],
	);
	const stride = Math.max(1, Math.ceil(seen.length / MOST_EXPLORED));
	return seen.flatMap((design, i) =>
		isOn[i] === true || i % stride === 0 ? [{ ...pointOf(design), isOnFront: isOn[i] === true }] : [],
	);
}

function exploredCsv({ seen }: SearchResult): string {
	const rows = seen.map((design) => Object.values(pointOf(design)));
	return csvText([['accuracy', 'latency', 'energy', 'area', 'isWithin'], ...rows]);
}
