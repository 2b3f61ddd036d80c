/**
 * What a channel is told to do, whoever listens: the timing model, the functional banks, a trace. Programs (matrix-vector.ts, attention.ts,
 * transfers.ts) walk a layout and speak to a sink, so that what is timed, what is computed and what is exported are one stream.
 */
import type { MemoryShape } from '../hardware/hardware.ts';

export interface CommandSink {
	/** Loads words [first, first + words) of the operation's vector into the global buffer, from its start. */
	loadVector(first: number, words: number): void;
	/** Every bank multiplies `columns` columns of its row, from `column` on, with the buffer from `bufferColumn` on, and accumulates. */
	multiply(row: number, column: number, columns: number, bufferColumn: number): void;
	/** Every bank's accumulator is read and cleared. `result` is the operation's own number for the results. */
	readResults(result: number): void;
	readBank(bank: number, row: number, word: number, words: number): void;
	/** The same words of every bank, one bank after the other. */
	readAllBanks(row: number, word: number, words: number): void;
	writeBank(bank: number, row: number, word: number, words: number): void;
	/** One word into every bank, the same place. */
	writeAllBanks(row: number, word: number): void;
}

/** Multiplies `words` words (whole columns) from `address` on, row after row. */
export function multiplyWords(
	sink: CommandSink,
	{ wordsPerRow, wordsPerColumn }: MemoryShape,
	firstRow: number,
	address: number,
	words: number,
	bufferColumn: number,
): void {
	let at = address;
	let buffer = bufferColumn;
	const end = address + words;
	while (at < end) {
		const row = Math.floor(at / wordsPerRow);
		const stop = Math.min(end, (row + 1) * wordsPerRow);
		const columns = (stop - at) / wordsPerColumn;
		sink.multiply(firstRow + row, (at - row * wordsPerRow) / wordsPerColumn, columns, buffer);
		buffer += columns;
		at = stop;
	}
}
