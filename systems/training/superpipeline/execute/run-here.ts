/** Streams an ONNX model on this computer: cuts it, profiles it, chooses a schedule, runs it beside the resident model, and measures. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, type RunContext } from '@assay/contract';
import { generateModel } from '../generate-model.ts';
import type { Inputs } from '../inputs.ts';
import type { Outputs, Ran } from '../outputs.ts';
import { planFacts } from '../plan/describe-plan.ts';
import { duration } from '../plan/words.ts';
import {
	type EvaluatedPlan,
	eachPlan,
	evaluateRing,
	fastestWithin,
	missingBytes,
	type Plan,
	type PlanRequest,
	RING_SLOTS,
} from '../schedule/choose-plan.ts';
import { pinByWeight } from '../schedule/pin-by-weight.ts';
import { calibrateLink } from './calibrate-link.ts';
import { prepareModel } from './child.ts';
import type { Policy } from './job.ts';
import { type MeasuredWay, measureWays, profileModel, RESIDENT, type Way } from './measure.ts';
import { measuredTimes, unitsOf } from './predict.ts';
import type { PreparedModel } from './prepared-model.ts';

export async function runHere(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const folder = await mkdtemp(join(tmpdir(), 'assay-superpipeline-'));
	try {
		return await measureIn(folder, inputs, context);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function measureIn(folder: string, inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { run } = inputs;
	const { signal } = context;
	context.progress(0, 'getting the model');
	const dimensions = parseDimensions(run.dimensions);
	const modelPath = await modelIn(folder, inputs, context);
	const prepared = join(folder, 'prepared');
	await mkdir(prepared);
	const capBytes = run.capMegabytes === undefined ? null : 1e6 * run.capMegabytes;
	const model = await prepareModel(
		{
			folder: prepared,
			modelPath,
			dimensions,
			units: run.units,
			crossingTensors: run.crossingTensors,
			largestSharedBytes: capBytes,
			seed: context.seed,
		},
		{ signal, onProgress: (fraction, note) => context.progress(0.1 + 0.2 * fraction, note) },
	);
	const units = unitsOf(model);
	context.progress(0.3, 'profiling units and reads');
	const { partSeconds, workBytes } = await profileModel(prepared, model, run.passes, { signal });
	const largest = Math.max(...units.map(({ bytes }) => bytes));
	const measured = await calibrateLink(prepared, largest);
	const held =
		run.linkMegabytesPerSecond === undefined ? null : { latencySeconds: 0, bytesPerSecond: 1e6 * run.linkMegabytesPerSecond };
	const link = held ?? measured;
	const times = measuredTimes(model, partSeconds, link);
	const cap = capBytes ?? (model.streamedBytes + model.sharedBytes) / 3;
	const plan = await choose(model, times, cap, inputs, context);
	const ways = waysToRun(plan, units.length);
	const options = { passes: run.passes, link: held, times, workBytes };
	const onProgress = (fraction: number, note: string): void => context.progress(0.35 + 0.63 * fraction, note);
	const results = await measureWays(prepared, model, ways, options, { signal, onProgress });
	const chosen = results[RESIDENT.length] as MeasuredWay;
	const name =
		run.graph === undefined
			? `generated ${run.family} model, ${run.blocks} blocks of width ${run.width}`
			: (run.graph.split('/').at(-1) ?? 'model.onnx');
	const ran: Ran = {
		model: name,
		cutBy: model.by,
		sessions: model.sessions,
		operators: model.operators,
		streamedBytes: model.streamedBytes,
		sharedBytes: model.sharedBytes,
		activationBytes: model.activationBytes,
		linkBytesPerSecond: link.bytesPerSecond,
		linkLatencySeconds: link.latencySeconds,
		plan: planFacts(plan, units.length),
		bareBytes: chosen.answer.bareBytes,
		runs: results.map((one) => one.run),
		resident: results.flatMap(({ run: { way }, answer }) =>
			thin(answer.resident).map(({ seconds, bytes }) => ({ way, seconds, bytes: Math.max(0, bytes - answer.bareBytes) })),
		),
		spans: chosen.answer.spans,
	};
	await context.artifact(
		'schedule.json',
		JSON.stringify({ model: name, policy: policyOf(plan), units: units.map(({ bytes }) => bytes) }),
		'application/json',
	);
	context.progress(1, 'done');
	const { run: ours } = chosen;
	return {
		mode: 'run-here',
		answer: `${name}: ${ran.plan.label} peaks at ${(ours.peakBytes / 1e6).toFixed(0)} MB beyond the bare process, ${(100 * ours.savedShare).toFixed(0)} % less than resident; results ${ours.sameBits === true ? 'are the same bits' : 'differ'}; a pass takes ${duration(ours.medianSeconds)} (measured).`,
		notes: [
			model.by === 'repetition'
				? `${units.length} units were found by what repeats in the graph; ${model.sessions} distinct graphs serve all ${model.parts.length} parts.`
				: `Nothing in the graph repeats, so it was cut into ${units.length} units that are as even as the allowed places let them be.`,
			'Times are of this computer while it was doing whatever else it was doing; memory and results do not depend on that.',
		],
		units: units.map((unit, i) => ({
			name: `unit ${i}`,
			weightBytes: unit.bytes,
			flops: null,
			seconds: partSeconds[model.parts.indexOf(unit)] as number,
			outputBytes: unit.outputBytes,
			carries: unit.outputs
				.map(({ tensor }) => tensor)
				.join(', ')
				.slice(0, 200),
		})),
		planned: null,
		ran,
		trained: null,
	};
}

/** Parses `batch=1, sequence=128`. */
export function parseDimensions(text: string): Record<string, number> {
	const dimensions: Record<string, number> = {};
	for (const piece of text.split(/[,;]/).map((one) => one.trim())) {
		if (piece === '') continue;
		const match = /^(.+?)\s*=\s*(\d{1,9})$/.exec(piece);
		const value = Number(match?.[2]);
		if (match?.[1] === undefined || value < 1)
			throw new InputError({
				path: ['run', 'dimensions'],
				found: JSON.stringify(piece.slice(0, 60)),
				expected: 'name=number, such as batch=1',
			});
		dimensions[match[1]] = value;
	}
	return dimensions;
}

