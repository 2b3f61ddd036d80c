/**
 * The safetensors format: eight bytes with the length of a JSON header, the header, then the tensors' bytes, row-major, one after
 * the other without holes. Everything here works on bytes in memory and says where in a file to read or write; it opens none.
 * Format: github.com/huggingface/safetensors, README.
 */
import { InputError, show } from '@assay/contract';
import { z } from 'zod';

/** Bits of one value by element type. */
export const SAFETENSORS_BITS = {
	BOOL: 8,
	F4: 4,
	F6_E2M3: 6,
	F6_E3M2: 6,
	U8: 8,
	I8: 8,
	F8_E5M2: 8,
	F8_E4M3: 8,
	F8_E8M0: 8,
	I16: 16,
	U16: 16,
	F16: 16,
	BF16: 16,
	I32: 32,
	U32: 32,
	F32: 32,
	C64: 64,
	F64: 64,
	I64: 64,
	U64: 64,
} as const;

/** An element type of the format. */
export type SafetensorsDtype = keyof typeof SAFETENSORS_BITS;

/** Longest header that readers accept, as the reference implementation's. */
export const SAFETENSORS_HEADER_LIMIT_BYTES = 100_000_000;
/** Bytes before the header. */
export const SAFETENSORS_PREFIX_BYTES = 8;

const MAX_TENSORS = 2_000_000;
const MAX_DIMENSIONS = 16;

/** A tensor as a header describes it. */
export interface TensorDescription {
	readonly name: string;
	readonly dtype: SafetensorsDtype;
	/** Outermost first; empty for a scalar. */
	readonly shape: readonly number[];
}

/** A tensor and where it lies. */
export interface TensorEntry extends TensorDescription {
	/** First byte, from the start of the file. */
	readonly fileOffset: number;
	readonly bytes: number;
}

/** What a file holds. */
export interface SafetensorsHeader {
	/** In the order of their bytes. */
	readonly tensors: readonly TensorEntry[];
	readonly metadata: Readonly<Record<string, string>>;
	/** Length of the whole file. */
	readonly fileBytes: number;
}

