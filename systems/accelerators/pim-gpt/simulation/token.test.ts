import { Spans } from '@assay/events';
import { expect, test } from 'vitest';
import { mapModel } from '../mapping/model-map.ts';
import { describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import { anyPreset, machine } from '../test-data.ts';
import { type Operation, operations } from './operations.ts';
import { productTimes } from './products.ts';
import { sumCounts, TokenSimulation } from './token.ts';

function mapOf(model: string, preset: 'paper' | 'aim' = 'paper', concatenate = true) {
	const hardware = machine(preset);
	const map = mapModel(describeDecoder(namedModel(model)), hardware, { tokens: 1024, concatenate });
	return { hardware, map };
}

/** By rows and columns, on paper: 24 ns a row and 1 ns a column, values in rows of their own length, mean over contexts 1 to 1,024. */
const meanProductMicroseconds = {
	gpt2: 90.2,
	'gpt2-medium': 255.6,
	'gpt2-large': 553.8,
	'gpt2-xl': 1125.6,
	'gpt3-small': 90.2,
	'gpt3-medium': 255.6,
	'gpt3-large': 535.5,
	'gpt3-xl': 916.4,
};

test.for(Object.entries(meanProductMicroseconds))(
	'%s: mean time of a token’s products is within 3 %% of what rows and columns say',
	([model, expected], { annotate }) => {
		const { hardware, map } = mapOf(model);
		let sum = 0;
		let count = 0;
		const simulation = new TokenSimulation(map, hardware);
		for (let context = 1; context <= 1024; context += 8) {
			for (const { cycles } of productTimes(map, hardware, context)) sum += cycles;
			simulation.token(context);
			count++;
		}
		const mean = sum / count / 1e3;
		annotate(`${model}: products ${mean.toFixed(1)} µs, whole token ${(simulation.cycle / count / 1e3).toFixed(1)} µs`);
		expect(Math.abs(mean / expected - 1)).toBeLessThan(0.03);
		expect(simulation.cycle / count / 1e3).toBeGreaterThan(mean);
	},
);

test('feed-forward rows are open for 98.4 % of the columns; without concatenation for fewer, in rows three quarters full', () => {
	const rate = (concatenate: boolean): number => {
		const { hardware, map } = mapOf('gpt2', 'paper', concatenate);
		const up = productTimes(map, hardware, 512).find(({ operation }) => operation === 'feed-forward up');
		return 1 - (up?.openings ?? 0) / (up?.columns ?? 1);
	};
	expect(Math.abs(rate(true) - 0.984)).toBeLessThan(0.001);
	// 768 of 1,024 words a row: an opening for every 48 columns.
	expect(rate(false)).toBeCloseTo(47 / 48, 9);
});

test.for(anyPreset)('%s: channels that are alike are simulated once, and each alone gives the same', (preset) => {
	const { hardware, map } = mapOf('gpt2', preset);
	const together = new TokenSimulation(map, hardware);
	const alone = new TokenSimulation(map, hardware, () => ({ spans: new Spans() }));
	for (const context of [1, 2, 130, 131, 1024]) expect(together.token(context)).toEqual(alone.token(context));
	expect(sumCounts(together.channels)).toEqual(sumCounts(alone.channels));
	for (const [i, channel] of together.channels.entries()) expect(channel.counts).toEqual(alone.channels[i]?.counts);
});

test('the parts of a token add up to it, and what the worked example says of GPT-2 small holds', () => {
	const { hardware, map } = mapOf('gpt2');
	const simulation = new TokenSimulation(map, hardware);
	const spent = simulation.token(512);
	expect(spent.reduce((a, b) => a + b, 0)).toBe(simulation.cycle);
	const of = (operation: Operation): number => spent[operations.indexOf(operation)] ?? 0;
	// The ASIC works for about 0.8 to 1.0 µs a layer, and for less of it the memory waits.
	expect(simulation.asicCycles / 12).toBeGreaterThan(800);
	expect(simulation.asicCycles / 12).toBeLessThan(1000);
	const waited = (['norms', 'softmax', 'activation', 'residual adds'] as const).reduce((sum, one) => sum + of(one), 0);
	expect(waited).toBeLessThan(simulation.asicCycles);
	const byProduct = new Map(productTimes(map, hardware, 512).map(({ operation, cycles }) => [operation, cycles]));
	expect(byProduct.get('query-key-value')).toBe(12 * 1200);
	expect(byProduct.get('scores')).toBe(12 * 264);
	expect(byProduct.get('head')).toBe(295 * 24 + 393 * 48);
	// Room is kept for 1,024 tokens, so each of six components has a row: 6 rows, not 3.
	expect(byProduct.get('values')).toBe(12 * (6 * 24 + 6 * 32));
});

test('an activation follows the results of its product: behind them on a fast ASIC, as long as its own passes on a slow one', () => {
	const { hardware, map } = mapOf('gpt2');
	const spentAt = (gigahertz: number): ((operation: Operation) => number) => {
		const slowed = { ...hardware, refresh: false, asic: { ...hardware.asic, gigahertz } };
		const spent = new TokenSimulation(map, slowed).token(512);
		return (operation) => (spent[operations.indexOf(operation)] ?? 0) / 12;
	};
	// 3,072 values are 24 passes of 128 multipliers, eight for each GELU, behind a pipeline of 8.
	const fast = spentAt(1);
	expect(fast('activation')).toBe(8);
	expect(fast('residual adds')).toBe(2 * 8);
	// At 10 MHz it begins with the first result, a pipeline's fill after the product does.
	const slow = spentAt(0.01);
	expect(slow('feed-forward up') + slow('activation')).toBe(100 * (8 + 8 + 8 * 24));
});

test('a refresh is never later than nine periods, and a token takes longer with it', () => {
	const { hardware, map } = mapOf('gpt2');
	const without = new TokenSimulation(map, { ...hardware, refresh: false });
	const refreshed = new TokenSimulation(map, hardware);
	for (let i = 0; i < 20; i++) {
		without.token(512);
		refreshed.token(512);
	}
	const expected = refreshed.cycle / hardware.timing.refi;
	for (const { counts } of refreshed.channels) expect(Math.abs(counts.refreshes - expected)).toBeLessThan(9);
	expect(refreshed.cycle).toBeGreaterThan(without.cycle);
	expect(refreshed.cycle / without.cycle).toBeLessThan(6825 / (6825 - 455));
});

test('layers with a window attend to no more than it', () => {
	const { hardware, map } = mapOf('mistral-7b');
	expect(map.rows).toBeGreaterThan(hardware.memory.rowsPerBank);
	const wide = { ...hardware, memory: { ...hardware.memory, channels: 64 } };
	const windowed = mapModel(describeDecoder(namedModel('mistral-7b')), wide, { tokens: 8192, concatenate: true });
	const spent = (context: number): number => {
		const simulation = new TokenSimulation(windowed, { ...wide, refresh: false });
		simulation.token(context);
		return simulation.cycle;
	};
	expect(spent(8000)).toBe(spent(4096));
	expect(spent(4096)).toBeGreaterThan(spent(1024));
});
