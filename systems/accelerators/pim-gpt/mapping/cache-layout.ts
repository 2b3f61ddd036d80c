/**
 * Where keys and values lie.
 *
 * **Keys** are rows: token t's key belongs to one bank (channel t mod C, bank floor(t / C) mod B), so q K^T is a product whose outputs
 * grow with the sequence, and a new key is written into one or two rows of one bank. Key heads are grouped so that all query heads
 * that meet a group fit into the global buffer; each group's part of the keys lies together.
 *
 * **Values** are columns: component j of every token's value lies in one bank, consecutive tokens side by side, so p V is a product with
 * the tokens as inputs, and a new value is one word in every bank. The probabilities differ from head to head and all banks of a channel
 * read one buffer, so 16 neighbouring components, which share a head, go to the 16 banks of a channel, and neighbouring blocks of them to
 * the same channel: few heads a channel, few vectors to load. Room is kept for the longest sequence.
 */
import { type MemoryShape, roundUp } from '../hardware/hardware.ts';
import type { Decoder } from '../model/decoder.ts';

interface KeyGroup {
	readonly firstHead: number;
	readonly heads: number;
	/** Ranges of query heads that are in the buffer together. */
	readonly passes: readonly { readonly firstQuery: number; readonly queries: number }[];
}

export interface KeyLayout {
	readonly groups: readonly KeyGroup[];
	/** Query heads of a key head. */
	readonly queriesPerHead: number;
	/** Words of one head of a key, whole columns. */
	readonly headWords: number;
	/** Keys that a bank has room for. */
	readonly keysPerBank: number;
	readonly tokens: number;
	readonly firstRow: number;
	readonly rows: number;
}

/** Lays out keys for at most `tokens` tokens. The head must fit the buffer. */
export function layOutKeys(
	{ heads, kvHeads, headDim }: Pick<Decoder, 'heads' | 'kvHeads' | 'headDim'>,
	memory: MemoryShape,
	tokens: number,
	firstRow: number,
): KeyLayout {
	const headWords = roundUp(headDim, memory.wordsPerColumn);
	const queriesPerHead = heads / kvHeads;
	const held = Math.floor(memory.bufferWords / headWords);
	const headsPerGroup = Math.max(1, Math.floor(held / queriesPerHead));
	const groups: KeyGroup[] = [];
	for (let firstHead = 0; firstHead < kvHeads; firstHead += headsPerGroup) {
		const groupHeads = Math.min(headsPerGroup, kvHeads - firstHead);
		const queries = groupHeads * queriesPerHead;
		const passes = [];
		for (let done = 0; done < queries; done += held)
			passes.push({ firstQuery: firstHead * queriesPerHead + done, queries: Math.min(held, queries - done) });
		groups.push({ firstHead, heads: groupHeads, passes });
	}
	const keysPerBank = Math.ceil(tokens / (memory.channels * memory.banks));
	const rows = Math.ceil((keysPerBank * kvHeads * headWords) / memory.wordsPerRow);
	return { groups, queriesPerHead, headWords, keysPerBank, tokens, firstRow, rows };
}

/** Address of one head of a bank's `local`-th key, in words from the layout's first row. */
export function keyAddress({ headWords, keysPerBank }: KeyLayout, group: KeyGroup, local: number, head: number): number {
	return headWords * (keysPerBank * group.firstHead + local * group.heads + (head - group.firstHead));
}

export interface ValueLayout {
	/** Blocks of components, a component for each bank of a channel. */
	readonly blocks: number;
	readonly blocksPerHead: number;
	readonly blocksPerChannel: number;
	readonly queriesPerHead: number;
	/** Words kept for a component: the tokens, whole columns. */
	readonly tokenWords: number;
	readonly tokens: number;
	readonly firstRow: number;
	readonly rows: number;
}

/** Lays out values for at most `tokens` tokens. */
export function layOutValues(
	{ heads, kvHeads, headDim }: Pick<Decoder, 'heads' | 'kvHeads' | 'headDim'>,
	memory: MemoryShape,
	tokens: number,
	firstRow: number,
): ValueLayout {
	const blocksPerHead = Math.ceil(headDim / memory.banks);
	const blocks = kvHeads * blocksPerHead;
	const blocksPerChannel = Math.ceil(blocks / memory.channels);
	const tokenWords = roundUp(tokens, memory.wordsPerColumn);
	const rows = Math.ceil((blocksPerChannel * tokenWords) / memory.wordsPerRow);
	return { blocks, blocksPerHead, blocksPerChannel, queriesPerHead: heads / kvHeads, tokenWords, tokens, firstRow, rows };
}

/** Blocks that a channel owns: [first, first + count). */
export function blocksOfChannel(
	{ blocks, blocksPerChannel }: ValueLayout,
	channel: number,
): { readonly first: number; readonly count: number } {
	const first = channel * blocksPerChannel;
	return { first, count: Math.max(0, Math.min(blocksPerChannel, blocks - first)) };
}
