/** The banks' contents, and a channel that really multiplies what lies in its rows. */
import { InputError } from '@assay/contract';
import type { MemoryShape } from '../hardware/hardware.ts';
import type { CommandSink } from '../program/command-sink.ts';
import { fromBfloat16, toBfloat16 } from './bfloat16.ts';

/** Most words that are held: 1 GiB. */
const MOST_WORDS = 2 ** 29;

/** BF16 words of the first rows of all banks. */
export class BankMemory {
	readonly memory: MemoryShape;
	readonly rows: number;
	readonly words: Uint16Array;

	constructor(memory: MemoryShape, rows: number) {
		const words = memory.channels * memory.banks * rows * memory.wordsPerRow;
		if (words > MOST_WORDS)
			throw new InputError({
				path: ['functional', 'weights'],
				found: `${words} words in all banks`,
				expected: `at most ${MOST_WORDS}, for they are held and multiplied one by one`,
			});
		this.memory = memory;
		this.rows = rows;
		this.words = new Uint16Array(words);
	}

	/** Position of the first word of a row. */
	rowStart(channel: number, bank: number, row: number): number {
		return ((channel * this.memory.banks + bank) * this.rows + row) * this.memory.wordsPerRow;
	}
}

/**
 * Multiplies as a bank does: products of BF16 words are exact in float32, a column's are added by a tree in float32, columns are accumulated in
 * float32, and what is read is rounded to BF16.
 */
export class FunctionalChannel implements CommandSink {
	/** The operation's vector, BF16 values. */
	vector: Float32Array = new Float32Array(0);
	/** Called with every result number and the banks' results, BF16 values; the array is reused. */
	onResults: (result: number, values: Float32Array) => void = () => undefined;
	/** Called with what is read out of a bank. */
	onRead: (values: Float32Array) => void = () => undefined;
	/** What is written into a bank next: words in order, and a word for each bank. */
	written: Float32Array = new Float32Array(0);
	private taken = 0;
	private readonly store: BankMemory;
	private readonly channel: number;
	private readonly buffer: Float32Array;
	private readonly accumulators: Float32Array;
	private readonly results: Float32Array;
	private readonly tree: Float32Array;

	constructor(store: BankMemory, channel: number) {
		this.store = store;
		this.channel = channel;
		this.buffer = new Float32Array(store.memory.bufferWords);
		this.accumulators = new Float32Array(store.memory.banks);
		this.results = new Float32Array(store.memory.banks);
		this.tree = new Float32Array(store.memory.wordsPerColumn);
	}

	/** Sets what the next writes put into the banks. */
	write(values: Float32Array): void {
		this.written = values;
		this.taken = 0;
	}

	loadVector(first: number, words: number): void {
		this.buffer.fill(0);
		this.buffer.set(this.vector.subarray(first, first + words));
	}

	multiply(row: number, column: number, columns: number, bufferColumn: number): void {
		const { store, buffer, accumulators, tree } = this;
		const { banks, wordsPerColumn } = store.memory;
		for (let bank = 0; bank < banks; bank++) {
			let at = store.rowStart(this.channel, bank, row) + column * wordsPerColumn;
			let from = bufferColumn * wordsPerColumn;
			let sum = accumulators[bank] as number;
			for (let c = 0; c < columns; c++) {
				for (let i = 0; i < wordsPerColumn; i++)
					tree[i] = fromBfloat16(store.words[at + i] as number) * (buffer[from + i] as number);
				for (let width = wordsPerColumn / 2; width >= 1; width /= 2)
					for (let i = 0; i < width; i++) tree[i] = (tree[2 * i] as number) + (tree[2 * i + 1] as number);
				sum = Math.fround(sum + (tree[0] as number));
				at += wordsPerColumn;
				from += wordsPerColumn;
			}
			accumulators[bank] = sum;
		}
	}

	readResults(result: number): void {
		for (let bank = 0; bank < this.results.length; bank++)
			this.results[bank] = fromBfloat16(toBfloat16(this.accumulators[bank] as number));
		this.accumulators.fill(0);
		this.onResults(result, this.results);
	}

	readBank(bank: number, row: number, word: number, words: number): void {
		const start = this.store.rowStart(this.channel, bank, row) + word;
		this.onRead(Float32Array.from(this.store.words.subarray(start, start + words), fromBfloat16));
	}

	readAllBanks(row: number, word: number, words: number): void {
		for (let bank = 0; bank < this.store.memory.banks; bank++) this.readBank(bank, row, word, words);
	}

	writeBank(bank: number, row: number, word: number, words: number): void {
		const start = this.store.rowStart(this.channel, bank, row) + word;
		for (let i = 0; i < words; i++) this.store.words[start + i] = toBfloat16(this.written[this.taken++] ?? 0);
	}

	writeAllBanks(row: number, word: number): void {
		for (let bank = 0; bank < this.store.memory.banks; bank++)
			this.store.words[this.store.rowStart(this.channel, bank, row) + word] = toBfloat16(this.written[this.taken++] ?? 0);
	}
}
