import { assembleModule, type Code, type Expression, type Lanes } from '@assay/webassembly';
import { expect, test } from 'vitest';
import { createKernelMemory } from './kernels.ts';
import { exponential, logarithm } from './transcendental.ts';

/** Applies a function of the assembler to many floats, by the lanes and by the scalar rest alike. */
async function applied(
	build: (code: Code, lanes: Lanes, value: Expression) => Expression,
	inputs: Float32Array,
): Promise<Float32Array> {
	const bytes = await assembleModule([
		(assembler) =>
			assembler.define('apply', ['i32', 'i32'], (code, x, n) => {
				code.elements(n.get, (lanes, offset) => {
					const place = () => code.sum(x.get(), offset.get());
					lanes.store(place(), build(code, lanes, lanes.load(place())));
				});
				return undefined;
			}),
	]);
	const memory = createKernelMemory(4 * inputs.length);
	const { apply } = new WebAssembly.Instance(await WebAssembly.compile(bytes), { environment: { memory } }).exports as {
		apply(x: number, n: number): void;
	};
	const view = new Float32Array(memory.buffer, 0, inputs.length);
	view.set(inputs);
	apply(0, inputs.length);
	return view;
}

test('exp is within 2.5e-7 of Math.exp over its range and clamped beyond', async () => {
	const inputs = Float32Array.from({ length: 200_003 }, (_, i) => -87 + (i * 175) / 200_002);
	const results = await applied(exponential, inputs);
	let worst = 0;
	for (const [i, x] of inputs.entries()) worst = Math.max(worst, Math.abs((results[i] as number) / Math.exp(x) - 1));
	expect(worst).toBeLessThan(2.5e-7);
	const beyond = await applied(exponential, Float32Array.of(-1000, Number.NEGATIVE_INFINITY, 0, 1000, Number.NaN));
	expect(beyond[0]).toBeLessThan(1.3e-38);
	expect([beyond[1], beyond[2]]).toEqual([beyond[0], 1]);
	expect(beyond[3]).toBeGreaterThan(2e38);
	expect(beyond[4]).toBeNaN();
});

test('log is within 3e-7 of Math.log, and within 1e-7 absolutely near 1', async () => {
	const inputs = Float32Array.from({ length: 200_003 }, (_, i) => 10 ** (-37 + (i * 75) / 200_002));
	const results = await applied(logarithm, inputs);
	for (const [i, x] of inputs.entries())
		expect(Math.abs((results[i] as number) - Math.log(x)) / Math.max(Math.abs(Math.log(x)), 0.3)).toBeLessThan(3e-7);
	const near = Float32Array.from({ length: 20_001 }, (_, i) => 0.8 + i * 2e-5);
	for (const [i, value] of (await applied(logarithm, near)).entries())
		expect(Math.abs(value - Math.log(near[i] as number))).toBeLessThan(1e-7);
});
