/** The bytes of weights that are spelt out in the graph rather than lying in a file. */
import { InputError } from '@assay/contract';
import { dataTypeOf, elementBytes, elementTypeOf, type OnnxElementType } from './element-type.ts';
import type { TensorMessage } from './graph.ts';

/**
 * Values of a spelt-out tensor in little-endian order, as its raw bytes would be. Raises an InputError where the values are not as many as
 * the shape says, and for strings.
 */
export function tensorBytes(tensor: TensorMessage): Uint8Array {
	const elementType = elementTypeOf(tensor.dataType);
	const count = tensor.dims.reduce<number>((product, one) => product * Number(one), 1);
	const fail = (found: string, expected: string): InputError =>
		new InputError({ path: ['weight', tensor.name ?? ''], found, expected });
	if (elementType === undefined || elementType === 'string')
		throw fail(elementType ?? `the data type ${tensor.dataType}`, 'numbers');
	const bytes = elementBytes(elementType, count);
	if (tensor.rawData !== undefined) {
		if (tensor.rawData.byteLength !== bytes) throw fail(`${tensor.rawData.byteLength} bytes`, `${bytes} bytes`);
		return tensor.rawData;
	}
	const values = valuesOf(tensor, elementType);
	const perValue = elementType === 'complex64' || elementType === 'complex128' ? 2 : elementType.endsWith('int4') ? 0.5 : 1;
	if (values.length !== Math.ceil(count * perValue)) throw fail(`${values.length} values`, `${count} values`);
	const written = new Uint8Array(bytes);
	const view = new DataView(written.buffer);
	const width = bytes / Math.max(1, values.length);
	for (const [i, value] of values.entries()) put(view, i * width, elementType, value);
	return written;
}

/** Which list the values of a type stand in. 16-bit floats and everything of 32 bits or less share the 32-bit list, as bit patterns. */
function valuesOf(tensor: TensorMessage, type: OnnxElementType): readonly (number | string)[] {
	switch (type) {
		case 'float32':
		case 'complex64':
			return tensor.floatData ?? [];
		case 'float64':
		case 'complex128':
			return tensor.doubleData ?? [];
		case 'int64':
			return tensor.int64Data ?? [];
		case 'uint32':
		case 'uint64':
			return tensor.uint64Data ?? [];
		default:
			return tensor.int32Data ?? [];
	}
}

function put(view: DataView, at: number, type: OnnxElementType, value: number | string): void {
	if (type === 'float32' || type === 'complex64') view.setFloat32(at, Number(value), true);
	else if (type === 'float64' || type === 'complex128') view.setFloat64(at, Number(value), true);
	else if (type === 'int64' || type === 'uint64') view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
	else if (type === 'int32' || type === 'uint32') view.setUint32(at, Number(value) >>> 0, true);
	else if (elementBytes(type, 1) === 2) view.setUint16(at, Number(value) & 0xffff, true);
	else view.setUint8(at, Number(value) & 0xff);
}

/** A small tensor as a message. */
export function tensorMessage(
	name: string,
	elementType: OnnxElementType,
	dims: readonly number[],
	bytes: Uint8Array,
): TensorMessage {
	return { name, dims: [...dims], dataType: dataTypeOf(elementType), rawData: bytes, externalData: [], dataLocation: 0 };
}

/** A tensor whose bytes lie in another file. */
export function externalTensorMessage(
	name: string,
	elementType: OnnxElementType,
	dims: readonly number[],
	place: { readonly location: string; readonly offset: number },
): TensorMessage {
	const length = elementBytes(
		elementType,
		dims.reduce((product, one) => product * one, 1),
	);
	const entries = { location: place.location, offset: String(place.offset), length: String(length) };
	return {
		name,
		dims: [...dims],
		dataType: dataTypeOf(elementType),
		externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
		dataLocation: 1,
	};
}
