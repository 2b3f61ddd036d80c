import { describe, expect, test } from 'vitest';
import { evaluationAdam, fillGradient, fillWeights, plainAdam } from '../run-here.ts';
import { planUpdate } from '../update/update-plan.ts';
import { layOutState } from './state-layout.ts';
import { UpdateEngine } from './update-engine.ts';

const STEPS = 50;
const sizes = [3000, 1024, 777, 4096, 2048, 1500, 900, 64, 333, 2500, 1111];

async function engineAfter(steps: number, ratio: number, stride: number | null, clipNorm: number | null) {
	const engine = await UpdateEngine.create({
		plan: planUpdate(sizes, ratio, stride),
		adam: evaluationAdam,
		clipNorm,
		linkBytesPerSecond: Number.POSITIVE_INFINITY,
	});
	for (const group of sizes.keys()) fillWeights(engine.weights(group), group);
	for (let step = 1; step <= steps; step++) {
		for (const group of sizes.keys()) fillGradient(engine.gradient(group), step, group);
		await engine.step();
	}
	return engine;
}

/** bfloat16 of a float32, to nearest even, spelt out. */
function bfloat16(value: number): number {
	const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
	return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

describe(`weights after ${STEPS} steps are those of plain Adam, bit for bit`, () => {
	for (const clipNorm of [null, 0.005]) {
		test.each([
			[1, null],
			[1, 2],
			[1, 3],
			[1, 4],
			[1, 10],
			[0.5, null],
			[0.5, 2],
			[0.5, 3],
			[0.5, 4],
			[0.5, 10],
		])(`offloaded %f, stride %s, clipped at ${clipNorm}`, async (ratio, stride) => {
			const expected = await plainAdam(sizes, STEPS, clipNorm);
			const engine = await engineAfter(STEPS, ratio, stride, clipNorm);
			try {
				for (const [group, weights] of expected.entries()) {
					expect(engine.weights(group), `sub-group ${group}`).toEqual(weights);
					expect(engine.halves(group), `16-bit weights of ${group}`).toEqual(Uint16Array.from(weights, bfloat16));
				}
			} finally {
				await engine.close();
			}
		});
	}

	test('clipping changes them at all', async () => {
		expect(await plainAdam(sizes, 3, 0.005)).not.toEqual(await plainAdam(sizes, 3, null));
	});
});

test('a gradient with an infinity changes nothing and counts no step', async () => {
	const engine = await engineAfter(2, 1, 2, 1);
	try {
		const before = sizes.map((_, group) => engine.weights(group).slice());
		for (const group of sizes.keys()) fillGradient(engine.gradient(group), 3, group);
		engine.gradient(3)[5] = Number.POSITIVE_INFINITY;
		expect((await engine.step()).isUpdated).toBe(false);
		for (const [group, weights] of before.entries()) expect(engine.weights(group)).toEqual(weights);
		fillGradient(engine.gradient(3), 3, 3);
		await engine.step();
		const expected = await plainAdam(sizes, 3, 1);
		for (const [group, weights] of expected.entries()) expect(engine.weights(group)).toEqual(weights);
	} finally {
		await engine.close();
	}
});

test('a stop is heard at once', async () => {
	const engine = await engineAfter(1, 1, 2, null);
	try {
		const controller = new AbortController();
		const step = engine.step(controller.signal);
		controller.abort(new Error('stopped by the test'));
		await expect(step).rejects.toThrow('stopped by the test');
	} finally {
		await engine.close();
	}
});

test('the device holds one slot beside its own gradients and 16-bit weights, whatever the number of sub-groups', () => {
	const layout = (count: number) =>
		layOutState(
			planUpdate(
				Array.from({ length: count }, () => 1 << 16),
				1,
				2,
			),
		);
	const perGroup = (layout(42).deviceBytes - layout(22).deviceBytes) / 20;
	// 16-bit weights of all, gradients of every second.
	expect(perGroup).toBe((1 << 16) * (2 + 4 / 2));
	expect(layout(22).deviceBytes).toBe(22 * perGroup + 12 * (1 << 16));
});
