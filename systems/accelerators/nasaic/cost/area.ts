/**
 * Area of a chip in square micrometres at 28 nm: per sub-accelerator of N elements, an arbiter that grows with the square of N and, for each
 * element, its multiplier, memory and share of bus and buffer. The two coefficients are those that six designs of the paper's tables
 * agree on within 0.5 %; MAESTRO's own terms (arbiter 395.473 · 1.2886 N² = 509.6 N²) give the first within 4 %.
 */
const PER_ELEMENT_SQUARED = 530.663;
const PER_ELEMENT = 64_883;

/** Of one sub-accelerator; 0 for none. */
export function subAcceleratorArea(elements: number): number {
	return PER_ELEMENT_SQUARED * elements * elements + PER_ELEMENT * elements;
}

export function chipArea(accelerators: readonly { readonly elements: number }[]): number {
	return accelerators.reduce((sum, { elements }) => sum + subAcceleratorArea(elements), 0);
}
