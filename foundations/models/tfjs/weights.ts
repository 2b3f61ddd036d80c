/**
 * Weights of a TensorFlow.js model: a manifest of groups, each a list of files ("shards") that are one run of bytes, and of the tensors that
 * lie in it one after the other. Tensors may be stored in fewer bits: float16, or codes of 8 or 16 bits with a scale and a least value.
 * Format: tensorflow/tfjs, tfjs-core/src/io/types.ts and io_utils.ts.
 */
import { InputError } from '@assay/contract';
import { z } from 'zod';
import { ELEMENT_BYTES, type ElementType, elementValues } from '../tensors/index.ts';

/** A tensor, in TensorFlow's order of dimensions; whole numbers and truth values are given as floats too. */
export interface TfjsWeight {
	readonly name: string;
	readonly shape: readonly number[];
	readonly type: 'float32' | 'int32' | 'bool';
	readonly values: Float32Array;
}

const MOST_VALUES = 2 ** 31;
const size = z.int().min(0).max(MOST_VALUES);

const quantizationSchema = z.union([
	z.object({ dtype: z.literal('float16') }),
	z.object({ dtype: z.enum(['uint8', 'uint16']), min: z.number(), scale: z.number() }),
]);

const weightSchema = z.object({
	name: z.string(),
	shape: z.array(size).max(8),
	dtype: z.string(),
	quantization: quantizationSchema.optional(),
});

export const manifestSchema = z.array(
	z.object({ paths: z.array(z.string().min(1)).min(1).max(10_000), weights: z.array(weightSchema).max(100_000) }),
);

type StoredWeight = z.output<typeof weightSchema>;
export type Manifest = z.output<typeof manifestSchema>;

const PLAIN: Readonly<Record<TfjsWeight['type'], ElementType>> = { float32: 'f32', int32: 'i32', bool: 'bool' };
const STORED = { float16: 'f16', uint8: 'u8', uint16: 'u16' } as const satisfies Record<string, ElementType>;

/** A shard's name without the folders in front: users bring files, not folders. */
export function shardName(path: string): string {
	return path.split(/[\\/]/).at(-1) ?? path;
}

/**
 * Every tensor by name. `shards`: bytes by file name. Raises an InputError that names the shard that is missing, the group whose bytes are too many
 * or too few, or the tensor of a type that is not read.
 */
export function decodeWeights(
	manifest: Manifest,
	shards: ReadonlyMap<string, Uint8Array>,
	fileName: string,
): Map<string, TfjsWeight> {
	const paths = manifest.flatMap((group) => group.paths);
	const missing = paths.filter((path) => !shards.has(shardName(path)));
	if (missing.length > 0)
		throw new InputError({
			path: [fileName, 'weightsManifest'],
			found: `${missing.length} of ${paths.length} weight files missing: ${missing.slice(0, 5).map(shardName).join(', ')}${missing.length > 5 ? ', ...' : ''}`,
			expected: 'every file that the manifest names',
		});
	const weights = new Map<string, TfjsWeight>();
	for (const group of manifest) {
		const parts = group.paths.map((path) => shards.get(shardName(path)) ?? new Uint8Array());
		const each = group.weights.map((weight) => storedBytes(weight, fileName));
		const wanted = each.reduce((sum, bytes) => sum + bytes, 0);
		const found = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
		if (found !== wanted)
			throw new InputError({
				path: [fileName, group.paths.map(shardName).join(' + ')],
				found: `${found} bytes`,
				expected: `${wanted} bytes for its ${group.weights.length} tensors: a file is cut short, or of another model`,
			});
		const bytes = joined(parts, found);
		let start = 0;
		for (const [index, weight] of group.weights.entries()) {
			const end = start + (each[index] as number);
			weights.set(weight.name, decoded(weight, bytes.subarray(start, end)));
			start = end;
		}
	}
	return weights;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
	const [only] = parts;
	if (only !== undefined && parts.length === 1) return only;
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.byteLength;
	}
	return bytes;
}

function storedBytes(weight: StoredWeight, fileName: string): number {
	const count = weight.shape.reduce((product, one) => product * one, 1);
	const type = typeOf(weight);
	if (type === undefined || count > MOST_VALUES)
		throw new InputError({
			path: [fileName, weight.name],
			found: type === undefined ? `weights of ${weight.dtype}` : `${count} values`,
			expected: type === undefined ? 'float32, int32 or bool' : `at most ${MOST_VALUES}`,
		});
	return count * ELEMENT_BYTES[weight.quantization === undefined ? PLAIN[type] : STORED[weight.quantization.dtype]];
}

function typeOf({ dtype }: StoredWeight): TfjsWeight['type'] | undefined {
	return dtype === 'float32' || dtype === 'int32' || dtype === 'bool' ? dtype : undefined;
}

function decoded(weight: StoredWeight, bytes: Uint8Array): TfjsWeight {
	const { name, shape, quantization } = weight;
	const type = typeOf(weight) ?? 'float32';
	if (quantization === undefined) return { name, shape, type, values: elementValues(bytes, PLAIN[type]) };
	const codes = elementValues(bytes, STORED[quantization.dtype]);
	if (quantization.dtype === 'float16') return { name, shape, type, values: codes };
	const { min, scale } = quantization;
	const isWhole = type === 'int32';
	return { name, shape, type, values: codes.map((code) => (isWhole ? Math.round(code * scale + min) : code * scale + min)) };
}
