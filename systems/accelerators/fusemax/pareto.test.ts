import { expect, test } from 'vitest';
import { cloud } from './accelerator.ts';
import { fusedAreas } from './area.ts';
import { runOnePass } from './designs/one-pass.ts';
import { paretoSweep, sizeBuffer } from './pareto.ts';
import { publishedLengths, publishedNames, publishedShapes } from './subject/published-shapes.ts';
import { attentionOf } from './subject/subject.ts';

const shapes = publishedNames.flatMap((name) =>
	publishedLengths.map((length) => attentionOf(publishedShapes[name], 64, length, length)),
);

test('the buffer is side E 16 bytes times a power of two, memory is not the limit, and with half of it memory is or no tile fits', () => {
	for (const shape of shapes) {
		const { accelerator, result } = sizeBuffer(shape, cloud);
		const { bytes } = accelerator.buffer;
		expect(Math.log2(bytes / (16 * 256 * shape.queryKeyWidth)) % 1).toBe(0);
		expect(result.limit).not.toBe('memory');
		const half = () =>
			runOnePass(shape, { ...accelerator, buffer: { ...accelerator.buffer, bytes: bytes / 2 } }, 'fusemax').limit;
		if (bytes > 16 * 256 * shape.queryKeyWidth) {
			let limit = 'no tile fits';
			try {
				limit = half();
			} catch {
				// No tile fits.
			}
			expect(['memory', 'no tile fits']).toContain(limit);
		}
	}
});

test('with bandwidth so low that no buffer helps, the sweep ends and says memory', () => {
	const [shape] = shapes;
	if (shape === undefined) throw new Error('no shape');
	for (const { limit } of paretoSweep(shape, { ...cloud, bytesPerSecond: 1e6 }, fusedAreas)) expect(limit).toBe('memory');
});

test('points on the front are those that no other is better than in both', () => {
	for (const shape of shapes.slice(0, 6)) {
		const points = paretoSweep(shape, cloud, fusedAreas);
		for (const one of points) {
			const beaten = points.some((other) => other.area.total < one.area.total && other.latencySeconds < one.latencySeconds);
			if (beaten) expect(one.onFront).toBe(false);
			if (one.onFront) expect(beaten).toBe(false);
		}
	}
});
