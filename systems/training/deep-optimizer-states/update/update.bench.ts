/** The closed form against the job-by-job simulation, and the simulation against itself on fewer sub-groups: how both grow. */
import { resolveMachine } from '@assay/machines';
import { bench, describe } from 'vitest';
import { ratesOf } from '../rates/node-rates.ts';
import { simulateUpdate } from './simulate-update.ts';
import { planUpdate } from './update-plan.ts';
import { updateSeconds } from './update-time.ts';

const rates = ratesOf(resolveMachine('4xh100'))?.rates;
if (rates === undefined) throw new Error('the published node has rates');
const groups = (count: number): number[] => Array.from({ length: count }, () => 1e7);

describe('nine strides of an update', () => {
	const strides = [2, 3, 4, 5, 6, 7, 8, 9, 10];
	bench('closed form', () => {
		for (const stride of strides) updateSeconds({ parameters: 4e9, ratio: 1, stride }, rates);
	});
	bench('simulated, 400 sub-groups', () => {
		for (const stride of strides) simulateUpdate(planUpdate(groups(400), 1, stride), rates);
	});
	bench('simulated, 4,000 sub-groups', () => {
		for (const stride of strides) simulateUpdate(planUpdate(groups(4000), 1, stride), rates);
	});
});
