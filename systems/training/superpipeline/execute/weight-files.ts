/** Copies weights out of a model's files into files in which each unit's lie in one piece. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '@assay/contract';
import { type ByteSource, type OnnxInitializer, tensorBytes } from '@assay/models/onnx';
import { fileSource } from './read-file.ts';

/** Tensors start at multiples of this, which suits every element type and vector width. */
const ALIGNMENT = 64;
const CHUNK_BYTES = 16 << 20;

/** Reads weights wherever they are: in the ONNX file, in files beside it, or spelt out. Close it in the end. */
export class WeightReader {
	private readonly modelPath: string;
	private readonly files = new Map<string, Awaited<ReturnType<typeof fileSource>>>();

	constructor(modelPath: string) {
		this.modelPath = modelPath;
	}

	/** The bytes of a weight in pieces. Raises an InputError that names a missing or short file. */
	async *pieces({ name, bytes, data }: OnnxInitializer): AsyncGenerator<Uint8Array> {
		if (data.kind === 'message') {
			yield tensorBytes(data.tensor);
			return;
		}
		const location = data.kind === 'own-file' ? undefined : data.location;
		const source = await this.source(location, name);
		if (data.offset + bytes > source.bytes) {
			throw new InputError({
				path: [source.name],
				found: `${source.bytes} bytes`,
				expected: `at least ${data.offset + bytes} bytes, for the weight ${name}`,
			});
		}
		for (let at = 0; at < bytes; at += CHUNK_BYTES) yield await source.read(data.offset + at, Math.min(CHUNK_BYTES, bytes - at));
	}

	async all(weight: OnnxInitializer): Promise<Uint8Array> {
		const joined = new Uint8Array(weight.bytes);
		let at = 0;
		for await (const piece of this.pieces(weight)) {
			joined.set(piece, at);
			at += piece.byteLength;
		}
		return joined;
	}

	async close(): Promise<void> {
		for (const file of this.files.values()) await file.close();
	}

	private async source(location: string | undefined, weight: string): Promise<ByteSource> {
		const path = location === undefined ? this.modelPath : join(dirname(this.modelPath), location);
		let file = this.files.get(path);
		if (file === undefined) {
			try {
				file = await fileSource(path);
			} catch {
				throw new InputError({
					path: ['run', 'weightFiles'],
					found: `no file ${location}`,
					expected: `the file ${location} beside the graph, which holds the weight ${weight}`,
				});
			}
			this.files.set(path, file);
		}
		return file;
	}
}

/** Appends weights to a file, each at a multiple of 64 bytes. */
export class WeightWriter {
	bytes = 0;
	private readonly file: FileHandle;

	private constructor(file: FileHandle) {
		this.file = file;
	}

	static async create(path: string): Promise<WeightWriter> {
		return new WeightWriter(await open(path, 'w'));
	}

	/** Where the weight starts. */
	async add(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
		const start = Math.ceil(this.bytes / ALIGNMENT) * ALIGNMENT;
		let at = start;
		for await (const piece of pieces) {
			await this.file.write(piece, 0, piece.byteLength, at);
			at += piece.byteLength;
		}
		this.bytes = at;
		return start;
	}

	/** Fills up to the next start, so that units that follow each other do not share a stretch. */
	align(): number {
		this.bytes = Math.ceil(this.bytes / ALIGNMENT) * ALIGNMENT;
		return this.bytes;
	}

	close(): Promise<void> {
		return this.file.close();
	}
}
