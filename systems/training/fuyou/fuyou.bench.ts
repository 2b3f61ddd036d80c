import { createContext } from '@assay/contract';
import { resolveModel } from '@assay/models';
import { test } from 'vitest';
import { publishedBuffers } from './buffers.ts';
import { simulateStep } from './event-simulation.ts';
import { planStep } from './plan.ts';
import { policies } from './policies/policies.ts';
import { publishedServer } from './resources.ts';
import { sweep } from './sweep.ts';
import { compareOrders } from './trainer/compare-orders.ts';
import { describeWorkload } from './workload.ts';

const model = resolveModel('opt-13b');
const options = { batch: 32, sequenceTokens: 1024, optimizer: 'adam', loraRank: 0 } as const;
const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);

test('planning one setting: the best of 161 amounts of activations', async ({ bench }) => {
	const workload = describeWorkload(model, options);
	const plan = planStep(policies.fuyou, workload, publishedServer);
	const ours = bench('closed form', () => {
		planStep(policies.fuyou, describeWorkload(model, options), publishedServer);
	});
	const rival = bench('rival: simulating one step of the plan, job by job', () => {
		simulateStep(policies.fuyou, workload, publishedServer, plan.choice.kept, {
			buffers: publishedBuffers,
			reorderTraffic: true,
		});
	});
	await bench.compare(ours, rival);
});

test('a sweep of 5,000 settings, 100 batches by 50 numbers of drives, the activations chosen in each', async ({ bench }) => {
	await bench('sweep', () => {
		sweep(policies.fuyou, model, options, publishedServer, upTo(100), upTo(50));
	}).run();
});

test('training from files: the optimizer inside backward against a separate stage, measured on this computer', {
	timeout: 300_000,
}, async () => {
	const { seconds, speedup, stateShare, readsFirst } = await compareOrders(createContext());
	const [after, first, plain] = seconds.map((value) => `${(1000 * value).toFixed(0)} ms`);
	console.info(`rival: separate stage ${after} a step, state moving for ${(100 * stateShare).toFixed(0)} % of it`);
	console.info(`inside backward ${first}, ${speedup.toFixed(2)} times as fast`);
	console.info(`the same with writes as they come ${plain}; reads first takes ${readsFirst.toFixed(3)} of that`);
});
