/** Element types of ONNX tensors, by the numbers of `TensorProto.DataType`. */

const TYPES = [
	[1, 'float32', 32],
	[2, 'uint8', 8],
	[3, 'int8', 8],
	[4, 'uint16', 16],
	[5, 'int16', 16],
	[6, 'int32', 32],
	[7, 'int64', 64],
	[8, 'string', 0],
	[9, 'bool', 8],
	[10, 'float16', 16],
	[11, 'float64', 64],
	[12, 'uint32', 32],
	[13, 'uint64', 64],
	[14, 'complex64', 64],
	[15, 'complex128', 128],
	[16, 'bfloat16', 16],
	[17, 'float8e4m3fn', 8],
	[18, 'float8e4m3fnuz', 8],
	[19, 'float8e5m2', 8],
	[20, 'float8e5m2fnuz', 8],
	[21, 'uint4', 4],
	[22, 'int4', 4],
	[23, 'float4e2m1', 4],
] as const;

/** What the values of a tensor are. Strings have no fixed size. */
export type OnnxElementType = (typeof TYPES)[number][1];

const byNumber = new Map<number, OnnxElementType>(TYPES.map(([number, name]) => [number, name]));
const numbers = new Map<OnnxElementType, number>(TYPES.map(([number, name]) => [name, number]));
const bits = new Map<OnnxElementType, number>(TYPES.map(([, name, width]) => [name, width]));

/** The type of a `DataType` number; undefined for 0 and for numbers of later versions. */
export function elementTypeOf(dataType: number): OnnxElementType | undefined {
	return byNumber.get(dataType);
}

/** The `DataType` number of a type. */
export function dataTypeOf(type: OnnxElementType): number {
	return numbers.get(type) as number;
}

/** Bytes of so many values; 4-bit values come two to a byte. 0 for strings. */
export function elementBytes(type: OnnxElementType, count: number): number {
	return Math.ceil((count * (bits.get(type) as number)) / 8);
}

/** Width of one value. 0 for strings. */
export function elementBits(type: OnnxElementType): number {
	return bits.get(type) as number;
}

/** Whether values are floating-point numbers. */
export function isFloat(type: OnnxElementType): boolean {
	return type.startsWith('float') || type === 'bfloat16';
}
