/** Values of small constants, as numbers. */
import { elementTypeOf, type OnnxElementType } from '../element-type.ts';
import type { TensorMessage } from '../graph.ts';
import { tensorBytes } from '../tensor-bytes.ts';
import { elementCount, MAX_KNOWN_VALUES } from './inferred-tensor.ts';

/** Values of a spelt-out tensor in row-major order; null for larger ones, strings, complex and very small formats. */
export function knownValues(tensor: TensorMessage): Float64Array | null {
	const type = elementTypeOf(tensor.dataType);
	const count = elementCount(tensor.dims.map(Number));
	if (type === undefined || count > MAX_KNOWN_VALUES || tensor.dataLocation === 1) return null;
	const read = READERS[type];
	if (read === undefined) return null;
	const bytes = tensorBytes(tensor);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const width = bytes.byteLength / Math.max(1, count);
	return Float64Array.from({ length: count }, (_, i) => read(view, i * width));
}

const READERS: Partial<Record<OnnxElementType, (view: DataView, at: number) => number>> = {
	float32: (view, at) => view.getFloat32(at, true),
	float64: (view, at) => view.getFloat64(at, true),
	float16: (view, at) => halfPrecision(view.getUint16(at, true)),
	int64: (view, at) => Number(view.getBigInt64(at, true)),
	uint64: (view, at) => Number(view.getBigUint64(at, true)),
	int32: (view, at) => view.getInt32(at, true),
	uint32: (view, at) => view.getUint32(at, true),
	int16: (view, at) => view.getInt16(at, true),
	uint16: (view, at) => view.getUint16(at, true),
	int8: (view, at) => view.getInt8(at),
	uint8: (view, at) => view.getUint8(at),
	bool: (view, at) => view.getUint8(at),
};

/** IEEE 754 binary16. */
function halfPrecision(pattern: number): number {
	const sign = pattern & 0x8000 ? -1 : 1;
	const exponent = (pattern >> 10) & 31;
	const fraction = pattern & 1023;
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
