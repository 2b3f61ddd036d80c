import { resolveMachine } from '@assay/machines';
import { test } from 'vitest';
import { ratesOf } from '../rates/node-rates.ts';
import { simulateUpdate } from './simulate-update.ts';
import { planUpdate } from './update-plan.ts';
import { updateSeconds } from './update-time.ts';

const rates = ratesOf(resolveMachine('4xh100'))?.rates;
const strides = [2, 3, 4, 5, 6, 7, 8, 9, 10];
const groups = Array.from({ length: 400 }, () => 1e7);

test('nine strides of an update of 4e9 parameters', async ({ bench }) => {
	if (rates === undefined) throw new Error('the published node has rates');
	const ours = bench('closed form', () => {
		for (const stride of strides) updateSeconds({ parameters: 4e9, ratio: 1, stride }, rates);
	});
	const rival = bench('rival: simulating each, job by job', () => {
		for (const stride of strides) simulateUpdate(planUpdate(groups, 1, stride), rates);
	});
	await bench.compare(ours, rival);
});
