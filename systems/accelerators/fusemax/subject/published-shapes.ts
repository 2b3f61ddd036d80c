/** The four models of the published evaluation (shapes in the artifact of the paper). */
import type { AttentionSubject } from './subject.ts';

const shape = (name: string, modelWidth: number, heads: number, headWidth: number, feedForward: number): AttentionSubject => ({
	name,
	source: 'published evaluation',
	heads: { heads, kvHeads: heads, queryKeyWidth: headWidth, valueWidth: headWidth },
	products: [
		{ name: 'Q, K, V', inner: modelWidth, outer: heads * headWidth, count: 3, experts: null },
		{ name: 'output', inner: heads * headWidth, outer: modelWidth, count: 1, experts: null },
		{ name: 'feed-forward up', inner: modelWidth, outer: feedForward, count: 1, experts: null },
		{ name: 'feed-forward down', inner: feedForward, outer: modelWidth, count: 1, experts: null },
	],
	stated: null,
	layers: 1,
	notes: [],
});

export const publishedShapes = {
	bert: shape('BERT', 768, 12, 64, 3072),
	trxl: shape('TrXL', 1024, 16, 64, 4096),
	t5: shape('T5', 512, 8, 64, 2048),
	xlm: shape('XLM', 2048, 16, 128, 8192),
} as const satisfies Readonly<Record<string, AttentionSubject>>;

export const publishedNames = ['bert', 'trxl', 't5', 'xlm'] as const;
export type PublishedName = (typeof publishedNames)[number];

/** Batch and lengths of the evaluation. */
export const PUBLISHED_BATCH = 64;
export const publishedLengths = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576] as const;
