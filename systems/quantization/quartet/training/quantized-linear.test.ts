import { createRandom } from '@assay/contract';
import {
	Arena,
	compileKernels,
	createKernelMemory,
	exactLinear,
	instantiateKernels,
	type Linear,
	type LinearShape,
	type MakeLinear,
} from '@assay/learning';
import { hadamardTransform } from '@assay/numerics';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileQuantizers, instantiateQuantizers, type QuantizerKernels } from '../quantizers/kernel.ts';
import { quantizer } from '../quantizers/quantizer.ts';
import { quantizeReference } from '../quantizers/reference.ts';
import { randomRotation } from '../quantizers/rotation.ts';
import { quantizedLinear } from './quantized-linear.ts';
import { type Scheme, type SchemeName, scheme, schemeNames } from './scheme.ts';

let learning: WebAssembly.Module;
let compiled: WebAssembly.Module;
beforeAll(async () => {
	[learning, compiled] = await Promise.all([compileKernels(), compileQuantizers()]);
});

const shape: LinearShape = { rows: 64, inputs: 96, outputs: 32 };

interface Results {
	readonly out: Float32Array;
	readonly dx: Float32Array;
	readonly dWeight: Float32Array;
}

const random = createRandom(3);
const normal = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const x = normal(shape.rows * shape.inputs);
const weight = normal(shape.outputs * shape.inputs);
const dy = normal(shape.rows * shape.outputs);

/** Products of one layer on the data above; the weight's gradient is added to ones. */
function products(make: MakeLinear, step = 0, name = '0.query', of = { x, weight, dy }): Results {
	const kernels = instantiateKernels(learning, createKernelMemory(1 << 20));
	const arena = new Arena(kernels.memory, 64);
	const put = (values: Float32Array) => {
		const at = arena.floats(values.length);
		arena.view(at, values.length).set(values);
		return at;
	};
	const layer: Linear = make(kernels, shape, arena, name);
	const places = {
		x: put(of.x),
		weight: put(of.weight),
		dy: put(of.dy),
		out: put(new Float32Array(shape.rows * shape.outputs)),
		dx: put(new Float32Array(x.length)),
		dWeight: put(new Float32Array(weight.length).fill(1)),
	};
	layer.forward(places.x, places.weight, places.out);
	layer.backward(places.x, places.weight, places.dy, places.dx, places.dWeight, step);
	return {
		out: arena.view(places.out, shape.rows * shape.outputs).slice(),
		dx: arena.view(places.dx, x.length).slice(),
		dWeight: arena.view(places.dWeight, weight.length).map((value) => value - 1),
	};
}

const quantizers = (memory: WebAssembly.Memory): QuantizerKernels => instantiateQuantizers(compiled, memory);
const of = (name: SchemeName, seed = 1) => quantizedLinear(quantizers, scheme(name, 'floor'), seed);

/** Squared distance from the exact one, relative. */
function distance(ours: Float32Array, exact: Float32Array): number {
	let [error, size] = [0, 0];
	for (let i = 0; i < exact.length; i++) {
		error += ((ours[i] as number) - (exact[i] as number)) ** 2;
		size += (exact[i] as number) ** 2;
	}
	return error / size;
}

describe('a layer written out with the reference quantisers in double precision', () => {
	const transposed = (values: Float32Array, rows: number) => {
		const columns = values.length / rows;
		return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
	};
	/** a [m, k] times b [n, k] transposed. */
	const product = (a: Float32Array, b: Float32Array, k: number) => {
		const [m, n] = [a.length / k, b.length / k];
		return Float64Array.from({ length: m * n }, (_, i) => {
			let sum = 0;
			for (let j = 0; j < k; j++) sum += (a[Math.floor(i / n) * k + j] as number) * (b[(i % n) * k + j] as number);
			return sum;
		});
	};
	test('QuEST forward, RTN AbsMax backward: outputs and both gradients; the mask zeroes exactly what was clipped', () => {
		const one: Scheme = {
			name: 'written out',
			forward: { quantizer: quantizer('quest'), hadamard: true },
			// Without signs the rotation is known here; to nearest, so that no draw matters.
			backward: { quantizer: quantizer('rtn-absmax'), operands: 'both', rotation: 'none' },
		};
		const ours = products(quantizedLinear(quantizers, one, 1));
		const quest = (values: Float32Array) => quantizeReference(values, quantizer('quest'), { rotation: { kind: 'hadamard' } });
		const [xq, wq] = [quest(x), quest(weight)];
		const nearest = (values: Float32Array) =>
			quantizeReference(values, quantizer('rtn-absmax'), { rotation: randomRotation('none', 32, 0) }).values;
		const out = product(xq.values, wq.values, shape.inputs);
		const gx = product(nearest(dy), nearest(transposed(wq.values, shape.outputs)), shape.outputs);
		const gw = product(nearest(transposed(dy, shape.rows)), nearest(transposed(xq.values, shape.rows)), shape.rows);
		const back = (gradient: Float64Array, kept: Float32Array) => {
			const masked = gradient.map((value, i) => value * (kept[i] as number));
			hadamardTransform(masked, 32);
			return masked;
		};
		const clipped = xq.kept.filter((value) => value === 0).length;
		expect(clipped).toBeGreaterThan(100);
		ours.out.forEach((value, i) => void expect(value).toBeCloseTo(out[i] as number, 3));
		const [dx, dWeight] = [back(gx, xq.kept), back(gw, wq.kept)];
		ours.dx.forEach((value, i) => void expect(value).toBeCloseTo(dx[i] as number, 3));
		ours.dWeight.forEach((value, i) => void expect(value).toBeCloseTo(dWeight[i] as number, 3));
		// In rotated space the gradient is zero where forward clipped, and nowhere else.
		for (const [gradient, kept, unmasked] of [
			[ours.dx, xq.kept, gx],
			[ours.dWeight, wq.kept, gw],
		] as const) {
			const rotated = gradient.slice();
			hadamardTransform(rotated, 32);
			rotated.forEach(
				(value, i) => void expect(Math.abs(value) < 1e-4).toBe(kept[i] === 0 || Math.abs(unmasked[i] as number) < 1e-4),
			);
		}
	});
});

