/** What a quantiser does to normal deviates: error, length of the projection, and share of values that are not clipped. */
import { createRandom } from '@assay/contract';
import type { GroupQuantizer } from './group-quantizer.ts';
import { GROUP, type Quantizer } from './quantizer.ts';

export interface GaussianErrors {
	/** Mean of (q - x)^2 over the spread's square. */
	readonly relativeError: number;
	/** <x, q> / <x, x>. */
	readonly alignment: number;
	/** Share of values within the grid. */
	readonly keptShare: number;
	/** Mean of q - x over its standard error. */
	readonly bias: number;
}

/** Values that are drawn at a time. */
const PIECE = 1 << 15;

/**
 * Quantises `samples` normal deviates. `spread` 1, or (`log-uniform`) for each group of 32 (of 128 for EDEN over 128) drawn so that its
 * logarithm is even over a binade: a power-of-two scale treats all binades alike.
 */
export async function gaussianErrors(
	groups: GroupQuantizer,
	quantizer: Quantizer,
	{ samples, spread, seed }: { readonly samples: number; readonly spread: 'one' | 'log-uniform'; readonly seed: number },
	pause: () => Promise<void>,
): Promise<GaussianErrors> {
	const random = createRandom(seed).fork('normal deviates');
	const [x, q, kept] = [new Float32Array(PIECE), new Float32Array(PIECE), new Float32Array(PIECE)];
	const sums = { error: 0, length: 0, projection: 0, kept: 0, difference: 0, count: 0 };
	const size = Math.max(GROUP, quantizer.rotated);
	for (let piece = 0; sums.count < samples; piece++) {
		const scales = Float64Array.from({ length: PIECE / size }, () => (spread === 'one' ? 1 : 2 ** random.uniform()));
		for (let i = 0; i < PIECE; i++) x[i] = random.normal() * (scales[Math.floor(i / size)] as number);
		groups.quantize(x, quantizer, { rotation: { kind: 'none' }, seed: seed * 65_536 + piece }, { values: q, kept });
		for (let i = 0; i < PIECE; i++) {
			const scale = scales[Math.floor(i / size)] as number;
			const value = (x[i] as number) / scale;
			const stored = (q[i] as number) / scale;
			const difference = stored - value;
			sums.error += difference * difference;
			sums.length += value * value;
			sums.projection += value * stored;
			sums.kept += kept[i] as number;
			sums.difference += difference;
		}
		sums.count += PIECE;
		await pause();
	}
	const mean = sums.difference / sums.count;
	const deviation = Math.sqrt(Math.max(0, sums.error / sums.count - mean * mean));
	return {
		relativeError: sums.error / sums.count,
		alignment: sums.projection / sums.length,
		keptShare: sums.kept / sums.count,
		bias: deviation === 0 ? 0 : mean / (deviation / Math.sqrt(sums.count)),
	};
}
