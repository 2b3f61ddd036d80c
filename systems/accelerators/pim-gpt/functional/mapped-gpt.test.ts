import { createRandom, InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { standardMemory } from '../hardware/hardware.ts';
import { machine } from '../test-data.ts';
import { exponential, inverseSquareRoot, reciprocal } from './asic-functions.ts';
import { MappedGpt } from './mapped-gpt.ts';
import { bankArithmetic, float64Arithmetic, largest, ReferenceGpt } from './reference-gpt.ts';
import { decodeWeights, encodeWeights, generateWeights } from './weights.ts';

const pause = async () => undefined;

test('64 greedy tokens through the banks: logits are the BF16 reference’s bit by bit, and float64’s within 2 %; the tokens agree', async () => {
	const weights = await generateWeights(
		{ layers: 2, width: 64, heads: 4, vocabulary: 256, positions: 128 },
		createRandom(7),
		pause,
	);
	const mapped = await MappedGpt.load(weights, machine('paper'), 128, pause);
	const same = new ReferenceGpt(weights, bankArithmetic(16, 1024), pause);
	const exact = new ReferenceGpt(weights, float64Arithmetic, pause);
	let token = 1;
	for (let step = 0; step < 64; step++) {
		const logits = await mapped.next(token);
		expect(logits).toEqual(await same.next(token));
		const real = await exact.next(token);
		const error = Math.hypot(...logits.map((value, i) => value - (real[i] as number))) / Math.hypot(...real);
		expect(error).toBeLessThan(0.02);
		token = largest(logits);
		expect(token).toBe(largest(real));
	}
});

test('any shape of memory and model: slices, heads that fill no column, part-filled blocks, one output a bank', async () => {
	const shapes = fc.record({
		channels: fc.integer({ min: 1, max: 4 }),
		wordsPerRow: fc.constantFrom(64, 128),
		bufferWords: fc.constantFrom(32, 64),
		wordsPerColumn: fc.constantFrom(8, 16, 32),
		heads: fc.integer({ min: 1, max: 4 }),
		headDim: fc.integer({ min: 2, max: 30 }),
		vocabulary: fc.integer({ min: 2, max: 100 }),
		seed: fc.nat(1000),
	});
	await fc.assert(
		fc.asyncProperty(shapes, async ({ heads, headDim, vocabulary, seed, ...shape }) => {
			const memory = { ...standardMemory, ...shape };
			const size = { layers: 1, width: heads * headDim, heads, vocabulary, positions: 50 };
			const weights = await generateWeights(size, createRandom(seed), pause);
			const mapped = await MappedGpt.load(weights, { ...machine('aim'), memory }, 40, pause);
			const same = new ReferenceGpt(weights, bankArithmetic(shape.wordsPerColumn, shape.bufferWords), pause, mapped.unbroken);
			for (let step = 0; step < 40; step++) {
				const token = (7 * step) % vocabulary;
				expect(await mapped.next(token)).toEqual(await same.next(token));
			}
		}),
		{ numRuns: 15, seed: 3 },
	);
});

test('a file of weights comes back as it was written, and says what is wrong with it', async () => {
	const weights = await generateWeights(
		{ layers: 1, width: 128, heads: 2, vocabulary: 50, positions: 8 },
		createRandom(1),
		pause,
	);
	const file = encodeWeights(weights);
	const decode = (bytes: Uint8Array, heads?: number) => decodeWeights(bytes.slice().buffer, 'w.safetensors', heads, pause);
	expect(await decode(file)).toEqual(weights);
	await expect(decode(file, 3)).rejects.toThrow(/functional.heads: found 3/);
	await expect(decode(file.slice(0, 100), 2)).rejects.toThrow(InputError);
	// A layer whose first tensor has another name is not left out, and what is no number is named.
	const renamed = file.slice();
	renamed[new TextDecoder('latin1').decode(file).indexOf('h.0.ln_1.weight')] = 'x'.charCodeAt(0);
	await expect(decode(renamed, 2)).rejects.toThrow(/h.0.ln_1.weight: found nothing/);
	const endless = file.slice();
	endless.set([0x80, 0x7f], file.length - 2);
	await expect(decode(endless, 2)).rejects.toThrow(/ln_f.bias: found Infinity/);
	await fc.assert(
		fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), async (at, value) => {
			const broken = file.slice();
			broken[at] = value;
			try {
				await decode(broken, 2);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 80 },
	);
});

test('the ASIC’s functions are as good as BF16 needs', () => {
	for (let x = -80; x <= 80; x += 0.37) {
		expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(2e-5);
		const positive = Math.exp(x / 4);
		expect(Math.abs(reciprocal(positive) * positive - 1)).toBeLessThan(1e-5);
		expect(Math.abs(inverseSquareRoot(positive) * Math.sqrt(positive) - 1)).toBeLessThan(1e-5);
	}
});
