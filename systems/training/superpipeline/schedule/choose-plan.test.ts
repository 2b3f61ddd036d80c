import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { evaluatePlans, fastestWithin, missingBytes, paretoPlans, smallestWithin } from './choose-plan.ts';
import { unitTimes } from './units.ts';

function model(count: number, seed: number) {
	const random = createRandom(seed);
	const weightBytes = Float64Array.from({ length: count }, () => 1e6 * (0.5 + random.uniform()));
	const computeSeconds = Float64Array.from({ length: count }, () => 1e-3 * (0.5 + random.uniform()));
	const link = { latencySeconds: 2e-5, inBytesPerSecond: 1e9 * (0.3 + 2 * random.uniform()), outBytesPerSecond: 1e9 };
	return {
		times: unitTimes({ weightBytes, computeSeconds, outputBytes: new Float64Array(count) }, link),
		weightBytes,
		sharedBytes: 2e6,
		writeback: 'drop' as const,
		policies: ['window', 'pin-and-ring'] as const,
	};
}

test('96 units under a cap of 40 %: within 2 % of an exhaustive search over long runs', () => {
	const request = model(96, 1);
	const whole = request.sharedBytes + request.weightBytes.reduce((sum, bytes) => sum + bytes, 0);
	const chosen = fastestWithin(evaluatePlans(request), 0.4 * whole);
	const exhaustive = evaluatePlans(request, 60, 20);
	const best = fastestWithin(exhaustive, 0.4 * whole);
	const same = exhaustive.find(({ plan }) => JSON.stringify(plan) === JSON.stringify(chosen?.plan));
	expect(chosen?.bytes).toBeLessThanOrEqual(0.4 * whole);
	expect(same?.passSeconds).toBeLessThanOrEqual((best?.passSeconds ?? 0) * 1.02);
});

test('a larger cap is never slower, and less memory never allows what more did not', () => {
	for (const seed of [2, 3, 4]) {
		const request = model(20, seed);
		const plans = evaluatePlans(request);
		let before = Number.POSITIVE_INFINITY;
		for (let cap = 2e6; cap < 25e6; cap += 5e5) {
			const best = fastestWithin(plans, cap);
			expect(best === undefined).toBe(missingBytes(plans, cap) > 0);
			if (best === undefined) continue;
			expect(best.passSeconds).toBeLessThanOrEqual(before);
			before = best.passSeconds;
		}
	}
});

test('the smallest plan at the resident speed, and the front between', () => {
	const request = model(24, 5);
	const plans = evaluatePlans(request);
	const [resident] = plans;
	const small = smallestWithin(plans, 1.1);
	expect(small.passSeconds).toBeLessThanOrEqual(1.1 * (resident?.passSeconds ?? 0));
	for (const one of plans)
		if (one.passSeconds <= 1.1 * (resident?.passSeconds ?? 0)) expect(one.bytes).toBeGreaterThanOrEqual(small.bytes);
	const front = paretoPlans(plans);
	for (const [i, one] of front.entries()) {
		expect(plans.some((other) => other.bytes <= one.bytes && other.passSeconds < one.passSeconds * (1 - 1e-9))).toBe(false);
		if (i > 0) expect(one.passSeconds).toBeLessThan(front[i - 1]?.passSeconds ?? 0);
	}
});