const dtypes = Object.keys(SAFETENSORS_BITS).filter((name): name is SafetensorsDtype => name in SAFETENSORS_BITS);
const offset = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const tensorSchema = z.object({
	dtype: z.enum(dtypes),
	shape: z.array(offset).max(MAX_DIMENSIONS),
	data_offsets: z.tuple([offset, offset]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Values of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
	return shape.reduce((product, size) => product * size, 1);
}

/** Bytes of a tensor. Not whole where 4- and 6-bit values do not fill bytes; such a tensor is no valid one. */
export function tensorBytes(dtype: SafetensorsDtype, shape: readonly number[]): number {
	return (elementCount(shape) * SAFETENSORS_BITS[dtype]) / 8;
}

/**
 * Length of the header from the first eight bytes of a file (little-endian). Raises an `InputError` for fewer bytes, for a length
 * beyond `limitBytes` and for one beyond the file, so nothing is read that was never meant to be a header.
 */
export function safetensorsHeaderLength(
	prefix: Uint8Array,
	fileName: string,
	fileBytes: number,
	limitBytes = SAFETENSORS_HEADER_LIMIT_BYTES,
): number {
	if (prefix.byteLength < SAFETENSORS_PREFIX_BYTES || fileBytes < SAFETENSORS_PREFIX_BYTES)
		throw new InputError({ path: [fileName], found: `${fileBytes} bytes`, expected: 'a safetensors file of at least 8 bytes' });
	const length = new DataView(prefix.buffer, prefix.byteOffset, SAFETENSORS_PREFIX_BYTES).getBigUint64(0, true);
	if (length > BigInt(limitBytes))
		throw new InputError({
			path: [fileName, 'header length'],
			found: `${length} bytes`,
			expected: `at most ${limitBytes} bytes: is this a safetensors file?`,
		});
	if (Number(length) > fileBytes - SAFETENSORS_PREFIX_BYTES)
		throw new InputError({
			path: [fileName, 'header length'],
			found: `${length} bytes in a file of ${fileBytes} bytes`,
			expected: 'a file that holds its header: it is truncated',
		});
	return Number(length);
}

/**
 * Reads a header, without the eight bytes before it, and checks it whole: known element types, a range for every tensor that
 * fits its shape, ranges that follow each other without hole or overlap and end with the file. Raises an `InputError` that names
 * the file and the tensor.
 */
export function parseSafetensorsHeader(header: Uint8Array, fileName: string, fileBytes: number): SafetensorsHeader {
	const json = parseJson(header, fileName);
	const dataStart = SAFETENSORS_PREFIX_BYTES + header.byteLength;
	const tensors: TensorEntry[] = [];
	let metadata: Record<string, string> = {};
	const names = Object.keys(json);
	if (names.length > MAX_TENSORS)
		throw new InputError({ path: [fileName], found: `${names.length} tensors`, expected: `at most ${MAX_TENSORS}` });
	for (const name of names) {
		const value = json[name];
		if (name === '__metadata__') {
			const parsed = metadataSchema.safeParse(value);
			if (!parsed.success) throw new InputError({ path: [fileName, name], found: show(value), expected: 'an object of texts' });
			metadata = parsed.data;
			continue;
		}
		tensors.push(readEntry(name, value, fileName, dataStart));
	}
	tensors.sort((a, b) => a.fileOffset - b.fileOffset || a.bytes - b.bytes);
	let end = dataStart;
	for (const { name, fileOffset, bytes } of tensors) {
		if (fileOffset !== end)
			throw new InputError({
				path: [fileName, name, 'data_offsets'],
				found: `a tensor that starts at byte ${fileOffset}`,
				expected: `byte ${end}, where the one before ends: no holes, no overlaps`,
			});
		end = fileOffset + bytes;
	}
	if (end !== fileBytes)
		throw new InputError({
			path: [fileName],
			found: `${fileBytes} bytes`,
			expected: `${end} bytes by its header${fileBytes < end ? ': the file is truncated' : ''}`,
		});
	return { tensors, metadata, fileBytes };
}

function readEntry(name: string, value: unknown, fileName: string, dataStart: number): TensorEntry {
	const parsed = tensorSchema.safeParse(value);
	if (!parsed.success) {
		const place = parsed.error.issues[0]?.path.map((step) => (typeof step === 'number' ? step : String(step))) ?? [];
		throw new InputError({
			path: [fileName, name, ...place],
			found: show(value),
			expected: 'dtype, shape and data_offsets as the safetensors format has them',
		});
	}
	const { dtype, shape, data_offsets } = parsed.data;
	const [begin, end] = data_offsets;
	const bytes = tensorBytes(dtype, shape);
	if (!Number.isSafeInteger(bytes) || end - begin !== bytes)
		throw new InputError({
			path: [fileName, name, 'data_offsets'],
			found: `${end - begin} bytes`,
			expected: `${bytes} bytes for ${dtype} of shape [${shape.join(', ')}]`,
		});
	return { name, dtype, shape, fileOffset: dataStart + begin, bytes };
}

function parseJson(header: Uint8Array, fileName: string): Record<string, unknown> {
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
	} catch (error) {
		throw new InputError({
			path: [fileName, 'header'],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'a JSON object',
		});
	}
	if (typeof json !== 'object' || json === null || Array.isArray(json))
		throw new InputError({ path: [fileName, 'header'], found: show(json), expected: 'a JSON object' });
	return Object.fromEntries(Object.entries(json));
}

/**
 * Lays tensors out one after the other in the order given. Returns the header's bytes (length and JSON, padded with spaces so
 * that the data starts at a multiple of eight) and the entries. Raises a RangeError for a name given twice and for a
 * tensor that does not fill whole bytes.
 */
export function encodeSafetensorsHeader(
	tensors: readonly TensorDescription[],
	metadata: Readonly<Record<string, string>> = {},
): { readonly bytes: Uint8Array; readonly header: SafetensorsHeader } {
	const json = new Map<string, unknown>();
	if (Object.keys(metadata).length > 0) json.set('__metadata__', metadata);
	let end = 0;
	const ranges: number[] = [];
	for (const { name, dtype, shape } of tensors) {
		const bytes = tensorBytes(dtype, shape);
		if (!Number.isSafeInteger(bytes))
			throw new RangeError(`${name}: ${dtype} of shape [${shape.join(', ')}] fills no whole bytes`);
		if (json.has(name)) throw new RangeError(`the tensor ${name} is given twice`);
		json.set(name, { dtype, shape, data_offsets: [end, end + bytes] });
		ranges.push(end);
		end += bytes;
	}
	// An object would move names that look like integers to the front.
	const text = `{${[...json].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
	const encoded = new TextEncoder().encode(text);
	const length = Math.ceil(encoded.byteLength / 8) * 8;
	const bytes = new Uint8Array(SAFETENSORS_PREFIX_BYTES + length).fill(0x20);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
	bytes.set(encoded, SAFETENSORS_PREFIX_BYTES);
	const entries = tensors.map(({ name, dtype, shape }, i) => ({
		name,
		dtype,
		shape,
		fileOffset: bytes.byteLength + (ranges[i] as number),
		bytes: tensorBytes(dtype, shape),
	}));
	return { bytes, header: { tensors: entries, metadata, fileBytes: bytes.byteLength + end } };
}

/** Bytes of a file: `[offset, offset + bytes)`. */
export interface ByteRange {
	readonly offset: number;
	readonly bytes: number;
}

/**
 * Where a box of a tensor lies in its file, as ranges in ascending order, neighbours merged: `start` and `size` per dimension.
 * Raises a RangeError for a box that is not inside the shape and for element types narrower than a byte.
 */
export function* sliceByteRanges(tensor: TensorEntry, start: readonly number[], size: readonly number[]): Generator<ByteRange> {
	const { shape } = tensor;
	const width = SAFETENSORS_BITS[tensor.dtype] / 8;
	if (!Number.isInteger(width)) throw new RangeError(`${tensor.dtype} has values within bytes and cannot be sliced`);
	if (start.length !== shape.length || size.length !== shape.length)
		throw new RangeError('a box has the dimensions of its tensor');
	for (const [d, length] of shape.entries()) {
		const [first, count] = [start[d] as number, size[d] as number];
		if (!(first >= 0 && count >= 0 && first + count <= length))
			throw new RangeError(`dimension ${d}: [${first}, ${first + count}) is not inside [0, ${length})`);
	}
	if (elementCount(size) === 0) return;
	// Everything after the last dimension that is cut lies together.
	let cut = shape.length - 1;
	while (cut >= 0 && size[cut] === shape[cut]) cut--;
	const strides = shape.map((_, d) => elementCount(shape.slice(d + 1)) * width);
	const outer = size.slice(0, Math.max(0, cut));
	const bytes = cut < 0 ? tensor.bytes : (size[cut] as number) * (strides[cut] as number);
	const index = outer.map(() => 0);
	const first = start.reduce((sum, at, d) => sum + at * (strides[d] as number), tensor.fileOffset);
	let held: { offset: number; bytes: number } | undefined;
	for (let runs = elementCount(outer); runs > 0; runs--) {
		const at = index.reduce((sum, i, d) => sum + i * (strides[d] as number), first);
		if (held !== undefined && held.offset + held.bytes === at) held.bytes += bytes;
		else {
			if (held !== undefined) yield held;
			held = { offset: at, bytes };
		}
		for (let d = outer.length - 1; d >= 0; d--) {
			index[d] = (index[d] as number) + 1;
			if ((index[d] as number) < (outer[d] as number)) break;
			index[d] = 0;
		}
	}
	if (held !== undefined) yield held;
}
