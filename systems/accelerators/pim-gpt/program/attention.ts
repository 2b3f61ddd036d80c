/** Attention over the keys and values in the banks, one channel's part. Vectors hold heads at whole columns (`headWords`, `tokenWords`). */
import type { MemoryShape } from '../hardware/hardware.ts';
import { blocksOfChannel, type KeyLayout, keyAddress, type ValueLayout } from '../mapping/cache-layout.ts';
import { type CommandSink, multiplyWords } from './command-sink.ts';

/** Keys among the first `tokens` that the fullest bank of a channel holds. */
export function keysInChannel(tokens: number, { channels, banks }: MemoryShape, channel: number): number {
	return Math.max(0, Math.ceil((tokens - channel) / (channels * banks)));
}

/** Queries times keys. The vector is all query heads; result `key * queryHeads + query` is the bank's own key's score. */
export function scores(
	layout: KeyLayout,
	memory: MemoryShape,
	channel: number,
	tokens: number,
	queryHeads: number,
	sink: CommandSink,
): void {
	const { headWords, queriesPerHead, firstRow } = layout;
	const columns = headWords / memory.wordsPerColumn;
	const keys = keysInChannel(tokens, memory, channel);
	if (keys === 0) return;
	for (const group of layout.groups) {
		for (const { firstQuery, queries } of group.passes) {
			sink.loadVector(firstQuery * headWords, queries * headWords);
			for (let key = 0; key < keys; key++) {
				for (let q = 0; q < queries; q++) {
					const head = Math.floor((firstQuery + q) / queriesPerHead);
					multiplyWords(sink, memory, firstRow, keyAddress(layout, group, key, head), headWords, q * columns);
					sink.readResults(key * queryHeads + firstQuery + q);
				}
			}
		}
	}
}

/**
 * Probabilities times values. The vector is the probabilities of all query heads, `tokenWords` words a head; result `block * queriesPerHead
 * + query` (the channel's own block, the query among those of its head) comes once a slice of tokens that the buffer holds.
 */
export function values(layout: ValueLayout, memory: MemoryShape, channel: number, tokens: number, sink: CommandSink): void {
	const { blocksPerHead, queriesPerHead, tokenWords, firstRow } = layout;
	const { first, count } = blocksOfChannel(layout, channel);
	for (let from = 0; from < count; ) {
		const head = Math.floor((first + from) / blocksPerHead);
		const to = Math.min(count, (head + 1) * blocksPerHead - first);
		for (let query = 0; query < queriesPerHead; query++) {
			for (let token = 0; token < tokens; token += memory.bufferWords) {
				const words = Math.min(memory.bufferWords, tokens - token);
				const padded = Math.ceil(words / memory.wordsPerColumn) * memory.wordsPerColumn;
				sink.loadVector((head * queriesPerHead + query) * tokenWords + token, words);
				for (let block = from; block < to; block++) {
					multiplyWords(sink, memory, firstRow, block * tokenWords + token, padded, 0);
					sink.readResults(block * queriesPerHead + query);
				}
			}
		}
		from = to;
	}
}
