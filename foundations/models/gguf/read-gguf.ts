/**
 * The head of a GGUF file: metadata and where its tensors lie; weights stay where they are (versions 2 and 3,
 * github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 */
import { InputError } from '@assay/contract';
import type { ByteSource } from '../onnx/byte-source.ts';
import { type GgufTensorType, ggufTensorType } from './tensor-type.ts';

/** A value of the metadata. Numbers beyond 2^53 are rounded; of arrays only numbers and strings are kept, and no more than a thousand entries. */
export type GgufValue = number | boolean | string | readonly (number | boolean | string)[];

export interface GgufTensor {
	readonly name: string;
	/** Innermost axis first, as the file has them. */
	readonly shape: readonly number[];
	readonly type: GgufTensorType;
	/** From the start of the file. */
	readonly offset: number;
	readonly bytes: number;
}

export interface GgufHead {
	readonly version: number;
	readonly metadata: ReadonlyMap<string, GgufValue>;
	readonly tensors: readonly GgufTensor[];
}

const MAGIC = 0x46554747;
/** Largest head: a vocabulary of a few hundred thousand tokens takes some ten megabytes. */
const HEAD_LIMIT_BYTES = 256 << 20;
const FIRST_PIECE_BYTES = 1 << 20;
const MOST_TENSORS = 1_000_000;
const MOST_ENTRIES = 100_000;
const MOST_AXES = 8;
const KEPT_ENTRIES = 1000;
const STANDARD_ALIGNMENT = 32;

/** Reads the head. Raises an `InputError` that names the place for anything that is not GGUF. */
export async function readGguf(source: ByteSource): Promise<GgufHead> {
	// The head does not say how long it is: it is read again with twice the bytes until it ends.
	for (let bytes = FIRST_PIECE_BYTES; ; bytes *= 2) {
		const length = Math.min(bytes, source.bytes, HEAD_LIMIT_BYTES);
		const piece = await source.read(0, length);
		try {
			return parseHead(piece, source);
		} catch (error) {
			if (!(error instanceof PastTheEnd)) throw error;
			if (length < bytes) throw damaged(source.name, length, 'the end of the file', 'more of its head');
		}
	}
}

class PastTheEnd extends Error {}

function damaged(file: string, place: number, found: string, expected: string): InputError {
	return new InputError({ path: [file, `byte ${place}`], found, expected });
}

function parseHead(piece: Uint8Array, source: ByteSource): GgufHead {
	const reader = new Reader(piece, source.name);
	if (source.bytes < 4 || reader.uint32() !== MAGIC)
		throw damaged(source.name, 0, 'another file', 'a GGUF file, which starts with GGUF');
	const version = reader.uint32();
	if (version < 2 || version > 3) throw damaged(source.name, 4, `version ${version}`, 'version 2 or 3');
	const tensorCount = reader.count('tensors', MOST_TENSORS);
	const entryCount = reader.count('entries of metadata', MOST_ENTRIES);
	const metadata = new Map<string, GgufValue>();
	for (let entry = 0; entry < entryCount; entry++) {
		const key = reader.string();
		metadata.set(key, reader.value(reader.uint32()));
	}
	const described = Array.from({ length: tensorCount }, () => reader.tensor());
	const stated = metadata.get('general.alignment');
	const alignment = typeof stated === 'number' && stated >= 1 && stated <= 1 << 20 ? stated : STANDARD_ALIGNMENT;
	const start = Math.ceil(reader.place / alignment) * alignment;
	const tensors = described.map((tensor) => ({ ...tensor, offset: start + tensor.offset }));
	for (const { name, offset, bytes } of tensors) {
		if (!(offset + bytes <= source.bytes))
			throw new InputError({
				path: [source.name, name],
				found: `bytes ${offset} to ${offset + bytes} of a file of ${source.bytes}`,
				expected: 'a tensor within the file',
			});
	}
	return { version, metadata, tensors };
}

