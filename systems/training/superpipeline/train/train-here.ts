/** Trains a small GPT resident and through windows, and compares every parameter. */
import { createRandom, InputError, type RunContext } from '@assay/contract';
import {
	compileKernels,
	createKernelMemory,
	defaultAdam,
	type GptShape,
	gptParameters,
	InMemoryTrainer,
	instantiateKernels,
} from '@assay/learning';
import type { Inputs } from '../inputs.ts';
import type { Outputs, Trained } from '../outputs.ts';
import { StreamedTrainer } from './streamed-trainer.ts';
import { trainingTraffic } from './traffic.ts';

const VOCABULARY = 64;

export async function trainHere({ train }: Inputs, context: RunContext): Promise<Outputs> {
	const shape = shapeOf(train);
	context.progress(0, 'compiling kernels');
	const module = await compileKernels();
	await context.pause();
	const kernels = () => instantiateKernels(module, createKernelMemory(1 << 20));
	const adam = { ...defaultAdam, learningRate: 3e-3 };
	const { seed } = context;
	const deviceKernels = kernels();
	const resident = new InMemoryTrainer(deviceKernels, shape, { seed, adam });
	const ways = [
		...[...new Set([1, train.window, shape.layers])].map((window) => ({ window, optimizer: 'host' as const })),
		{ window: train.window, optimizer: 'device' as const },
	].map((way) => ({ ...way, trainer: new StreamedTrainer(kernels(), kernels(), shape, { seed, adam, ...way }) }));
	const losses: Trained['losses'] = [];
	const same = ways.map(() => true);
	for (let step = 1; step <= train.steps; step++) {
		const [tokens, targets] = batchOf(shape, context, step);
		const loss = resident.step(tokens, targets);
		losses.push({ step, loss });
		for (const [i, { trainer }] of ways.entries()) {
			if (trainer.step(tokens, targets) !== loss) same[i] = false;
			await context.pause();
		}
		context.progress((0.98 * step) / train.steps, `step ${step} of ${train.steps}`);
	}
	const reference = resident.weights;
	const trained: Trained = {
		parameters: gptParameters(shape),
		steps: train.steps,
		firstLoss: losses[0]?.loss ?? 0,
		lastLoss: losses.at(-1)?.loss ?? 0,
		residentBytes: deviceKernels.memory.buffer.byteLength,
		runs: ways.map(({ window, optimizer, trainer }, i) => {
			const parameters = trainer.parameters();
			const expected = trainingTraffic(shape.layers, window, optimizer);
			return {
				way: `window of ${window}, optimizer on the ${optimizer}`,
				window,
				optimizer,
				sameBits:
					same[i] === true &&
					Buffer.from(parameters.buffer).equals(Buffer.from(reference.buffer, reference.byteOffset, reference.byteLength)),
				unitsIn: trainer.traffic.unitsIn,
				unitsOut: trainer.traffic.unitsOut,
				expectedIn: expected.unitsIn,
				expectedOut: expected.unitsOut,
				deviceBytes: trainer.deviceBytes,
				hostBytes: trainer.hostBytes,
			};
		}),
		losses: losses.filter((_, i) => i % Math.ceil(losses.length / 500) === 0),
	};
	context.progress(1, 'done');
	const all = trained.runs.every(({ sameBits }) => sameBits);
	return {
		mode: 'train-here',
		answer: `After ${train.steps} steps ${all ? `all ${trained.parameters} parameters are the same bits in every window as in resident training` : 'parameters differ from resident training'}; traffic is ${trained.runs.every((one) => one.unitsIn === one.expectedIn && one.unitsOut === one.expectedOut) ? 'what the formulas say' : 'not what the formulas say'}.`,
		notes: [
			'Host and device are two memories of this process: weights and gradients are really copied, but not beside the computing, so no times are given.',
		],
		units: [],
		planned: null,
		ran: null,
		trained,
	};
}

function shapeOf(train: Inputs['train']): GptShape {
	const { blocks, width, tokens, batch, window } = train;
	if (width % 16 !== 0)
		throw new InputError({
			path: ['train', 'width'],
			found: String(width),
			expected: 'a multiple of 16',
			nearest: String(Math.max(16, 16 * Math.round(width / 16))),
		});
	if (window > blocks)
		throw new InputError({
			path: ['train', 'window'],
			found: String(window),
			expected: `at most the ${blocks} blocks there are`,
			nearest: String(blocks),
		});
	return {
		batch,
		sequenceTokens: tokens,
		width,
		heads: width / 16,
		hiddenWidth: 4 * width,
		layers: blocks,
		vocabulary: VOCABULARY,
	};
}

/** Text in which each token follows from the one before by a fixed rule, with some noise. */
function batchOf(shape: GptShape, context: RunContext, step: number): [Int32Array, Int32Array] {
	const random = createRandom(context.seed).fork(`batch ${step}`);
	const { batch, sequenceTokens } = shape;
	const tokens = new Int32Array(batch * sequenceTokens);
	const targets = new Int32Array(batch * sequenceTokens);
	for (let row = 0; row < batch; row++) {
		let token = random.integer(VOCABULARY);
		for (let i = 0; i < sequenceTokens; i++) {
			tokens[row * sequenceTokens + i] = token;
			token = random.uniform() < 0.9 ? (5 * token + 3) % VOCABULARY : random.integer(VOCABULARY);
			targets[row * sequenceTokens + i] = token;
		}
	}
	return [tokens, targets];
}
