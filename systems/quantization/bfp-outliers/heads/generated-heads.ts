/** Heads with known outliers: channels of log-normal scale, some rotary pairs made larger. */
import type { Random } from '@assay/contract';
import { type Rotary, rotaryTable } from '../ksort/rotary.ts';
import type { HeadSample } from './head-sample.ts';

export interface GeneratedHead {
	readonly headDim: number;
	readonly tokens: number;
	/** Standard deviation of the natural logarithm of channels' scales. */
	readonly scaleSpread: number;
	readonly outlierPairs: number;
	readonly outlierFactor: number;
	/** `quiet`: spread 1 / scale, so that every channel counts alike in the scores; `flat`: spread 1. */
	readonly queries: 'quiet' | 'flat';
}

/** Every query sees every key. Channels are sorted by their true scales, as row norms would tell. */
export function generateHead(
	{ headDim, tokens, scaleSpread, outlierPairs, outlierFactor, queries: spread }: GeneratedHead,
	rotary: Rotary,
	random: Random,
	place: { readonly layer: number; readonly head: number; readonly queries: number },
): HeadSample {
	const scores = Float64Array.from({ length: headDim }, () => Math.exp(scaleSpread * random.normal()));
	const { partner, sign } = rotaryTable(headDim, rotary);
	const firsts = random.shuffle([...partner.keys()].filter((channel) => sign[channel] === -1)).slice(0, outlierPairs);
	for (const channel of firsts)
		for (const one of [channel, partner[channel] as number]) scores[one] = outlierFactor * (scores[one] as number);
	const draw = (rows: number, scaleOf: (channel: number) => number): Float32Array =>
		Float32Array.from({ length: rows * headDim }, (_, i) => scaleOf(i % headDim) * random.normal());
	return {
		layer: place.layer,
		head: place.head,
		headDim,
		keys: draw(tokens, (channel) => scores[channel] as number),
		queries: draw(place.queries, (channel) => (spread === 'quiet' ? 1 / (scores[channel] as number) : 1)),
		visible: new Int32Array(place.queries).fill(tokens),
		values: draw(tokens, () => 1),
		scores,
		rotary,
	};
}