/** Reads little-endian values one after the other. */
class Reader {
	place = 0;
	private readonly view: DataView;
	private readonly piece: Uint8Array;
	private readonly file: string;

	constructor(piece: Uint8Array, file: string) {
		this.view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
		this.piece = piece;
		this.file = file;
	}

	/** Moves on by so many bytes and returns where they start. */
	private take(bytes: number): number {
		const start = this.place;
		if (!(bytes <= this.piece.byteLength - start)) throw new PastTheEnd();
		this.place += bytes;
		return start;
	}

	uint32(): number {
		return this.view.getUint32(this.take(4), true);
	}

	private uint64(): number {
		return Number(this.view.getBigUint64(this.take(8), true));
	}

	count(what: string, most: number): number {
		const place = this.place;
		const count = this.uint64();
		if (count > most) throw damaged(this.file, place, `${count} ${what}`, `at most ${most}`);
		return count;
	}

	string(): string {
		const place = this.place;
		const length = this.uint64();
		if (length > HEAD_LIMIT_BYTES) throw damaged(this.file, place, `a text of ${length} bytes`, `at most ${HEAD_LIMIT_BYTES}`);
		const start = this.take(length);
		return new TextDecoder().decode(this.piece.subarray(start, start + length));
	}

	value(type: number): GgufValue {
		if (type !== 9) return this.scalar(type);
		const place = this.place;
		const of = this.uint32();
		const length = this.uint64();
		if (of === 9) throw damaged(this.file, place, 'an array of arrays', 'an array of numbers or texts');
		if (length > HEAD_LIMIT_BYTES)
			throw damaged(this.file, place, `an array of ${length} entries`, `at most ${HEAD_LIMIT_BYTES}`);
		const kept: (number | boolean | string)[] = [];
		for (let entry = 0; entry < length; entry++) {
			const value = this.scalar(of);
			if (entry < KEPT_ENTRIES) kept.push(value);
		}
		return kept;
	}

	/** A number, a truth or a text, by the number of its type. */
	private scalar(type: number): number | boolean | string {
		const { view } = this;
		switch (type) {
			case 0:
				return view.getUint8(this.take(1));
			case 1:
				return view.getInt8(this.take(1));
			case 2:
				return view.getUint16(this.take(2), true);
			case 3:
				return view.getInt16(this.take(2), true);
			case 4:
				return this.uint32();
			case 5:
				return view.getInt32(this.take(4), true);
			case 6:
				return view.getFloat32(this.take(4), true);
			case 7:
				return view.getUint8(this.take(1)) !== 0;
			case 8:
				return this.string();
			case 10:
				return this.uint64();
			case 11:
				return Number(view.getBigInt64(this.take(8), true));
			case 12:
				return view.getFloat64(this.take(8), true);
			default:
				throw damaged(this.file, this.place, `a value of type ${type}`, 'types 0 to 12');
		}
	}

	/** A tensor's entry; its offset counts from the end of the head. */
	tensor(): GgufTensor {
		const name = this.string();
		const place = this.place;
		const axes = this.uint32();
		if (axes > MOST_AXES) throw damaged(this.file, place, `${axes} axes of ${name}`, `at most ${MOST_AXES}`);
		const shape = Array.from({ length: axes }, () => this.uint64());
		const number = this.uint32();
		const type = ggufTensorType(number);
		if (type === undefined)
			throw new InputError({ path: [this.file, name], found: `format ${number}`, expected: 'a known format' });
		const weights = shape.reduce((all, one) => all * one, 1);
		if (weights % type.blockWeights !== 0)
			throw new InputError({
				path: [this.file, name],
				found: `${weights} weights in ${type.name}`,
				expected: `a multiple of ${type.blockWeights}`,
			});
		return { name, shape, type, offset: this.uint64(), bytes: (weights / type.blockWeights) * type.blockBytes };
	}
}
