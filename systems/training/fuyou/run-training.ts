/** Trains a small GPT from the files of this computer, one way after the other, and measures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type RunContext } from '@assay/contract';
import { compileKernels, defaultAdam, type GptShape, gptParameters } from '@assay/learning';
import type { Inputs } from './inputs.ts';
import { busyOf, digest, timelineOf, times } from './measured-figures.ts';
import type { Outputs, TrainedRun, TrainingOutput } from './outputs.ts';
import { timelineCsv } from './run-plan.ts';
import type { InMemoryCommand, InMemoryWorkerData } from './trainer/in-memory-worker.ts';
import { Lane, type Span } from './trainer/lane.ts';
import { totalStateBytes } from './trainer/memory-plan.ts';
import { ResidentSet } from './trainer/resident-set.ts';
import { stateLayout } from './trainer/state-layout.ts';
import type { StreamingOptions } from './trainer/streaming-options.ts';
import { type StepReport, StreamingTrainer } from './trainer/streaming-trainer.ts';
import { explainFullDrive, parentFolder, requireSpace } from './training-folder.ts';

const VOCABULARY = 256;
/** Larger models are not trained in memory for comparison: a kernel memory holds 4 GiB. */
const MOST_IN_MEMORY_BYTES = 2.5e9;
const MOST_TEXT_BYTES = 64 << 20;

const streamed = {
	'optimizer after backward': { mode: 'after-backward', readBeforeWrite: false },
	'optimizer inside backward': { mode: 'inside-backward', readBeforeWrite: true },
	'inside backward, writes as they come': { mode: 'inside-backward', readBeforeWrite: false },
} as const satisfies Record<string, Pick<StreamingOptions, 'mode' | 'readBeforeWrite'>>;

export async function runTraining(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { train } = inputs;
	const shape = shapeOf(train);
	const text = train.text === undefined ? undefined : await readText(train.text, train.sequenceTokens, context);
	const parent = await parentFolder(train.folder);
	const layout = stateLayout(shape);
	const total = totalStateBytes(layout);
	const stateCapBytes = train.stateCapMegabytes === undefined ? total / 4 : train.stateCapMegabytes * 1e6;
	await requireSpace(parent, 2 * layout.bytes + layout.bytes / 3);
	context.progress(0, 'compiling kernels');
	await compileKernels({ shared: true });
	await context.pause();

	const ways = train.keep ? (['optimizer inside backward'] as const) : (Object.keys(streamed) as (keyof typeof streamed)[]);
	const inMemory = !train.keep && total <= MOST_IN_MEMORY_BYTES;
	const count = ways.length + (inMemory ? 1 : 0);
	let done = 0;
	const advance = (way: string, step: number): void =>
		context.progress((done + step / train.steps) / (count + 0.001), `${way}: step ${step} of ${train.steps}`);
	const runs: TrainedRun[] = [];
	if (inMemory) {
		runs.push(await trainInMemory(shape, inputs, context, text, (step) => advance('in memory', step)));
		done++;
	}
	let resumedAtStep = 0;
	for (const way of ways) {
		const folder = train.keep ? join(parent, 'fuyou-training') : await mkdtemp(join(parent, 'assay-fuyou-'));
		const options: StreamingOptions = {
			folder,
			shape,
			seed: context.seed,
			adam: { ...defaultAdam, learningRate: train.learningRate },
			...streamed[way],
			keptItems: train.keptItems,
			stateCapBytes,
			activationCapBytes: train.activationCapMegabytes * 1e6,
			driveThreads: train.driveThreads,
			requestBytes: 1 << 20,
			throttleBytesPerSecond: train.throttleMegabytesPerSecond * 1e6,
			signal: context.signal,
			...(text !== undefined && { text }),
		};
		try {
			const { run, resumed } = await trainStreamed(way, options, train.steps, context, (step) => advance(way, step));
			runs.push(run);
			resumedAtStep = resumed;
		} catch (error) {
			throw explainFullDrive(error, parent, 2 * layout.bytes + layout.bytes / 3);
		} finally {
			if (!train.keep) await rm(folder, { recursive: true, force: true });
		}
		done++;
	}
	const last = runs.find(({ way }) => way === 'optimizer inside backward');
	if (last !== undefined) await context.artifact('timeline.csv', timelineCsv(last.timeline), 'text/csv');
	const training = summarize(runs, gptParameters(shape), total, stateCapBytes, resumedAtStep);
	context.progress(1, 'done');
	return { answer: answerOf(training), plan: null, training, drive: null };
}

