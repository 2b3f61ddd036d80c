import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cloud, cloudBaseline } from '../accelerator.ts';
import { cloudCard } from '../accelerator-card.ts';
import { paddedShare } from '../attention-shape.ts';
import { anyShape } from '../test-data.ts';
import { compareDesigns } from './compare-designs.ts';
import { designNames } from './design-name.ts';
import { runFlat } from './flat.ts';
import { onePassDesigns, runOnePass } from './one-pass.ts';
import { fewestReads, runUnfused } from './unfused.ts';

test('for any shape: finite figures, utilisations in 0 to 1, and the latency is no less than arrays or memory need', () => {
	fc.assert(
		fc.property(anyShape, (shape) => {
			for (const one of compareDesigns(shape, cloudCard, [])) {
				expect(one.utilization2d).toBeGreaterThan(0);
				expect(one.utilization2d).toBeLessThanOrEqual(1 + 1e-12);
				expect(one.utilization1d).toBeLessThanOrEqual(1 + 1e-12);
				expect(one.latencySeconds).toBeGreaterThanOrEqual(one.memorySeconds * (1 - 1e-12));
				for (const { cycles } of one.cycles) expect(cycles / 940e6).toBeLessThanOrEqual(one.latencySeconds * (1 + 1e-12));
				expect(one.joules).toBeGreaterThan(0);
				expect(one.endToEndSeconds).toBe(one.latencySeconds);
			}
		}),
		{ numRuns: 60 },
	);
});

test('lengths that are no multiple of the side take as long as the next multiple, and move less', () => {
	const at = (length: number) => ({ batch: 2, heads: 3, queryKeyWidth: 64, valueWidth: 64, keys: length, queries: length });
	for (const design of onePassDesigns) {
		const ragged = runOnePass(at(1000), cloud, design);
		const full = runOnePass(at(1024), cloud, design);
		expect(ragged.computeSeconds).toBe(full.computeSeconds);
		expect(ragged.trafficBytes).toBeLessThan(full.trafficBytes);
	}
	expect(paddedShare(at(1024), 256)).toBe(0);
	expect(paddedShare(at(512), 1024)).toBeCloseTo(0.75, 12);
});

test('FLAT reads keys beside stationary weights once for each block of queries, a last part one included', () => {
	const shape = { batch: 1, heads: 1, queryKeyWidth: 64, valueWidth: 32, keys: 4096, queries: 1000 };
	const mapping = {
		queriesOnChip: true,
		keysOnChip: false,
		logitsOnChip: true,
		valuesOnChip: false,
		resultsOnChip: true,
		firstStationarity: 'weight',
		secondStationarity: 'weight',
		rowsAtATime: 256,
		spilledShare: 0,
	} as const;
	// 1,000 rows are four blocks of 256: queries and results once, keys and values four times, two bytes each.
	const words = 1000 * 64 + 4 * 4096 * 64 + 4 * 4096 * 32 + 1000 * 32;
	expect(runFlat(shape, cloudBaseline, mapping).trafficBytes).toBe(2 * words);
});

test('a design with more of everything is never slower', () => {
	fc.assert(
		fc.property(anyShape, (shape) => {
			const more = {
				...cloud,
				bytesPerSecond: 2 * cloud.bytesPerSecond,
				buffer: { ...cloud.buffer, bytes: 4 * cloud.buffer.bytes },
			};
			for (const design of onePassDesigns)
				expect(runOnePass(shape, more, design).latencySeconds).toBeLessThanOrEqual(
					runOnePass(shape, cloud, design).latencySeconds,
				);
		}),
		{ numRuns: 60 },
	);
});

test('the unfused design reads keys once where they fit, as often as blocks of queries where not; fewer reads move less', () => {
	const at = (length: number) => ({ batch: 1, heads: 1, queryKeyWidth: 64, valueWidth: 64, keys: length, queries: length });
	expect(fewestReads(at(65_536), cloudBaseline)).toBe(1);
	// 32 MiB hold 261,632 queries of 64 two-byte words beside two tiles: 1,048,576 take five blocks, not eight as published.
	expect(fewestReads(at(1_048_576), cloudBaseline)).toBe(5);
	expect(runUnfused(at(1_048_576), cloudBaseline, 5).trafficBytes).toBeLessThan(
		runUnfused(at(1_048_576), cloudBaseline, 8).trafficBytes,
	);
});

test('designs come slowest first in name, and registers add energy to all', () => {
	const shape = { batch: 1, heads: 1, queryKeyWidth: 64, valueWidth: 64, keys: 4096, queries: 4096 };
	const without = compareDesigns(shape, cloudCard, []);
	const withRegisters = compareDesigns(shape, { ...cloudCard, includeRegisters: true }, []);
	expect(without.map(({ design }) => design)).toEqual([...designNames]);
	for (const [i, one] of withRegisters.entries()) expect(one.joules).toBeGreaterThan(without[i]?.joules ?? 0);
});
