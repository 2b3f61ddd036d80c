/** Tensors from NumPy's .npy files (numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { InputError } from '@assay/contract';
import { ELEMENT_BYTES, type ElementType, elementValues } from './element-values.ts';
import type { Tensor } from './tensor.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_DIMENSIONS = 16;

const TYPES: Readonly<Record<string, ElementType>> = {
	'<f8': 'f64',
	'<f4': 'f32',
	'<f2': 'f16',
	'<i8': 'i64',
	'<i4': 'i32',
	'<i2': 'i16',
	'|i1': 'i8',
	'<u8': 'u64',
	'<u4': 'u32',
	'<u2': 'u16',
	'|u1': 'u8',
	'|b1': 'bool',
};

/** Rows one after the other or, turned here, columns. Raises an `InputError` that names the file and what was found. */
export function parseNpy(bytes: Uint8Array, fileName: string): Tensor {
	const wrong = (found: string, expected: string): InputError => new InputError({ path: [fileName], found, expected });
	if (bytes.length < 12 || !MAGIC.every((byte, index) => bytes[index] === byte)) throw wrong('another file', 'a .npy file');
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const isFirstVersion = bytes[6] === 1;
	const textStart = isFirstVersion ? 10 : 12;
	const start = textStart + (isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true));
	if (start > bytes.length) throw wrong(`a header of ${start} bytes in a file of ${bytes.length}`, 'a whole header');
	const header = new TextDecoder('latin1').decode(bytes.subarray(textStart, start));
	const typeName = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'unknown';
	const type = Object.hasOwn(TYPES, typeName) ? TYPES[typeName] : undefined;
	if (type === undefined) throw wrong(`values of type ${typeName}`, `one of ${Object.keys(TYPES).join(', ')}`);
	const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
	const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
	if (order === undefined || sizes === undefined) throw wrong('a header without order or shape', 'numpy.save’s header');
	const shape = sizes
		.split(',')
		.map((size) => size.trim())
		.filter((size) => size !== '')
		.map(Number);
	if (shape.length > MAX_DIMENSIONS) throw wrong(`${shape.length} dimensions`, `at most ${MAX_DIMENSIONS}`);
	const count = shape.reduce((product, size) => product * size, 1);
	if (bytes.length - start !== count * ELEMENT_BYTES[type])
		throw wrong(
			`${bytes.length - start} bytes of values`,
			`${count * ELEMENT_BYTES[type]} for ${typeName} (${shape.join(', ')})`,
		);
	const values = elementValues(bytes.subarray(start), type);
	return { shape, values: order === 'True' ? rowMajor(values, shape) : values };
}

/** Column-major values in row-major order. */
function rowMajor(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
	const turned = new Float32Array(values.length);
	const index = shape.map(() => 0);
	const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
	for (let place = 0; place < turned.length; place++) {
		let source = 0;
		for (const [axis, at] of index.entries()) source += at * (strides[axis] as number);
		turned[place] = values[source] as number;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			index[axis] = (index[axis] as number) + 1;
			if ((index[axis] as number) < (shape[axis] as number)) break;
			index[axis] = 0;
		}
	}
	return turned;
}
