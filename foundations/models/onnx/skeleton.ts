/**
 * A file without its weights. An ONNX file may hold gigabytes of weights among kilobytes of graph, so it is walked field by field: the
 * raw bytes of larger weights are stepped over and their place is noted; all else is kept, with the lengths of the messages
 * around them written anew. What is kept is a valid file of its own.
 */
import { InputError } from '@assay/contract';
import type { ByteSource } from './byte-source.ts';
import { FIELD } from './schema.ts';

/** Raw bytes from this size on stay in the file. */
const LEFT_IN_FILE_BYTES = 1024;
/** A graph without its weights is never larger. */
const MAX_SKELETON_BYTES = 512 << 20;
const CHUNK_BYTES = 64 << 10;
const DELIMITED = 2;

export interface Skeleton {
	readonly bytes: Uint8Array;
	/** Bytes left in the file, by the position of the weight among the graph's. */
	readonly left: ReadonlyMap<number, { readonly offset: number; readonly bytes: number }>;
}

export async function readSkeleton(source: ByteSource): Promise<Skeleton> {
	const reader = new Reader(source);
	const model = new Pieces();
	const left = new Map<number, { offset: number; bytes: number }>();
	let weights = 0;
	while (reader.at < source.bytes) {
		const { number, wire, tag } = await reader.field();
		if (number !== FIELD.graph || wire !== DELIMITED) {
			await copyField(reader, model, wire, tag, source.bytes);
			continue;
		}
		const graphEnd = await reader.delimitedEnd(source.bytes);
		const graph = new Pieces();
		while (reader.at < graphEnd) {
			const inner = await reader.field();
			if (inner.number !== FIELD.initializer || inner.wire !== DELIMITED) {
				await copyField(reader, graph, inner.wire, inner.tag, graphEnd);
				continue;
			}
			const tensorEnd = await reader.delimitedEnd(graphEnd);
			const tensor = new Pieces();
			while (reader.at < tensorEnd) {
				const part = await reader.field();
				if (part.number === FIELD.rawData && part.wire === DELIMITED) {
					const end = await reader.delimitedEnd(tensorEnd);
					if (end - reader.at >= LEFT_IN_FILE_BYTES) {
						left.set(weights, { offset: reader.at, bytes: end - reader.at });
						reader.at = end;
					} else {
						tensor.tag(part.tag);
						tensor.delimited(await reader.take(end - reader.at));
					}
				} else await copyField(reader, tensor, part.wire, part.tag, tensorEnd);
			}
			graph.tag(inner.tag);
			graph.delimited(tensor.join());
			weights++;
		}
		model.tag(tag);
		model.delimited(graph.join());
	}
	return { bytes: model.join(), left };
}

async function copyField(reader: Reader, to: Pieces, wire: number, tag: number, end: number): Promise<void> {
	to.tag(tag);
	if (wire === DELIMITED) {
		const partEnd = await reader.delimitedEnd(end);
		return to.delimited(await reader.take(partEnd - reader.at));
	}
	if (wire === 0) return to.varint(await reader.varint());
	if (wire === 1 || wire === 5) return to.add(await reader.take(wire === 1 ? 8 : 4));
	throw reader.broken(`a field of the unknown kind ${wire}`);
}

/** Reads forward in chunks. Numbers are exact to 2^53; longer ones pass through as their bytes. */
class Reader {
	at = 0;
	private readonly source: ByteSource;
	private chunk: Uint8Array = new Uint8Array();
	private chunkAt = 0;

	constructor(source: ByteSource) {
		this.source = source;
	}

	broken(found: string): InputError {
		return new InputError({ path: [this.source.name, `byte ${this.at}`], found, expected: 'an ONNX file' });
	}

	/** A view of the next bytes, valid for good. */
	async take(bytes: number): Promise<Uint8Array> {
		if (this.at + bytes > this.source.bytes) throw this.broken('the end of the file');
		if (bytes > MAX_SKELETON_BYTES) throw this.broken(`${bytes} bytes in one piece that is no weight`);
		if (bytes > CHUNK_BYTES) {
			const taken = await this.source.read(this.at, bytes);
			this.at += bytes;
			return taken.slice();
		}
		await this.fill(bytes);
		const start = this.at - this.chunkAt;
		this.at += bytes;
		return this.chunk.slice(start, start + bytes);
	}

	/** The bytes of a number as they stand. */
	async varint(): Promise<Uint8Array> {
		const start = this.at;
		await this.fill(Math.min(10, this.source.bytes - this.at));
		for (let i = 0; i < 10 && this.at < this.source.bytes; i++) {
			const byte = this.chunk[this.at++ - this.chunkAt] as number;
			if (byte < 0x80) return this.chunk.slice(start - this.chunkAt, this.at - this.chunkAt);
		}
		throw this.broken('a number that does not end');
	}

	async field(): Promise<{ number: number; wire: number; tag: number }> {
		const tag = numberOf(await this.varint());
		const number = Math.floor(tag / 8);
		if (number < 1 || tag > 0xffffffff) throw this.broken(`the field number ${number}`);
		return { number, wire: tag % 8, tag };
	}

	/** Reads a length; where what follows ends, which is at most `limit`. */
	async delimitedEnd(limit: number): Promise<number> {
		const length = numberOf(await this.varint());
		const end = this.at + length;
		if (!(end <= limit)) throw this.broken(`a part of ${length} bytes where ${limit - this.at} are left`);
		return end;
	}

	private async fill(bytes: number): Promise<void> {
		const start = this.at - this.chunkAt;
		if (start >= 0 && start + bytes <= this.chunk.byteLength) return;
		this.chunkAt = this.at;
		this.chunk = await this.source.read(this.at, Math.min(CHUNK_BYTES, this.source.bytes - this.at));
		if (bytes > this.chunk.byteLength) throw this.broken('the end of the file');
	}
}

function numberOf(varint: Uint8Array): number {
	let value = 0;
	for (let i = varint.length - 1; i >= 0; i--) value = value * 128 + ((varint[i] as number) & 0x7f);
	return value;
}

/** Parts of a message in the order they are written. */
class Pieces {
	private readonly parts: Uint8Array[] = [];
	private length = 0;

	add(bytes: Uint8Array): void {
		this.parts.push(bytes);
		this.length += bytes.byteLength;
		if (this.length > MAX_SKELETON_BYTES)
			throw new RangeError(`a graph of more than ${MAX_SKELETON_BYTES} bytes without its weights`);
	}

	tag(tag: number): void {
		this.add(encodeVarint(tag));
	}

	varint(bytes: Uint8Array): void {
		this.add(bytes);
	}

	delimited(bytes: Uint8Array): void {
		this.add(encodeVarint(bytes.byteLength));
		this.add(bytes);
	}

	join(): Uint8Array {
		const joined = new Uint8Array(this.length);
		let at = 0;
		for (const part of this.parts) {
			joined.set(part, at);
			at += part.byteLength;
		}
		return joined;
	}
}

function encodeVarint(value: number): Uint8Array {
	const bytes: number[] = [];
	let rest = value;
	while (rest >= 128) {
		bytes.push((rest % 128) | 0x80);
		rest = Math.floor(rest / 128);
	}
	bytes.push(rest);
	return Uint8Array.from(bytes);
}
