/** BF16: the upper half of a float32. Rounded to nearest, ties to even, as hardware does. */
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of a value. */
export function toBfloat16(value: number): number {
	float[0] = value;
	const raw = bits[0] as number;
	if ((raw & 0x7fffffff) > 0x7f800000) return (raw >>> 16) | 0x40;
	return ((raw + 0x7fff + ((raw >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The value of 16 bits. */
export function fromBfloat16(word: number): number {
	bits[0] = word << 16;
	return float[0] as number;
}

/** The nearest value that BF16 has. */
export function roundToBfloat16(value: number): number {
	return fromBfloat16(toBfloat16(value));
}
