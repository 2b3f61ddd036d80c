/**
 * Checked reading of FlatBuffers (the format of .tflite files): tables whose fields are found through a table of offsets, vectors with a
 * length in front, all little-endian. The `flatbuffers` package trusts its input; here every access is held against the file's length, and
 * vectors against what is left of it, so that broken bytes raise an InputError.
 * Format: flatbuffers.dev, "FlatBuffer Internals".
 */
import { InputError } from '@assay/contract';

/** A scalar's kind in a table or vector. */
export type Scalar = 'int8' | 'uint8' | 'int32' | 'uint32' | 'float32' | 'int64';

const SCALAR_BYTES: Readonly<Record<Scalar, number>> = { int8: 1, uint8: 1, int32: 4, uint32: 4, float32: 4, int64: 8 };

/** A file's bytes, read with checks. */
class CheckedBytes {
	readonly bytes: Uint8Array;
	readonly fileName: string;
	private readonly view: DataView;

	constructor(bytes: Uint8Array, fileName: string) {
		this.bytes = bytes;
		this.fileName = fileName;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** Raises an InputError unless [offset, offset + length) lies in the file. */
	check(offset: number, length: number): void {
		if (offset >= 0 && length >= 0 && offset + length <= this.bytes.byteLength) return;
		throw new InputError({
			path: [this.fileName],
			found: `a reference to bytes ${offset} to ${offset + length} in a file of ${this.bytes.byteLength} bytes`,
			expected: 'references within the file: it is truncated or broken',
		});
	}

	uint16(offset: number): number {
		this.check(offset, 2);
		return this.view.getUint16(offset, true);
	}

	scalar(offset: number, kind: Scalar): number {
		this.check(offset, SCALAR_BYTES[kind]);
		const { view } = this;
		if (kind === 'int8') return view.getInt8(offset);
		if (kind === 'uint8') return view.getUint8(offset);
		if (kind === 'int32') return view.getInt32(offset, true);
		if (kind === 'uint32') return view.getUint32(offset, true);
		if (kind === 'float32') return view.getFloat32(offset, true);
		return Number(view.getBigInt64(offset, true));
	}

	/** Where a reference at `offset` leads. */
	follow(offset: number): number {
		return offset + this.scalar(offset, 'uint32');
	}

	/** First element and length of the vector at `offset`. */
	vector(offset: number, elementBytes: number): { readonly start: number; readonly length: number } {
		const length = this.scalar(offset, 'uint32');
		this.check(offset + 4, length * elementBytes);
		return { start: offset + 4, length };
	}
}

/** A table; fields are numbered as in the schema, and an absent one has its default. */
export class Table {
	private readonly file: CheckedBytes;
	private readonly start: number;
	private readonly offsets: number;
	private readonly offsetsBytes: number;

	private constructor(file: CheckedBytes, start: number) {
		this.file = file;
		this.start = start;
		this.offsets = start - file.scalar(start, 'int32');
		this.offsetsBytes = file.uint16(this.offsets);
		file.check(this.offsets, this.offsetsBytes);
	}

	/** The root table. Raises an InputError unless the file carries the identifier (four characters). */
	static root(bytes: Uint8Array, fileName: string, identifier: string): Table {
		const file = new CheckedBytes(bytes, fileName);
		const found = bytes.byteLength >= 8 ? String.fromCharCode(...bytes.subarray(4, 8)) : '';
		if (found !== identifier)
			throw new InputError({
				path: [fileName],
				found: `${bytes.byteLength} bytes with the mark ${JSON.stringify(found)}`,
				expected: `a file with the mark ${identifier}`,
			});
		return new Table(file, file.follow(0));
	}

	scalar(field: number, kind: Scalar, byDefault = 0): number {
		const place = this.place(field);
		return place === undefined ? byDefault : this.file.scalar(place, kind);
	}

	text(field: number): string {
		return new TextDecoder().decode(this.bytes(field));
	}

	/** A vector of bytes, as a view of the file; empty if absent. */
	bytes(field: number): Uint8Array {
		const vector = this.vector(field, 1);
		return this.file.bytes.subarray(vector.start, vector.start + vector.length);
	}

	numbers(field: number, kind: Exclude<Scalar, 'int8' | 'uint8'>): number[] {
		const width = SCALAR_BYTES[kind];
		const { start, length } = this.vector(field, width);
		return Array.from({ length }, (_, i) => this.file.scalar(start + width * i, kind));
	}

	table(field: number): Table | undefined {
		const place = this.place(field);
		return place === undefined ? undefined : new Table(this.file, this.file.follow(place));
	}

	tables(field: number): Table[] {
		const { start, length } = this.vector(field, 4);
		return Array.from({ length }, (_, i) => new Table(this.file, this.file.follow(start + 4 * i)));
	}

	private vector(field: number, elementBytes: number): { readonly start: number; readonly length: number } {
		const place = this.place(field);
		return place === undefined ? { start: 0, length: 0 } : this.file.vector(this.file.follow(place), elementBytes);
	}

	private place(field: number): number | undefined {
		const entry = 4 + 2 * field;
		if (entry + 2 > this.offsetsBytes) return undefined;
		const offset = this.file.uint16(this.offsets + entry);
		return offset === 0 ? undefined : this.start + offset;
	}
}
