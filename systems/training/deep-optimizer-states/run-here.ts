/** Real updates on this computer: two memories, a link held to a bandwidth, and the bits compared with plain Adam. */
import type { RunContext } from '@assay/contract';
import { adamScalars, compileKernels, createKernelMemory, defaultAdam, instantiateKernels } from '@assay/learning';
import { measureLaneRates, undisturbed } from './engine/lane-rates.ts';
import { type MeasuredStep, UpdateEngine } from './engine/update-engine.ts';
import type { Inputs } from './inputs.ts';
import type { MeasuredOutput } from './outputs.ts';
import { simulateUpdate } from './update/simulate-update.ts';
import { LANES } from './update/update-jobs.ts';
import { planUpdate } from './update/update-plan.ts';

/** The evaluation's constants. */
export const evaluationAdam = { ...defaultAdam, learningRate: 3e-4, beta2: 0.95, weightDecay: 0.1 };
/** Limit of the gradient's norm. */
export const evaluationClipNorm = 1;

/** Fills an array with reproducible values of a gradient's size: a hash of step and position. */
export function fillGradient(gradient: Float32Array, step: number, group: number): void {
	let state = (Math.imul(step + 1, 0x9e3779b1) ^ Math.imul(group + 1, 0x85ebca6b)) | 0;
	for (let i = 0; i < gradient.length; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		gradient[i] = state * 1e-11;
	}
}

/** Weights before the first step. */
export function fillWeights(weights: Float32Array, group: number): void {
	for (let i = 0; i < weights.length; i++) weights[i] = Math.sin(i + 31 * group) * 0.02;
}

/** Plain Adam in memory over the same gradients: weights of each sub-group after so many steps. */
export async function plainAdam(sizes: readonly number[], steps: number, clipNorm: number | null): Promise<Float32Array[]> {
	const bytes = sizes.reduce((sum, size) => sum + 16 * size + 256, 0);
	const memory = createKernelMemory(bytes);
	const kernels = instantiateKernels(await compileKernels(), memory);
	let used = 0;
	const take = (count: number): number => {
		const start = used;
		used += Math.ceil((4 * count) / 64) * 64;
		return start;
	};
	const groups = sizes.map((size) => ({
		size,
		weights: take(size),
		momentum: take(size),
		variance: take(size),
		gradient: take(size),
	}));
	const view = (start: number, size: number): Float32Array => new Float32Array(memory.buffer, start, size);
	for (const [group, { weights, size }] of groups.entries()) fillWeights(view(weights, size), group);
	for (let step = 1; step <= steps; step++) {
		let squares = 0;
		for (const [group, { gradient, size }] of groups.entries()) {
			fillGradient(view(gradient, size), step, group);
			squares += kernels.sumOfSquares(gradient, 1, size);
		}
		const norm = Math.sqrt(squares);
		const scalars = adamScalars(evaluationAdam, step, clipNorm === null || norm <= clipNorm ? 1 : clipNorm / norm);
		for (const { weights, momentum, variance, gradient, size } of groups)
			kernels.adam(weights, momentum, variance, gradient, size, ...scalars);
	}
	return groups.map(({ weights, size }) => view(weights, size).slice());
}

export async function runHere(here: Inputs['here'], context: RunContext): Promise<{ measured: MeasuredOutput; answer: string }> {
	const { subGroups, subGroupSize, link, steps, largestStride } = here;
	const sizes = Array.from({ length: subGroups }, () => subGroupSize);
	const strides = [null, ...Array.from({ length: largestStride - 1 }, (_, i) => i + 2)].filter(
		(stride) => stride === null || stride <= subGroups,
	);
	context.progress(0, 'plain Adam, to compare with');
	const expected = await plainAdam(sizes, steps, evaluationClipNorm);
	await context.pause();
	const rates = await measureLaneRates(
		sizes,
		{ adam: evaluationAdam, linkBytesPerSecond: link * 1e9, steps, largestStride: strides.at(-1) ?? 2 },
		context.signal,
	);
	const points: MeasuredOutput['points'] = [];
	let timeline: MeasuredOutput['timeline'] = [];
	for (const [index, stride] of strides.entries()) {
		const plan = planUpdate(sizes, 1, stride);
		context.progress((index + 1) / (strides.length + 1), stride === null ? 'default update' : `stride ${stride}`);
		const { measuredSteps, isExact, jobs } = await measure(plan, link * 1e9, steps, expected, context);
		const { makespanSeconds } = simulateUpdate(plan, stride === null ? rates.inline : rates.interleaved).schedule;
		points.push({
			stride,
			measured: undisturbed(measuredSteps.map((step) => step.seconds)),
			predicted: makespanSeconds,
			isExact,
		});
		if (stride === 2 || timeline.length === 0) {
			timeline = (measuredSteps.at(-1)?.reports ?? []).slice(0, 300).map(({ job, startSeconds, endSeconds }) => ({
				lane: LANES[jobs[job]?.lane ?? 0] as string,
				job: jobs[job]?.kind ?? '',
				start: startSeconds,
				end: endSeconds,
			}));
		}
	}
	context.progress(1, 'done');
	const parameters = subGroups * subGroupSize;
	const measured: MeasuredOutput = {
		parameters,
		cpuPerSecond: rates.interleaved.cpuPerSecond,
		gpuPerSecond: rates.interleaved.gpuPerSecond,
		linkBytesPerSecond: rates.interleaved.linkBytesPerSecond,
		points,
		timeline,
	};
	const best = [...points].sort((a, b) => a.measured - b.measured)[0];
	const exact = points.every(({ isExact }) => isExact)
		? 'all with the same bits as plain Adam'
		: 'NOT all with the bits of plain Adam';
	return {
		measured,
		answer: `Measured here: ${best?.stride === null ? 'the default update' : `stride ${best?.stride}`} is the fastest of ${points.length} at ${((best?.measured ?? 0) * 1000).toFixed(0)} ms for ${parameters} parameters, ${exact}.`,
	};
}

async function measure(
	plan: ReturnType<typeof planUpdate>,
	linkBytesPerSecond: number,
	steps: number,
	expected: readonly Float32Array[],
	context: RunContext,
) {
	const engine = await UpdateEngine.create({ plan, adam: evaluationAdam, clipNorm: evaluationClipNorm, linkBytesPerSecond });
	try {
		for (const group of plan.sizes.keys()) fillWeights(engine.weights(group), group);
		const measuredSteps: MeasuredStep[] = [];
		for (let step = 1; step <= steps; step++) {
			for (const group of plan.sizes.keys()) fillGradient(engine.gradient(group), step, group);
			measuredSteps.push(await engine.step(context.signal));
			await context.pause();
		}
		const isExact = expected.every((weights, group) => Buffer.compare(bytesOf(weights), bytesOf(engine.weights(group))) === 0);
		return { measuredSteps, isExact, jobs: engine.jobs };
	} finally {
		await engine.close();
	}
}

function bytesOf(values: Float32Array): Uint8Array {
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