/** Kernels that rotate and round nothing: what they are given comes back in rotated space, and all of it is kept. */
function rotatingKernels(memory: WebAssembly.Memory): QuantizerKernels {
	return {
		...quantizers(memory),
		quantizeGroups(source, target, kept, _codes, _scales, quartets, size, valueBytes, groupBytes, quartetBytes, ...rest) {
			const [, , , hadamard, signs] = rest;
			const floats = new Float32Array(memory.buffer);
			const ones = signs === 0 ? undefined : Int8Array.from(floats.subarray(signs / 4, signs / 4 + size));
			for (let group = 0; group < 4 * quartets; group++) {
				const first = Math.floor(group / 4) * quartetBytes + (group % 4) * groupBytes;
				const place = (from: number, i: number) => (from + first + i * valueBytes) / 4;
				const values = Float32Array.from({ length: size }, (_, i) => floats[place(source, i)] as number);
				if (hadamard === 1) hadamardTransform(values, size, ones);
				for (let i = 0; i < size; i++) {
					floats[place(target, i)] = values[i] as number;
					if (kept !== 0) floats[place(kept, i)] = 1;
				}
			}
		},
	};
}

test.for(['none', 'signs'] as const)(
	'a quantised layer whose quantisers are the identity: gradients are central differences of its outputs to 1e-4, rotation %s',
	(rotation) => {
		const { forward } = scheme('quartet', 'floor');
		const one: Scheme = {
			name: 'identity',
			forward,
			backward: { quantizer: quantizer('sr-absmax'), operands: 'both', rotation },
		};
		const make = quantizedLinear(rotatingKernels, one, 1);
		const own = products(make);
		// Rotations cancel but for float32's last bits; the layer is no exact one in disguise.
		expect(own).not.toEqual(products(exactLinear));
		expect(distance(own.out, products(exactLinear).out)).toBeLessThan(1e-12);
		// <dy, y> is linear in x and in W, so a wide step has no error of its own.
		const dot = (out: Float32Array) => out.reduce((sum, value, i) => sum + value * (dy[i] as number), 0);
		const step = 8;
		for (const place of [0, 37, 500, 2000]) {
			const moved = (values: Float32Array, by: number) => values.with(place, (values[place] as number) + by);
			const slope = (change: (by: number) => { x: typeof x; weight: typeof x }) =>
				(dot(products(make, 0, '', { ...change(step), dy }).out) - dot(products(make, 0, '', { ...change(-step), dy }).out)) /
				(2 * step);
			const slopeX = slope((by) => ({ x: moved(x, by), weight }));
			const slopeW = slope((by) => ({ x, weight: moved(weight, by) }));
			expect(Math.abs(slopeX - (own.dx[place] as number))).toBeLessThan(1e-4 * Math.max(1, Math.abs(slopeX)));
			expect(Math.abs(slopeW - (own.dWeight[place] as number))).toBeLessThan(1e-4 * Math.max(1, Math.abs(slopeW)));
		}
	},
);

test('stochastic backward products are right on average: 400 steps of the exact forward', () => {
	const make = of('sr-backward');
	const exact = products(exactLinear);
	const [meanX, meanW] = [new Float32Array(x.length), new Float32Array(weight.length)];
	const steps = 400;
	let once = 0;
	for (let step = 0; step < steps; step++) {
		const { dx, dWeight } = products(make, step);
		for (const [i, value] of dx.entries()) meanX[i] = (meanX[i] as number) + value / steps;
		for (const [i, value] of dWeight.entries()) meanW[i] = (meanW[i] as number) + value / steps;
		once += distance(dx, exact.dx) / steps;
	}
	// Unbiased, hence the error falls as one over the steps; a bias would stay.
	expect(distance(meanX, exact.dx) / (once / steps)).toBeGreaterThan(0.9);
	expect(distance(meanX, exact.dx) / (once / steps)).toBeLessThan(1.1);
	expect(distance(meanW, exact.dWeight)).toBeLessThan((once / steps) * 1.5);
});

test('random numbers follow from seed, layer and step: the same again, others otherwise', () => {
	const first = products(of('quartet'), 5);
	expect(products(of('quartet'), 5)).toEqual(first);
	for (const other of [products(of('quartet'), 6), products(of('quartet', 2), 5), products(of('quartet'), 5, '1.query')]) {
		expect(other.out).toEqual(first.out);
		expect(other.dx).not.toEqual(first.dx);
		expect(other.dWeight).not.toEqual(first.dWeight);
	}
});

test.for(schemeNames)('scheme %s: products near the exact ones', (name) => {
	const exact = products(exactLinear);
	const ours = products(of(name), 1);
	expect(distance(ours.out, exact.out)).toBeLessThan(0.08);
	expect(distance(ours.dx, exact.dx)).toBeLessThan(0.25);
	expect(distance(ours.dWeight, exact.dWeight)).toBeLessThan(0.25);
});

test('sizes that are no whole groups are refused with the layer’s name', () => {
	const kernels = instantiateKernels(learning, createKernelMemory(1 << 20));
	const make = () => of('quartet')(kernels, { rows: 64, inputs: 100, outputs: 32 }, new Arena(kernels.memory), '3.down');
	expect(make).toThrow('layer 3.down: 100 inputs are no multiple of 32');
});
