import { createRandom } from '@assay/contract';
import { blockFloatingPoint, Conversions } from '@assay/numerics';
import { beforeAll, describe, expect, test } from 'vitest';
import { blockCodec } from './key-codec.ts';
import { rivalCodecs } from './rival-codecs.ts';

let conversions: Conversions;
beforeAll(async () => {
	conversions = await Conversions.create();
});

test('blocks of one value are the library’s floats: its four test vectors', () => {
	const read = (mantissaBits: number, value: number) => {
		const out = new Float32Array(1);
		blockCodec({ mantissaBits, blockSize: 1 }, conversions).quantize(Float32Array.of(value), out);
		return out[0];
	};
	expect(read(8, 1 + 2 ** -7)).toBe(1);
	expect(read(8, 1 + 2 ** -6 + 2 ** -7)).toBe(1.03125);
	expect(read(4, 1 + 2 ** -3)).toBe(1);
	expect(read(4, 1 + 2 ** -2 + 2 ** -3)).toBe(1.5);
});

test('dmx-compatible differs from exact in fewer than 1e-4 of 10^6 values, and by no more than a step', () => {
	const random = createRandom(5);
	const [count, blockSize, mantissaBits] = [2 ** 20, 32, 4];
	const values = Float32Array.from({ length: count }, () => random.normal());
	const [exact, dmx] = [new Float32Array(count), new Float32Array(count)];
	const blocks = blockFloatingPoint({ mantissaBits, blockSize });
	blockCodec({ mantissaBits, blockSize }, conversions).quantize(values, exact);
	blockCodec({ mantissaBits, blockSize, arithmetic: 'dmx-compatible' }, conversions).quantize(values, dmx);
	const { exponents } = blocks.encode(values);
	let different = 0;
	let steps = 0;
	for (let i = 0; i < count; i++) {
		if (exact[i] === dmx[i]) continue;
		different++;
		const step = 2 ** ((exponents[Math.floor(i / blockSize)] as number) - 127 - (mantissaBits - 2));
		steps = Math.max(steps, Math.abs((exact[i] as number) - (dmx[i] as number)) / step);
	}
	expect(different / count).toBeLessThan(1e-4);
	expect(steps).toBeLessThanOrEqual(1);
});

test('keys by WebAssembly are those by the definition, in all sizes and mantissas that both have', () => {
	const random = createRandom(6);
	const keys = Float32Array.from({ length: 64 * 128 }, () => random.normal() * Math.exp(2 * random.normal()));
	for (const mantissaBits of [2, 3, 4, 6, 8])
		for (const blockSize of [2, 16, 32, 128]) {
			const [kernel, definition] = [new Float32Array(keys.length), new Float32Array(keys.length)];
			blockCodec({ mantissaBits, blockSize }, conversions).quantize(keys, kernel);
			blockFloatingPoint({ mantissaBits, blockSize }).quantize(keys, definition);
			expect(kernel).toEqual(definition);
		}
});

/** Mean noise of unit normal values times a scale, over the scale's square, by integration: no codec is involved. */
function expectedNoise(bits: number, blockSize: number): number {
	const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
	const width = 6 / 600;
	const points = Array.from({ length: 600 }, (_, i) => (i + 0.5) * width);
	// Probability that a magnitude lies below each point.
	let below = 0;
	const cumulative = points.map((x) => {
		const here = below + density(x) * width;
		below += 2 * density(x) * width;
		return here;
	});
	let noise = 0;
	const phases = 24;
	for (let phase = 0; phase < phases; phase++) {
		const scale = 2 ** ((phase + 0.5) / phases);
		// Integrals over magnitudes up to a largest one, for each step that its exponent may set.
		const partial = new Map<number, { at: number; sum: number }>();
		for (const [index, largest] of points.entries()) {
			const exponent = Math.floor(Math.log2(largest * scale));
			const step = 2 ** (exponent - bits + 2);
			const lost = (x: number): number => {
				const mantissa = Math.min(2 ** (bits - 1) - 1, Math.round((x * scale) / step));
				return ((mantissa * step) / scale - x) ** 2;
			};
			const held = partial.get(exponent) ?? { at: 0, sum: 0 };
			for (; held.at < index; held.at++)
				held.sum += 2 * density(points[held.at] as number) * lost(points[held.at] as number) * width;
			partial.set(exponent, held);
			const inside = cumulative[index] as number;
			const probability = blockSize * 2 * density(largest) * inside ** (blockSize - 1) * width;
			noise += (probability * (lost(largest) + (blockSize - 1) * (held.sum / inside))) / blockSize / phases;
		}
	}
	return noise;
}

describe('signal to noise of unit normal rows of log-normal scale, dB, against an integral', () => {
	// The figures are ratios of all signal to all noise of one draw, which the largest rows make up.
	test.each([
		[4, 16, 18.8],
		[4, 32, 18.02],
		[4, 64, 17.22],
		[4, 128, 16.39],
		[8, 16, 42.98],
		[8, 32, 42.0],
		[8, 64, 41.07],
		[8, 128, 40.51],
	])(
		'%i bits in blocks of %i: the mean over rows within 0.1 dB; %d is within two deviations of a ratio over all rows',
		(mantissaBits, blockSize, tabulated) => {
			const random = createRandom(8);
			const [rows, width] = [4096, 128];
			const values = new Float32Array(rows * width);
			const scales = Float64Array.from({ length: rows }, () => Math.exp(random.normal()));
			for (let i = 0; i < values.length; i++) values[i] = (scales[Math.floor(i / width)] as number) * random.normal();
			const out = new Float32Array(values.length);
			blockCodec({ mantissaBits, blockSize }, conversions).quantize(values, out);
			const [noise, signal] = [new Float64Array(rows), new Float64Array(rows)];
			for (let i = 0; i < values.length; i++) {
				const row = Math.floor(i / width);
				noise[row] = (noise[row] as number) + ((out[i] as number) - (values[i] as number)) ** 2;
				signal[row] = (signal[row] as number) + (values[i] as number) ** 2;
			}
			const expected = expectedNoise(mantissaBits, blockSize);
			const mean = noise.reduce((sum, one, row) => sum + one / (scales[row] as number) ** 2, 0) / values.length;
			expect(Math.abs(10 * Math.log10(mean / expected))).toBeLessThan(0.1);
			// Standard error of a ratio of sums, by the deviations of noise from its share of the signal.
			const all = signal.reduce((sum, one) => sum + one, 0);
			const squares = noise.reduce((sum, one, row) => sum + (one - expected * (signal[row] as number)) ** 2, 0);
			const deviation = (10 / Math.LN10) * (Math.sqrt(squares) / all / expected);
			expect(Math.abs(tabulated + 10 * Math.log10(expected)) / deviation).toBeLessThan(2);
		},
	);
});

test('a rotated head of one channel alone is spread evenly: a Hadamard rotation keeps it within a step', () => {
	const [hadamard] = rivalCodecs(16, { mantissaBits: 4, blockSize: 16 }, conversions);
	const keys = new Float32Array(16);
	keys[3] = 4;
	const out = new Float32Array(16);
	hadamard?.quantize(keys, out);
	expect(out).toEqual(keys);
});

test('rivals bring constant keys back, or nearly', () => {
	const keys = new Float32Array(64 * 32).fill(1.5);
	for (const codec of rivalCodecs(32, { mantissaBits: 4, blockSize: 16 }, conversions)) {
		const out = new Float32Array(keys.length);
		codec.quantize(keys, out);
		for (const value of out) expect(Math.abs(value - 1.5), codec.name).toBeLessThan(0.3);
	}
});
