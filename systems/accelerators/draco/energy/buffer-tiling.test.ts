import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Convolution } from '../convolution.ts';
import { squareConvolution } from '../test-data.ts';
import { optimalTraffic, smallestTile } from './buffer-tiling.ts';

const anyLayer = fc
	.record({
		batch: fc.integer({ min: 1, max: 3 }),
		groups: fc.integer({ min: 1, max: 2 }),
		inputsPerGroup: fc.integer({ min: 1, max: 5 }),
		outputsPerGroup: fc.integer({ min: 1, max: 5 }),
		kernel: fc.integer({ min: 1, max: 3 }),
		stride: fc.integer({ min: 1, max: 2 }),
		beyond: fc.integer({ min: 0, max: 6 }),
	})
	.map(({ beyond, ...layer }) => squareConvolution({ ...layer, input: layer.kernel + beyond }));

const powers = (limit: number): number[] => [...new Set([1, 2, 4, 8, limit].filter((size) => size <= limit))];

/** Walks all tiles of every order and size, keeping one tile of each operand, and counts what is fetched and written. */
function walked(layer: Convolution, bufferElements: number): number {
	const { batch, groups, inputsPerGroup, outputsPerGroup, kernelHeight: k, strideHeight: s, inputHeight, outputHeight } = layer;
	const side = layer.outputWidth;
	let least = Number.POSITIVE_INFINITY;
	const positions = [
		...powers(outputHeight).map((rows) => ({ rows, images: 1 })),
		...powers(batch).map((images) => ({ rows: outputHeight, images })),
	];
	const parts = (total: number, size: number): number[] =>
		Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
	for (const { rows, images } of positions) {
		const tiles = parts(batch, images).flatMap((n) =>
			parts(outputHeight, rows).map((r) => ({
				input: n * (r === outputHeight ? inputHeight : (r - 1) * s + k) * inputHeight,
				output: n * r * side,
			})),
		);
		for (const m of powers(outputsPerGroup)) {
			for (const c of powers(inputsPerGroup)) {
				const needed = images * c * ((rows - 1) * s + k) * inputHeight + m * c * k * k + images * m * rows * side;
				if (needed > bufferElements) continue;
				const sizes = [tiles.map(() => 1), parts(outputsPerGroup, m), parts(inputsPerGroup, c)] as const;
				for (const order of [
					[0, 1, 2],
					[0, 2, 1],
					[1, 0, 2],
					[1, 2, 0],
					[2, 0, 1],
					[2, 1, 0],
				] as const) {
					let traffic = 0;
					const held: Record<string, string> = {};
					const written = new Set<string>();
					const index = [0, 0, 0];
					const visit = (depth: number): void => {
						if (depth < 3) {
							const loop = order[depth] as 0 | 1 | 2;
							for (let i = 0; i < sizes[loop].length; i++) {
								index[loop] = i;
								visit(depth + 1);
							}
							return;
						}
						const [p, o, i] = index as [number, number, number];
						const tile = tiles[p] as (typeof tiles)[number];
						const outputs = sizes[1][o] as number;
						const inputs = sizes[2][i] as number;
						if (held['input'] !== `${p} ${i}`) traffic += tile.input * inputs;
						if (held['weight'] !== `${o} ${i}`) traffic += outputs * inputs * k * k;
						// A tile of outputs that comes back is read; every visit ends in a write.
						if (held['output'] !== `${p} ${o}`) traffic += tile.output * outputs * (written.has(`${p} ${o}`) ? 2 : 1);
						written.add(`${p} ${o}`);
						Object.assign(held, { input: `${p} ${i}`, weight: `${o} ${i}`, output: `${p} ${o}` });
					};
					visit(0);
					least = Math.min(least, traffic);
				}
			}
		}
	}
	return groups * least;
}

const total = ({ input, weight, output }: ReturnType<typeof optimalTraffic>): number => input + weight + output;

test('the least traffic is that of the best walk over tiles', () => {
	fc.assert(
		fc.property(anyLayer, fc.integer({ min: 0, max: 400 }), (layer, beyond) => {
			const buffer = smallestTile(layer) + beyond;
			expect(total(optimalTraffic(layer, buffer))).toBe(walked(layer, buffer));
		}),
		{ numRuns: 300 },
	);
});

test('a larger buffer never moves more; a large one moves everything once', () => {
	fc.assert(
		fc.property(anyLayer, fc.nat(400), fc.nat(400), (layer, beyond, more) => {
			const buffer = smallestTile(layer) + beyond;
			expect(total(optimalTraffic(layer, buffer + more))).toBeLessThanOrEqual(total(optimalTraffic(layer, buffer)));
			const { batch, groups, inputsPerGroup: c, outputsPerGroup: m, kernelHeight: k, inputHeight, outputHeight } = layer;
			const once = groups * (batch * (c * inputHeight ** 2 + m * outputHeight ** 2) + c * m * k * k);
			// Rows that no window covers need not be read.
			if (k >= layer.strideHeight && (outputHeight - 1) * layer.strideHeight + k === inputHeight)
				expect(total(optimalTraffic(layer, 1e9))).toBe(once);
			else expect(total(optimalTraffic(layer, 1e9))).toBeLessThanOrEqual(once);
		}),
	);
});

test('a buffer too small for one row is refused with the size that would do', () => {
	const layer = squareConvolution({ kernel: 3, input: 20 });
	expect(() => optimalTraffic(layer, smallestTile(layer) - 1)).toThrow(`at least ${3 * 20 + 9 + 18}`);
});
