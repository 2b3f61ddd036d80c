import { createRandom } from '@assay/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { dataFile, dataMissing, pause, referenceOutputs } from '../test-data.ts';
import { type ForwardResult, forward, SequenceState } from './forward.ts';
import { generate } from './generate.ts';
import { erf } from './kernels.ts';
import { readZayaConfig } from './zaya-config.ts';
import { configOfTensors, readFloatTensors, type ZayaWeights, zayaWeights } from './zaya-weights.ts';

if (dataMissing !== undefined) console.log(`skipped: the model against the reference implementation (${dataMissing})`);

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
	expect(a.length).toBe(b.length);
	let largest = 0;
	for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
	return largest;
};

/** Largest difference over the largest magnitude. */
const relativeDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
	largestDifference(a, b) / Array.from(b).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

describe.skipIf(dataMissing !== undefined)('a tiny model against the reference implementation', () => {
	let weights: ZayaWeights;
	let expected: ReturnType<typeof referenceOutputs.parse>;
	const full: ForwardResult[] = [];

	beforeAll(async () => {
		expected = referenceOutputs.parse(JSON.parse(await (await dataFile('zaya_tiny_expected.json')).text()));
		const tensors = await readFloatTensors(await dataFile('zaya_tiny.safetensors'));
		weights = zayaWeights(tensors, readZayaConfig(expected.config, 'config'), 'zaya_tiny.safetensors');
		for (const ids of expected.input_ids) {
			full.push(await forward(weights, ids, new SequenceState(weights.config), { inspect: true }));
		}
	});

	test('the tensors alone tell the shape', async () => {
		const tensors = await readFloatTensors(await dataFile('zaya_tiny.safetensors'));
		expect(configOfTensors(tensors, 'zaya_tiny.safetensors')).toEqual({ ...weights.config, contextTokens: 131_072 });
	});

	test('logits within 2e-4', () => {
		const logits = full.flatMap((one) => [...one.logits]);
		expect(largestDifference(logits, expected.logits)).toBeLessThan(2e-4);
	});

	test('every expert chosen alike, hidden states within 1e-4 of their size, router within 1e-5', () => {
		for (let layer = 0; layer < 3; layer++) {
			const reference = expected.layers[layer];
			if (reference === undefined) throw new Error('no layer');
			expect(full.flatMap((one) => [...(one.routing[layer]?.experts ?? [])])).toEqual(reference.router_expert);
			const hidden = full.flatMap((one) => [...(one.hiddenStates[layer] ?? [])]);
			expect(relativeDifference(hidden, reference.hidden_after_layer)).toBeLessThan(1e-4);
			const probabilities = full.flatMap((one) => [...(one.routing[layer]?.probabilities ?? [])]);
			expect(largestDifference(probabilities, reference.router_softmax)).toBeLessThan(1e-5);
			const chosen = full.flatMap((one) => [...(one.routing[layer]?.weights ?? [])]);
			expect(largestDifference(chosen, reference.router_weight)).toBeLessThan(1e-5);
		}
	});

	test('eight tokens and then one by one, with what is remembered, is the pass over all, and the reference’s own decoding', async () => {
		for (const [sequence, ids] of expected.input_ids.entries()) {
			const state = new SequenceState(weights.config, 1);
			const parts = [await forward(weights, ids.slice(0, 8), state, { inspect: true })];
			for (const id of ids.slice(8)) parts.push(await forward(weights, [id], state, { inspect: true }));
			const logits = parts.flatMap((part) => [...part.logits]);
			expect(relativeDifference(logits, full[sequence]?.logits ?? [])).toBeLessThan(1e-4);
			for (const [step, part] of parts.entries()) {
				for (let layer = 0; layer < 3; layer++) {
					const reference = expected.layers[3 * (step + 1) + layer]?.hidden_after_layer ?? [];
					const mine = reference.slice((sequence * reference.length) / 2, ((sequence + 1) * reference.length) / 2);
					expect(relativeDifference(part.hiddenStates[layer] ?? [], mine)).toBeLessThan(1e-4);
				}
			}
		}
	});

	test('one token at a time from the start gives the same', async () => {
		const [ids] = expected.input_ids;
		const state = new SequenceState(weights.config);
		const logits: number[] = [];
		for (const id of ids ?? []) logits.push(...(await forward(weights, [id], state)).logits);
		expect(relativeDifference(logits, full[0]?.logits ?? [])).toBeLessThan(1e-4);
	});

	test('padding on the left changes nothing', async () => {
		const [ids = []] = expected.input_ids;
		for (const pads of [1, 2, 5]) {
			const padded = [...new Array<number>(pads).fill(7), ...ids];
			const padding = padded.map((_, i) => i < pads);
			const result = await forward(weights, padded, new SequenceState(weights.config), { padding });
			const logits = result.logits.subarray(pads * weights.config.vocabulary);
			expect(relativeDifference(logits, full[0]?.logits ?? [])).toBeLessThan(1e-4);
		}
	});

	test('greedy generation takes the likeliest token of each pass, and a seed fixes a draw', async () => {
		const options = { newTokens: 5, temperature: 0, topK: 0, random: createRandom(1), pause };
		const greedy = await generate(weights, [1, 2, 3], options);
		const sequence = [1, 2, 3];
		for (const token of greedy.tokens) {
			const { logits } = await forward(weights, sequence, new SequenceState(weights.config), { lastOnly: true });
			expect(token).toBe(logits.indexOf(Math.max(...logits)));
			sequence.push(token);
		}
		const draw = async (seed: number) =>
			(await generate(weights, [1], { ...options, temperature: 20, random: createRandom(seed) })).tokens;
		expect(await draw(3)).toEqual(await draw(3));
		expect(await draw(3)).not.toEqual(await draw(4));
		expect(greedy.load.every((counts) => counts.reduce((a, b) => a + b) === 7)).toBe(true);
	});

	test('a tensor that is missing or has another shape is named', async () => {
		const tensors = await readFloatTensors(await dataFile('zaya_tiny.safetensors'));
		expect(() => zayaWeights(tensors, { ...weights.config, experts: 5 }, 'a')).toThrow(
			/gate.*router_mlp.out_proj.weight.*\[6, 8\]/,
		);
		tensors.delete('model.norm.weight');
		expect(() => zayaWeights(tensors, weights.config, 'a')).toThrow(/a, model.norm.weight: found nothing/);
	});
});

test('the error function agrees with published digits', () => {
	// Abramowitz and Stegun, table 7.1.
	expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
	expect(erf(1)).toBeCloseTo(0.8427007929, 10);
	expect(erf(-2)).toBeCloseTo(-0.995322265, 9);
	expect(erf(3)).toBeCloseTo(0.9999779095, 10);
	expect(erf(2.5)).toBeCloseTo(erf(2.4999999999), 9);
});
