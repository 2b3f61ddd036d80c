/** What is written into the banks and read out of them: new keys and values, rows of the embedding. One channel's part. */
import type { MemoryShape } from '../hardware/hardware.ts';
import { blocksOfChannel, type KeyLayout, keyAddress, type ValueLayout } from '../mapping/cache-layout.ts';
import { type MatrixLayout, type Slice, sliceAddress } from '../mapping/matrix-layout.ts';
import type { FunctionLayout } from '../mapping/model-map.ts';
import type { CommandSink } from './command-sink.ts';

/** Words [address, address + words) of a bank, row after row. */
function rowByRow(
	{ wordsPerRow }: MemoryShape,
	firstRow: number,
	address: number,
	words: number,
	visit: (row: number, word: number, words: number) => void,
): void {
	for (let at = address; at < address + words; ) {
		const row = Math.floor(at / wordsPerRow);
		const stop = Math.min(address + words, (row + 1) * wordsPerRow);
		visit(firstRow + row, at - row * wordsPerRow, stop - at);
		at = stop;
	}
}

/** Writes the key of the token at `place` (its number, modulo a sliding window's length). */
export function writeKey(layout: KeyLayout, memory: MemoryShape, channel: number, place: number, sink: CommandSink): void {
	const { channels, banks } = memory;
	if (place % channels !== channel) return;
	const bank = Math.floor(place / channels) % banks;
	const local = Math.floor(place / (channels * banks));
	for (const group of layout.groups) {
		const address = keyAddress(layout, group, local, group.firstHead);
		rowByRow(memory, layout.firstRow, address, group.heads * layout.headWords, (row, word, words) =>
			sink.writeBank(bank, row, word, words),
		);
	}
}

/** Writes the value of the token at `place`: for each of the channel's blocks a word into every bank. */
export function writeValue(layout: ValueLayout, memory: MemoryShape, channel: number, place: number, sink: CommandSink): void {
	const { count } = blocksOfChannel(layout, channel);
	for (let block = 0; block < count; block++) {
		const address = block * layout.tokenWords + place;
		sink.writeAllBanks(layout.firstRow + Math.floor(address / memory.wordsPerRow), address % memory.wordsPerRow);
	}
}

/** Reads one output's weights: a row of an embedding. */
export function readRow(layout: MatrixLayout, memory: MemoryShape, channel: number, output: number, sink: CommandSink): void {
	const { channels, banks } = memory;
	if (output % channels !== channel) return;
	const bank = Math.floor(output / channels) % banks;
	const local = Math.floor(output / (channels * banks));
	for (let s = 0; s < layout.slices.length; s++) {
		rowByRow(
			memory,
			layout.firstRow,
			sliceAddress(layout, memory, local, s),
			(layout.slices[s] as Slice).words,
			(row, word, words) => sink.readBank(bank, row, word, words),
		);
	}
}

/** Reads a layer's biases and norms for the ASIC. */
export function readFunctions({ firstRow, wordsPerBank }: FunctionLayout, memory: MemoryShape, sink: CommandSink): void {
	rowByRow(memory, firstRow, 0, wordsPerBank, (row, word, words) => sink.readAllBanks(row, word, words));
}
