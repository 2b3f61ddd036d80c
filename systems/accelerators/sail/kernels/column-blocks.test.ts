import { Worker } from 'node:worker_threads';
import { createRandom, type ParallelTask } from '@assay/contract';
import { expect, test } from 'vitest';
import { randomIntegers } from '../test-data.ts';
import { timeOnThreads } from './column-blocks.ts';
import { compileKernels } from './kernels.ts';
import { prepareProduct } from './run-kernel.ts';

const pause = async () => undefined;

/** Every item on a thread of its own. */
function onThreads<Item, Result>({ module, name }: ParallelTask<Item, Result>, items: readonly Item[]): Promise<Result[]> {
	const code = `const { parentPort, workerData: { module, name, item } } = require('node:worker_threads');
		import(module).then((found) => found[name].run(item, async () => undefined)).then((result) => parentPort.postMessage(result));`;
	return Promise.all(
		items.map(
			(item) =>
				new Promise<Result>((resolve, reject) => {
					const worker = new Worker(code, { eval: true, workerData: { module, name, item } });
					worker.once('message', (result) => {
						resolve(result);
						void worker.terminate();
					});
					worker.once('error', reject);
				}),
		),
	);
}

test('one, two and three threads give the same bits as one kernel over all columns, of uneven blocks too', async () => {
	const [depth, columns] = [256, 112];
	const random = createRandom(2);
	const module = await compileKernels();
	const weights = randomIntegers(depth, columns, 4, 1);
	const activations = Int8Array.from(randomIntegers(1, depth, 8, 3).values);
	const scales = Float32Array.from({ length: 2 * columns }, () => random.uniform());
	const whole = await prepareProduct(module, 'tables', activations, weights, scales, 4, 128, pause);
	whole.run();
	const product = { module, activations, weights, scales, bits: 4, scaleGroup: 128 };
	for (const threads of [1, 2, 3]) {
		const timed = await timeOnThreads(product, threads, 3, onThreads);
		expect(timed?.result, `${threads}`).toEqual(whole.result());
		expect(timed?.seconds).toBeGreaterThan(0);
	}
	expect(await timeOnThreads(product, 8, 1, onThreads)).toBeNull();
});

test('where blocks come one after the other no time of several threads is given', async () => {
	const module = await compileKernels();
	const weights = randomIntegers(128, 32, 2, 1);
	const product = { module, activations: new Int8Array(128), weights, scales: new Float32Array(32), bits: 2, scaleGroup: 128 };
	const inTurn = async <Item, Result>({ run }: ParallelTask<Item, Result>, items: readonly Item[]): Promise<Result[]> => {
		const results: Result[] = [];
		for (const item of items) results.push(await run(item, pause));
		return results;
	};
	expect(await timeOnThreads(product, 1, 1, inTurn)).not.toBeNull();
	expect(await timeOnThreads(product, 2, 1, inTurn)).toBeNull();
});
