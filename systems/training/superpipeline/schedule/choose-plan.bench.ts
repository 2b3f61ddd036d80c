import { test } from 'vitest';
import { evaluatePlans } from './choose-plan.ts';
import { equalUnitTimes } from './units.ts';

const request = {
	times: equalUnitTimes(48, 1e-3, 2e-3, 2e-3, 2e-5),
	weightBytes: new Float64Array(48).fill(1e8),
	sharedBytes: 1e8,
	writeback: 'drop' as const,
	policies: ['window', 'pin-and-ring'] as const,
};

test('every schedule of 48 units', async ({ bench }) => {
	const ours = bench('short runs, as the chooser does', () => {
		evaluatePlans(request);
	});
	const rival = bench('rival: the same search over 60 passes each', () => {
		evaluatePlans(request, 60, 20);
	});
	await bench.compare(ours, rival);
});
