/** 1.5 x 2^52: beyond it float64 holds whole numbers alone, so that adding it rounds, halves to even. */
const WHOLE = 6755399441055744;

/** To the nearest integer, halves to the even one, for magnitudes below 2^51: onnxruntime's rounding, in two additions. */
export function roundHalfEven(value: number): number {
	return value + WHOLE - WHOLE;
}
