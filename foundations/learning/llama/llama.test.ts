import { createRandom } from '@assay/contract';
import { beforeAll, expect, test } from 'vitest';
import { defaultAdam } from '../adam.ts';
import { compileKernels } from '../kernels/compile.ts';
import { createKernelMemory, instantiateKernels } from '../kernels/kernels.ts';
import { referenceLlamaLoss } from '../testing/reference-llama.ts';
import { Llama } from './llama.ts';
import { type LlamaShape, llamaParameters, llamaTensors } from './llama-shape.ts';

const shape: LlamaShape = {
	batch: 2,
	sequenceTokens: 5,
	width: 24,
	layers: 2,
	heads: 4,
	keyValueHeads: 2,
	hiddenWidth: 20,
	vocabulary: 11,
	ropeBase: 100,
};
const tokens = Int32Array.of(1, 5, 3, 3, 0, 10, 9, 2, 2, 7);
const targets = Int32Array.of(5, 3, 3, 0, 4, 9, 2, 2, 7, 1);

let module: WebAssembly.Module;
beforeAll(async () => {
	module = await compileKernels();
});

/** A model whose weights are large enough that every path carries a gradient. */
function model(of: LlamaShape = shape): Llama {
	const made = new Llama(instantiateKernels(module, createKernelMemory(1 << 20)), of, { seed: 3 });
	const random = createRandom(17);
	made.parameters.forEach((value, i, all) => {
		all[i] = value + 0.3 * random.normal();
	});
	return made;
}

for (const keyValueHeads of [4, 2, 1]) {
	test(`loss and every gradient agree with central differences in float64: 4 query heads, ${keyValueHeads} key heads`, () => {
		const of = { ...shape, keyValueHeads };
		const ours = model(of);
		const parameters = Float64Array.from(ours.parameters);
		const loss = ours.computeGradients(tokens, targets);
		expect(loss).toBeCloseTo(referenceLlamaLoss(of, parameters, tokens, targets), 5);
		const gradients = ours.gradients;
		const magnitude = Math.sqrt(gradients.reduce((sum, value) => sum + value * value, 0) / gradients.length);
		expect(ours.gradientNorm()).toBeCloseTo(magnitude * Math.sqrt(gradients.length), 4);
		const step = 1e-5;
		// Every tensor; of the large ones every seventh element.
		for (const { name, offset, length } of llamaTensors(of)) {
			let largest = 0;
			for (let i = offset; i < offset + length; i += length > 100 ? 7 : 1) {
				const kept = parameters[i] as number;
				parameters[i] = kept + step;
				const above = referenceLlamaLoss(of, parameters, tokens, targets);
				parameters[i] = kept - step;
				const below = referenceLlamaLoss(of, parameters, tokens, targets);
				parameters[i] = kept;
				largest = Math.max(largest, Math.abs((gradients[i] as number) - (above - below) / (2 * step)));
			}
			expect(largest / magnitude, name).toBeLessThan(2e-4);
		}
	});
}

test('training lowers the loss, and twice the same run gives the same bits', () => {
	const run = () => {
		const one = new Llama(instantiateKernels(module, createKernelMemory(1 << 20)), shape, { seed: 5 });
		const losses = Array.from({ length: 60 }, (_, step) => {
			const loss = one.computeGradients(tokens, targets, step);
			one.applyGradients({ ...defaultAdam, learningRate: 1e-2, weightDecay: 0.1 }, step + 1);
			return loss;
		});
		return { losses, measured: one.measureLoss(tokens, targets), parameters: one.parameters.slice() };
	};
	const [first, again] = [run(), run()];
	expect(first).toEqual(again);
	expect(first.losses[0]).toBeCloseTo(Math.log(shape.vocabulary), 1);
	expect(first.measured).toBeLessThan(0.3);
});

test('an observer sees keys and gradients and may change what attention sees', () => {
	const ours = model();
	const exact = ours.measureLoss(tokens, targets);
	const seen: number[] = [];
	const layers: number[] = [];
	const without = ours.computeGradients(tokens, targets, 0, {
		attention: (layer, { keys }) => {
			seen.push(layer, keys.rowLength);
		},
		inputGradient: (layer) => layers.push(layer),
	});
	expect(without).toBe(exact);
	expect(seen).toEqual([0, 12, 1, 12]);
	expect(layers).toEqual([1, 0]);
});

test('parameters are as many as the closed form says', () => {
	const { vocabulary: v, width: d, layers, hiddenWidth: h } = shape;
	expect(llamaParameters(shape)).toBe(2 * v * d + d + layers * (2 * d + 2 * d * d + 2 * d * 12 + 3 * d * h));
	const tensors = llamaTensors(shape);
	expect(tensors.reduce((sum, { length }) => sum + length, 0)).toBe(llamaParameters(shape));
	for (const { shape: sizes, length } of tensors) expect(sizes.reduce((a, b) => a * b)).toBe(length);
});

test('heads must fit the width, and tokens the vocabulary and the batch', () => {
	expect(() => model({ ...shape, heads: 5 })).toThrow(RangeError);
	expect(() => model({ ...shape, keyValueHeads: 3 })).toThrow(RangeError);
	expect(() => model().measureLoss(Int32Array.of(1), targets)).toThrow('1 tokens for a batch of 10');
	expect(() => model().measureLoss(tokens.with(3, 11), targets)).toThrow('no token 11');
});
