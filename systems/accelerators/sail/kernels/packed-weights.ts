/** Weights as the kernels read them. All weights are within `bits` of two's complement, in a matrix of depth x columns. */
import type { IntegerMatrix } from '../lut/integer-product.ts';

/** Weights along the depth that a table of the kernel covers. */
export const TABLE_GROUP = 4;
/** Columns of a vector. */
export const VECTOR_COLUMNS = 16;

/** Groups whose patterns share a byte. */
const GROUPS_A_BYTE = 2;
/** Depth covered by a vector of patterns. */
export const VECTOR_DEPTH = TABLE_GROUP * GROUPS_A_BYTE;

/** Bytes that patterns of so many weights take: every bit once. */
export function patternBytes(depth: number, columns: number, bits: number): number {
	return (Math.ceil(depth / VECTOR_DEPTH) * VECTOR_DEPTH * columns * bits) / 8;
}

/**
 * Patterns of weights for tables of activations: for 16 columns, then for eight weights of depth, then for each bit, a byte a column whose low half
 * holds that bit of the first four weights and whose high half that of the next. `columns` is a multiple of 16.
 */
export async function packPatterns(
	{ rows: depth, columns, values }: IntegerMatrix,
	bits: number,
	pause: () => Promise<void>,
): Promise<Uint8Array> {
	const packed = new Uint8Array(patternBytes(depth, columns, bits));
	let at = 0;
	for (let column = 0; column < columns; column += VECTOR_COLUMNS) {
		await pause();
		for (let first = 0; first < depth; first += VECTOR_DEPTH) {
			for (let bit = 0; bit < bits; bit++) {
				for (let lane = 0; lane < VECTOR_COLUMNS; lane++) {
					let byte = 0;
					for (let i = 0; i < VECTOR_DEPTH && first + i < depth; i++)
						byte |= (((values[(first + i) * columns + column + lane] as number) >> bit) & 1) << i;
					packed[at++] = byte;
				}
			}
		}
	}
	return packed;
}

/** Bits that a kernel unpacks from bytes. */
export const UNPACKED_BITS = [2, 4, 8] as const;
export type UnpackedBits = (typeof UNPACKED_BITS)[number];

/**
 * Weights for kernels that unpack them: a column's after the other's, without sign (larger by 2^(bits-1)). In each vector of 16 bytes, byte i holds
 * weights i, 16 + i, 32 + i ... from its low bits up. The depth is a multiple of 128 / bits.
 */
export async function packColumns(
	{ rows: depth, columns, values }: IntegerMatrix,
	bits: UnpackedBits,
	pause: () => Promise<void>,
): Promise<Uint8Array> {
	const inByte = 8 / bits;
	const inVector = 16 * inByte;
	const packed = new Uint8Array((depth * columns) / inByte);
	for (let column = 0; column < columns; column++) {
		await pause();
		for (let k = 0; k < depth; k++) {
			const inside = k % inVector;
			const at = (column * depth + k - inside) / inByte + (inside % 16);
			const raised = (values[k * columns + column] as number) + 2 ** (bits - 1);
			packed[at] = (packed[at] as number) | (raised << (bits * Math.floor(inside / 16)));
		}
	}
	return packed;
}