/** The model's file, generated or copied from what the user brought. */
async function modelIn(folder: string, { run }: Inputs, context: RunContext): Promise<string> {
	if (run.graph === undefined) {
		const { family, blocks, width, tokens } = run;
		if (width % 64 !== 0)
			throw new InputError({
				path: ['run', 'width'],
				found: String(width),
				expected: 'a multiple of 64',
				nearest: String(Math.max(64, 64 * Math.round(width / 64))),
			});
		const shape = {
			family,
			blocks,
			width,
			tokens,
			heads: width / 64,
			hiddenWidth: 4 * width,
			batch: 1,
			vocabulary: 1000,
			seed: context.seed,
		};
		return generateModel(shape, folder, context.pause);
	}
	let graphPath = '';
	for (const reference of [run.graph, ...run.weightFiles]) {
		const file = await context.open(reference);
		const path = join(folder, file.name.replaceAll(/[/\\]/g, '_'));
		if (graphPath === '') graphPath = path;
		await pipeline(file.stream(), createWriteStream(path), { signal: context.signal });
	}
	return graphPath;
}

async function choose(
	model: PreparedModel,
	times: ReturnType<typeof measuredTimes>,
	capBytes: number,
	inputs: Inputs,
	context: RunContext,
): Promise<Plan> {
	const weightBytes = Float64Array.from(unitsOf(model), ({ bytes }) => bytes);
	const policies = inputs.schedule.policies === 'all' ? (['window', 'pin-and-ring'] as const) : (['window'] as const);
	const request: PlanRequest = { times, weightBytes, sharedBytes: model.sharedBytes, writeback: 'drop', policies };
	const plans: EvaluatedPlan[] = [];
	for (const one of eachPlan(request)) {
		plans.push(one);
		await context.pause();
	}
	if (policies.length > 1 && !areEqual(weightBytes)) {
		for (const slots of RING_SLOTS) {
			const pinned = await pinByWeight(weightBytes, slots, capBytes - model.sharedBytes);
			if (pinned !== null) plans.push(evaluateRing(request, pinned, slots));
		}
	}
	const best = fastestWithin(
		plans.filter(({ plan }) => plan.kind !== 'resident'),
		capBytes,
	);
	if (best === undefined) {
		throw new InputError({
			path: ['run', 'capMegabytes'],
			found: `${(capBytes / 1e6).toFixed(1)} MB`,
			expected: `at least ${((capBytes + missingBytes(plans, capBytes)) / 1e6).toFixed(3)} MB: ${Math.ceil(missingBytes(plans, capBytes))} bytes are missing for the largest unit and what stays`,
		});
	}
	return best.plan;
}

/** Whether units differ by so little that which of them stay makes no difference. */
function areEqual(weightBytes: Float64Array): boolean {
	return Math.max(...weightBytes) <= 1.01 * Math.min(...weightBytes);
}

function policyOf(plan: Plan): Policy {
	if (plan.kind === 'window') return plan;
	if (plan.kind === 'resident') return { kind: 'resident', like: 'streamed' };
	return {
		kind: 'pin-and-ring',
		slots: plan.slots,
		pinned: [...plan.pinned.entries()].flatMap(([unit, stays]) => (stays === 1 ? [unit] : [])),
	};
}

/** What was chosen first; then the smallest overlapped window, the rival with the same slots, everything in slots, and a session per unit. */
function waysToRun(plan: Plan, units: number): Way[] {
	const facts = planFacts(plan, units);
	const ways: Way[] = [{ name: `chosen: ${facts.label}`, policy: policyOf(plan) }];
	const add = (window: number): void => {
		if (plan.kind === 'window' && plan.window === window && plan.group === 1) return;
		ways.push({ name: `window of ${window}`, policy: { kind: 'window', window, group: 1, mode: 'sequential' } });
	};
	for (const window of new Set([Math.min(2, units), Math.min(facts.window, units), units])) add(window);
	ways.push({ name: 'a session per unit', policy: { kind: 'session-per-unit' } });
	return ways;
}

function thin<T>(samples: readonly T[]): T[] {
	const step = Math.ceil(samples.length / 250);
	return samples.filter((_, i) => i % step === 0);
}