async function trainInMemory(
	shape: GptShape,
	inputs: Inputs,
	context: RunContext,
	text: Uint8Array | undefined,
	onStep: (step: number) => void,
): Promise<TrainedRun> {
	const { train } = inputs;
	const spans: Span[] = [];
	const parameters = new Float32Array(new SharedArrayBuffer(4 * gptParameters(shape)));
	const data: InMemoryWorkerData = {
		module: await compileKernels(),
		shape,
		seed: context.seed,
		adam: { ...defaultAdam, learningRate: train.learningRate },
		text,
		parameters,
	};
	const resident = new ResidentSet();
	const lane = new Lane<InMemoryCommand>(
		'in memory',
		new URL('./trainer/in-memory-worker.ts', import.meta.url),
		data,
		1,
		(span) => spans.push(span),
	);
	const stop = (): void => void lane.close(context.signal.reason);
	context.signal.addEventListener('abort', stop, { once: true });
	try {
		const losses: number[] = [];
		for (let step = 1; step <= train.steps; step++) {
			losses.push(await lane.call({ do: 'step', step }));
			onStep(step);
			await context.pause();
		}
		const steps = [...spans];
		const memoryBytes = await lane.call({ do: 'copy parameters' });
		const seconds = steps.map(({ startMillis, endMillis }) => (endMillis - startMillis) / 1000);
		const span = steps.at(-1);
		return {
			way: 'in memory',
			measured: true,
			steps: train.steps,
			...times(seconds),
			losses,
			stateBytes: 16 * parameters.length,
			memoryBytes,
			residentGrowthBytes: Math.max(0, resident.stop()),
			parametersSha256: digest(parameters),
			busy: [{ lane: 'in memory', kind: 'step', seconds: times(seconds).medianSeconds }],
			timeline: span === undefined ? [] : timelineOf([span]),
		};
	} finally {
		resident.stop();
		context.signal.removeEventListener('abort', stop);
		await lane.close();
	}
}

async function trainStreamed(
	way: keyof typeof streamed,
	options: StreamingOptions,
	steps: number,
	context: RunContext,
	onStep: (step: number) => void,
): Promise<{ run: TrainedRun; resumed: number }> {
	const trainer = await StreamingTrainer.open(options);
	const resident = new ResidentSet();
	try {
		const resumed = trainer.steps;
		const reports: StepReport[] = [];
		for (let step = resumed + 1; step <= steps; step++) {
			reports.push(await trainer.step());
			onStep(step);
			await context.pause();
		}
		const seconds = reports.map((report) => report.seconds);
		const last = reports.at(-1);
		return {
			resumed,
			run: {
				way,
				measured: true,
				steps: trainer.steps,
				...times(seconds),
				losses: reports.map(({ loss }) => loss),
				stateBytes: trainer.plan.stateBytes,
				memoryBytes: trainer.memoryBytes,
				residentGrowthBytes: Math.max(0, resident.stop()),
				parametersSha256: digest(await trainer.parameters()),
				busy: last === undefined ? [] : busyOf(last.spans),
				timeline: last === undefined ? [] : timelineOf(last.spans),
			},
		};
	} finally {
		resident.stop();
		await trainer.close();
	}
}

function summarize(
	runs: TrainedRun[],
	parameters: number,
	totalStateBytes: number,
	stateCapBytes: number,
	resumedAtStep: number,
): TrainingOutput {
	const after = runs.find(({ way }) => way === 'optimizer after backward');
	const inside = runs.find(({ way }) => way === 'optimizer inside backward');
	const stateMoves = (after?.busy ?? []).filter(({ kind }) => kind === 'read state' || kind === 'write state');
	const moving = stateMoves.reduce((sum, { seconds }) => sum + seconds, 0);
	return {
		parameters,
		totalStateBytes,
		stateCapBytes,
		runs,
		sameBits: new Set(runs.map(({ parametersSha256 }) => parametersSha256)).size <= 1,
		speedup:
			after === undefined || inside === undefined || inside.medianSeconds === 0
				? null
				: after.medianSeconds / inside.medianSeconds,
		optimizerIoShare: after === undefined || after.medianSeconds === 0 ? null : moving / after.medianSeconds,
		resumedAtStep,
	};
}

function answerOf({ runs, sameBits, speedup, parameters, resumedAtStep }: TrainingOutput): string {
	const last = runs.at(-1);
	const what = `${(parameters / 1e6).toFixed(1)} M parameters trained from files`;
	if (speedup === null)
		return `${what}: ${last?.steps ?? 0} steps done, ${resumedAtStep} of them before; ${(last?.medianSeconds ?? 0).toFixed(2)} s a step (measured).`;
	const bits = sameBits ? 'all ways gave the same parameters, bit for bit' : 'the ways gave different parameters';
	return `${what}: with the optimizer inside backward a step is ${speedup.toFixed(2)} times as fast as with it after (measured); ${bits}.`;
}

function shapeOf(train: Inputs['train']): GptShape {
	const { layers, width, heads, batch, sequenceTokens } = train;
	if (width % heads !== 0) {
		let nearest = heads;
		while (width % nearest !== 0) nearest--;
		throw new InputError({
			path: ['train', 'heads'],
			found: String(heads),
			expected: `a divisor of the width, ${width}`,
			nearest: String(nearest),
		});
	}
	return { layers, width, heads, batch, sequenceTokens, hiddenWidth: 4 * width, vocabulary: VOCABULARY };
}

async function readText(reference: string, sequenceTokens: number, context: RunContext): Promise<Uint8Array> {
	const file = await context.open(reference);
	const bytes = new Uint8Array(await file.arrayBuffer(MOST_TEXT_BYTES));
	if (bytes.length < sequenceTokens + 2) {
		throw new InputError({
			path: [file.name],
			found: `${bytes.length} bytes`,
			expected: `at least ${sequenceTokens + 2}, one more than a sequence`,
		});
	}
	return bytes;
}
