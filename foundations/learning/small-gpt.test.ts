import { createRandom } from '@assay/contract';
import { beforeAll, expect, test } from 'vitest';
import { defaultAdam } from './adam.ts';
import { InMemoryTrainer } from './in-memory-trainer.ts';
import { compileKernels } from './kernels/compile.ts';
import { createKernelMemory, instantiateKernels, type Kernels } from './kernels/kernels.ts';
import { Arena, addresses } from './memory-layout.ts';
import { gptParameters, initializeSegment, segmentLayouts } from './small-gpt.ts';
import { referenceLoss } from './testing/reference-gpt.ts';
import { blockWeightLayout, type Saved, savedItems, savedLayout, TransformerBlock } from './transformer-block.ts';

const shape = { batch: 2, sequenceTokens: 5, width: 12, heads: 3, hiddenWidth: 20, layers: 2, vocabulary: 11 };
const tokens = Int32Array.of(1, 5, 3, 3, 0, 10, 9, 2, 2, 7);
const targets = Int32Array.of(5, 3, 3, 0, 4, 9, 2, 2, 7, 1);

let module: WebAssembly.Module;
const fresh = (): Kernels => instantiateKernels(module, createKernelMemory(1 << 20));
beforeAll(async () => {
	module = await compileKernels();
});

/** A trainer whose weights are large enough that every path carries a gradient. */
function trainer(): InMemoryTrainer {
	const made = new InMemoryTrainer(fresh(), shape, { seed: 3, adam: defaultAdam });
	const random = createRandom(17);
	const { weights } = made;
	for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) + 0.3 * random.normal();
	return made;
}

test('loss and every gradient agree with central differences of a float64 implementation', () => {
	const ours = trainer();
	const parameters = Float64Array.from(ours.weights);
	const loss = ours.computeGradients(tokens, targets);
	expect(loss).toBeCloseTo(referenceLoss(shape, parameters, tokens, targets), 5);
	const step = 1e-5;
	let largest = 0;
	const gradients = ours.latestGradients;
	for (let i = 0; i < parameters.length; i++) {
		const kept = parameters[i] as number;
		parameters[i] = kept + step;
		const above = referenceLoss(shape, parameters, tokens, targets);
		parameters[i] = kept - step;
		const below = referenceLoss(shape, parameters, tokens, targets);
		parameters[i] = kept;
		largest = Math.max(largest, Math.abs((gradients[i] as number) - (above - below) / (2 * step)));
	}
	const magnitude = Math.sqrt(gradients.reduce((sum, value) => sum + value * value, 0) / gradients.length);
	expect(magnitude).toBeGreaterThan(1e-3);
	expect(largest / magnitude).toBeLessThan(2e-4);
});

test('whatever is kept and whatever is computed again, gradients are the same bits', () => {
	const kernels = fresh();
	const arena = new Arena(kernels.memory);
	const block = new TransformerBlock(kernels, shape, arena);
	const rows = shape.batch * shape.sequenceTokens * shape.width;
	const length = blockWeightLayout(shape).length;
	const [weights, gradients] = [arena.floats(length), arena.floats(length)];
	const [input, output, incoming, outgoing] = [arena.floats(rows), arena.floats(rows), arena.floats(rows), arena.floats(rows)];
	const items = addresses(savedLayout(shape), arena.floats(savedLayout(shape).length));
	const random = createRandom(1);
	for (const [at, count] of [
		[weights, length],
		[input, rows],
		[incoming, rows],
	] as const)
		arena.view(at, count).forEach((_, i, all) => {
			all[i] = random.normal() / 3;
		});
	const results = Array.from({ length: 2 ** savedItems.length }, (_, mask) => {
		const saved: Saved = Object.fromEntries(savedItems.filter((_, bit) => mask & (1 << bit)).map((name) => [name, items[name]]));
		block.forward(weights, input, output, saved);
		const result = arena.view(output, rows).slice();
		// Other layers' passes lie between a block's forward and its backward.
		block.forward(weights, incoming, outgoing);
		arena.view(gradients, length).fill(0);
		block.backward(weights, input, saved, incoming, outgoing, gradients);
		return [result, arena.view(outgoing, rows).slice(), arena.view(gradients, length).slice()];
	});
	for (const result of results) expect(result).toEqual(results[0]);
});

test('a segment starts from the same values whichever order segments are made in', () => {
	const layouts = segmentLayouts(shape);
	const make = (segment: number) => {
		const values = new Float32Array(layouts[segment]?.length ?? 0);
		initializeSegment(shape, segment, 9, values);
		return values;
	};
	const forwards = layouts.map((_, segment) => make(segment));
	const backwards = layouts.map((_, index) => make(layouts.length - 1 - index)).reverse();
	expect(forwards).toEqual(backwards);
	expect(forwards[1]).not.toEqual(forwards[2]);
	expect(gptParameters(shape)).toBe(forwards.reduce((sum, { length }) => sum + length, 0));
	expect(() => initializeSegment(shape, 7, 9, new Float32Array(1))).toThrow(RangeError);
});

test('training lowers the loss, and twice the same run gives the same bits', () => {
	const run = () => {
		const one = new InMemoryTrainer(fresh(), shape, { seed: 5, adam: { ...defaultAdam, learningRate: 1e-2 } });
		const losses = Array.from({ length: 60 }, () => one.step(tokens, targets));
		return { losses, weights: one.weights.slice() };
	};
	const [first, again] = [run(), run()];
	expect(first).toEqual(again);
	expect(first.losses[0]).toBeCloseTo(Math.log(shape.vocabulary), 1);
	expect(first.losses.at(-1)).toBeLessThan(0.3);
});

test('heads must divide the width', () => {
	const kernels = fresh();
	expect(() => new TransformerBlock(kernels, { ...shape, heads: 5 }, new Arena(kernels.memory))).toThrow(RangeError);
});
