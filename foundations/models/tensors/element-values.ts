/** Little-endian elements of tensor files as float32. */
import { smallFloat } from '@assay/numerics';

/** Element types that files store tensors in. Integers of 64 bits and float64 are rounded to float32. */
export type ElementType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u64' | 'u32' | 'u16' | 'u8' | 'bool';

export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
	f64: 8,
	f32: 4,
	f16: 2,
	bf16: 2,
	i64: 8,
	i32: 4,
	i16: 2,
	i8: 1,
	u64: 8,
	u32: 4,
	u16: 2,
	u8: 1,
	bool: 1,
};

/** Values of a 16-bit float by their codes, made when first needed. */
const halves = new Map<'fp16' | 'bf16', Float32Array>();

function halfValues(name: 'fp16' | 'bf16'): Float32Array {
	let values = halves.get(name);
	if (values === undefined) {
		const format = smallFloat(name);
		values = Float32Array.from({ length: format.codes }, (_, code) => format.decode(code));
		halves.set(name, values);
	}
	return values;
}

/** Reads whole elements. Raises a RangeError where the bytes end within one. */
export function elementValues(bytes: Uint8Array, type: ElementType): Float32Array<ArrayBuffer> {
	if (bytes.byteLength % ELEMENT_BYTES[type] !== 0) throw new RangeError(`${bytes.byteLength} bytes of ${type}`);
	// Copied, so that elements start where they may. Arrays are little-endian wherever this runs.
	const { buffer } = new Uint8Array(bytes);
	switch (type) {
		case 'f32':
			return new Float32Array(buffer);
		case 'f64':
			return Float32Array.from(new Float64Array(buffer));
		case 'f16':
		case 'bf16': {
			const values = halfValues(type === 'f16' ? 'fp16' : 'bf16');
			return Float32Array.from(new Uint16Array(buffer), (code) => values[code] as number);
		}
		case 'i64':
			return Float32Array.from(new BigInt64Array(buffer), Number);
		case 'u64':
			return Float32Array.from(new BigUint64Array(buffer), Number);
		case 'i32':
			return Float32Array.from(new Int32Array(buffer));
		case 'u32':
			return Float32Array.from(new Uint32Array(buffer));
		case 'i16':
			return Float32Array.from(new Int16Array(buffer));
		case 'u16':
			return Float32Array.from(new Uint16Array(buffer));
		case 'i8':
			return Float32Array.from(new Int8Array(buffer));
		case 'u8':
		case 'bool':
			return Float32Array.from(new Uint8Array(buffer));
	}
}
