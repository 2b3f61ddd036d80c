import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cloud } from './accelerator.ts';
import { chooseQueryBlocks, requiredBytes } from './query-blocks.ts';
import { anyShape } from './test-data.ts';

test('P1 is the largest divisor of the number of tiles that fits, by trying all', () => {
	fc.assert(
		fc.property(anyShape, fc.integer({ min: 3, max: 6 }), fc.integer({ min: 10, max: 24 }), (shape, sideLog, bufferLog) => {
			const side = 2 ** sideLog;
			const accelerator = {
				...cloud,
				array: { ...cloud.array, rows: side, columns: side },
				buffer: { bytes: 2 ** bufferLog, banks: 1 },
			};
			const tiles = Math.ceil(shape.queries / side);
			let best = 0;
			for (let p1 = 1; p1 <= tiles; p1++)
				if (tiles % p1 === 0 && requiredBytes(shape, side, 2, p1) <= accelerator.buffer.bytes) best = p1;
			if (best === 0) expect(() => chooseQueryBlocks(shape, accelerator)).toThrow(InputError);
			else expect(chooseQueryBlocks(shape, accelerator)).toEqual({ tilesPerBlock: best, blocks: tiles / best, tiles });
		}),
	);
});

test('what a buffer that is too small should at least be is enough, and no less is', () => {
	const shape = { batch: 1, heads: 1, queryKeyWidth: 64, valueWidth: 64, keys: 4096, queries: 4096 };
	// 2 PE (2 E + 2 F + 2) bytes.
	const least = 2 * 256 * (2 * 64 + 2 * 64 + 2);
	const withBytes = (bytes: number) => () => chooseQueryBlocks(shape, { ...cloud, buffer: { bytes, banks: 1 } });
	expect(withBytes(least - 1)).toThrow(`did you mean ${least / 2 ** 20}?`);
	expect(withBytes(least)().tilesPerBlock).toBe(1);
});
