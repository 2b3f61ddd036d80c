import { createRandom } from '@assay/contract';
import { compileKernels, createKernelMemory, defaultAdam, InMemoryTrainer, instantiateKernels } from '@assay/learning';
import { beforeAll, expect, test } from 'vitest';
import { StreamedTrainer } from './streamed-trainer.ts';
import { trainingTraffic } from './traffic.ts';

const shape = { batch: 2, sequenceTokens: 8, width: 16, heads: 2, hiddenWidth: 32, layers: 5, vocabulary: 20 };
const adam = { ...defaultAdam, learningRate: 1e-2, weightDecay: 0.1 };
let module: WebAssembly.Module;
beforeAll(async () => {
	module = await compileKernels();
});
const kernels = () => instantiateKernels(module, createKernelMemory(1 << 20));

function batches(steps: number): [Int32Array, Int32Array][] {
	const random = createRandom(4);
	return Array.from({ length: steps }, () => {
		const text = Int32Array.from({ length: 17 }, () => random.integer(shape.vocabulary));
		return [text.slice(0, 16), text.slice(1)];
	});
}

test.each([
	[1, 'host'],
	[2, 'host'],
	[5, 'host'],
	[1, 'device'],
	[2, 'device'],
	[5, 'device'],
] as const)(
	'a window of %i with the optimizer on the %s: the same bits as resident training after 20 steps',
	(window, optimizer) => {
		const resident = new InMemoryTrainer(kernels(), shape, { seed: 3, adam });
		const streamed = new StreamedTrainer(kernels(), kernels(), shape, { seed: 3, adam, window, optimizer });
		for (const [tokens, targets] of batches(20)) {
			expect(streamed.step(tokens, targets)).toBe(resident.step(tokens, targets));
			const { unitsIn, unitsOut } = streamed.traffic;
			if (!(window === shape.layers && optimizer === 'device'))
				expect({ unitsIn, unitsOut }).toEqual(trainingTraffic(shape.layers, window, optimizer));
		}
		expect(streamed.parameters()).toEqual(resident.weights);
		const { momentsIn, momentsOut } = streamed.traffic;
		expect([momentsIn, momentsOut]).toEqual(optimizer === 'device' ? [shape.layers, shape.layers] : [0, 0]);
	},
);

test('each further slot takes the memory of one block on the device', () => {
	const bytes = [1, 2, 3].map(
		(window) => new StreamedTrainer(kernels(), kernels(), shape, { seed: 3, adam, window, optimizer: 'host' }).deviceBytes,
	);
	const block = 4 * (4 * 16 * 16 + 2 * 16 * 32 + 4 * 16 + 16 + 32 + 4 * 16);
	expect((bytes[1] as number) - (bytes[0] as number)).toBeGreaterThanOrEqual(block);
	expect((bytes[1] as number) - (bytes[0] as number)).toBeLessThan(block + 64);
	expect((bytes[2] as number) - (bytes[1] as number)).toBe((bytes[1] as number) - (bytes[0] as number));
});

test('windows that do not exist', () => {
	const make = (window: number) => () =>
		new StreamedTrainer(kernels(), kernels(), shape, { seed: 1, adam, window, optimizer: 'host' });
	expect(make(0)).toThrow(RangeError);
	expect(make(6)).toThrow(RangeError);
});
