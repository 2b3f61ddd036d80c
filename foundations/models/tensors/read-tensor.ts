/** A tensor from a file of any known kind. */
import { type DataFile, InputError, nearestName } from '@assay/contract';
import {
	parseSafetensorsHeader,
	SAFETENSORS_PREFIX_BYTES,
	type SafetensorsDtype,
	safetensorsHeaderLength,
} from '../safetensors.ts';
import { type ElementType, elementValues } from './element-values.ts';
import { parseNpy } from './npy.ts';
import { parseNumbersText } from './numbers-text.ts';
import type { Tensor } from './tensor.ts';

const DTYPES: Partial<Readonly<Record<SafetensorsDtype, ElementType>>> = {
	F64: 'f64',
	F32: 'f32',
	F16: 'f16',
	BF16: 'bf16',
	I64: 'i64',
	I32: 'i32',
	I16: 'i16',
	I8: 'i8',
	U64: 'u64',
	U32: 'u32',
	U16: 'u16',
	U8: 'u8',
	BOOL: 'bool',
};

/** Largest file unless told, 1 GiB. */
const LIMIT_BYTES = 2 ** 30;

/**
 * Reads a .npy file, one tensor of a .safetensors file (`tensorName`; needed if it holds several), or numbers as text. What the file is, its
 * first bytes tell. Not-a-number and infinities are refused. Raises an `InputError` that names file, tensor and place.
 */
export async function readTensor(file: DataFile, tensorName?: string, limitBytes = LIMIT_BYTES): Promise<Tensor> {
	const bytes = new Uint8Array(await file.arrayBuffer(limitBytes));
	const tensor = parseTensor(bytes, file.name, tensorName);
	const bad = tensor.values.findIndex((value) => !Number.isFinite(value));
	if (bad >= 0)
		throw new InputError({
			path: tensorName === undefined ? [file.name] : [file.name, tensorName],
			found: `${tensor.values[bad]} at value ${bad}`,
			expected: 'finite numbers',
		});
	if (tensor.values.length === 0)
		throw new InputError({ path: [file.name], found: 'a tensor without values', expected: 'at least one value' });
	return tensor;
}

function parseTensor(bytes: Uint8Array, fileName: string, tensorName: string | undefined): Tensor {
	if (bytes[0] === 0x93) return parseNpy(bytes, fileName);
	// A safetensors header is JSON after eight bytes of length.
	if (bytes[SAFETENSORS_PREFIX_BYTES] === 0x7b) return parseSafetensorsTensor(bytes, fileName, tensorName);
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new InputError({
			path: [fileName],
			found: 'neither text nor a known mark',
			expected: 'a .npy file, a .safetensors file, or numbers as text',
		});
	}
	return parseNumbersText(text, fileName);
}

function parseSafetensorsTensor(bytes: Uint8Array, fileName: string, tensorName: string | undefined): Tensor {
	const length = safetensorsHeaderLength(bytes.subarray(0, SAFETENSORS_PREFIX_BYTES), fileName, bytes.byteLength);
	const header = bytes.subarray(SAFETENSORS_PREFIX_BYTES, SAFETENSORS_PREFIX_BYTES + length);
	const { tensors } = parseSafetensorsHeader(header, fileName, bytes.byteLength);
	const names = tensors.map(({ name }) => name);
	const entry = tensorName === undefined && tensors.length === 1 ? tensors[0] : tensors.find(({ name }) => name === tensorName);
	if (entry === undefined)
		throw new InputError({
			path: [fileName],
			found: tensorName ?? `${names.length} tensors and no name of one`,
			expected: `the name of a tensor: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' ...' : ''}`,
			nearest: tensorName === undefined ? names[0] : nearestName(tensorName, names),
		});
	const type = DTYPES[entry.dtype];
	if (type === undefined)
		throw new InputError({
			path: [fileName, entry.name],
			found: entry.dtype,
			expected: `one of ${Object.keys(DTYPES).join(', ')}`,
		});
	return { shape: entry.shape, values: elementValues(bytes.subarray(entry.fileOffset, entry.fileOffset + entry.bytes), type) };
}
