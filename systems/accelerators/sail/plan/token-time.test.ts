import { parameterCount, resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weightProducts } from '../model/weight-products.ts';
import { standardMachine, standardQuantisation } from '../test-data.ts';
import type { CacheMachine } from './cache-machine.ts';
import { tokenTime } from './token-time.ts';

const model = resolveModel('llama-2-7b');
const widthOf = () => ({ weightBits: 4, storedBits: 4.5 });
const llama = { model, widthOf };
const step = (batch: number, machine: CacheMachine) => tokenTime(llama, batch, 512, standardQuantisation, machine);

test('products with weights are all matrix parameters but the embedding', () => {
	for (const name of ['llama-2-7b', 'llama-3-8b', 'gpt2', 'opt-13b', 'deepseek-v3']) {
		const described = resolveModel(name);
		const { total, embedding, position } = parameterCount(described);
		// With tokens enough, every expert is visited.
		const products = weightProducts(described, 100_000).reduce(
			(sum, { depth, columns, times }) => sum + depth * columns * times,
			0,
		);
		const head = described.outputHead === 'tied' ? described.vocabulary * described.hidden : 0;
		// Norms and biases are left.
		expect(Math.abs(products - head - (total - embedding - position)) / total, name).toBeLessThan(0.002);
	}
});

test('Llama 2 7B in 4 bits, one sequence: reading weights is the limit, and attention is all there is beside it', () => {
	const { seconds, loadSeconds, productSeconds } = step(1, standardMachine);
	const bytes = ((parameterCount(model).total - model.vocabulary * model.hidden) * 4.5) / 8;
	expect(loadSeconds / (bytes / 204.8e9)).toBeCloseTo(1, 3);
	expect(productSeconds).toBe(loadSeconds);
	expect(seconds / (bytes / 204.8e9)).toBeLessThan(1.1);
	const twice = step(1, { ...standardMachine, dramBytesPerSecond: 2 * 204.8e9 });
	expect(seconds / twice.seconds).toBeGreaterThan(1.9);
	expect(seconds / twice.seconds).toBeLessThanOrEqual(2);
});

test('twice as fast in everything is twice as fast; more of anything is never slower', () => {
	const factor = fc.double({ min: 0.1, max: 10, noNaN: true });
	const batch = fc.constantFrom(1, 3, 8, 40, 300);
	fc.assert(
		fc.property(batch, factor, factor, factor, (sequences, bandwidth, clock, coreClock) => {
			const machine = {
				...standardMachine,
				dramBytesPerSecond: bandwidth * 204.8e9,
				arrayHertz: clock * 1.5e9,
				coreHertz: coreClock * 2.6e9,
			};
			const { dramBytesPerSecond, arrayHertz, coreHertz } = machine;
			const twice = {
				...machine,
				dramBytesPerSecond: 2 * dramBytesPerSecond,
				arrayHertz: 2 * arrayHertz,
				coreHertz: 2 * coreHertz,
			};
			const { seconds } = step(sequences, machine);
			expect(seconds / step(sequences, twice).seconds).toBeCloseTo(2, 9);
			expect(step(sequences, { ...machine, dramBytesPerSecond: 2 * dramBytesPerSecond }).seconds).toBeLessThanOrEqual(
				seconds * (1 + 1e-9),
			);
			expect(step(sequences, { ...machine, coreHertz: 2 * coreHertz }).seconds).toBeLessThanOrEqual(seconds * (1 + 1e-9));
		}),
		{ numRuns: 60 },
	);
});

test('a step takes as long as its slowest part at least, and no longer than all of them', () => {
	for (const batch of [1, 8, 32, 256]) {
		const time = step(batch, standardMachine);
		const arrays = time.buildSeconds + time.lookupSeconds + time.conversionSeconds;
		expect(time.productSeconds).toBeGreaterThanOrEqual(
			Math.max(time.loadSeconds, time.fillSeconds, time.reductionSeconds) * (1 - 1e-12),
		);
		expect(time.productSeconds).toBeLessThanOrEqual(time.loadSeconds + time.fillSeconds + arrays + time.reductionSeconds);
	}
});
