/** Area on the chip, in mm², from the artifact's tables of components (45 nm; square micrometres each). */
import type { Accelerator } from './accelerator.ts';

export interface ComponentAreas {
	readonly multiplyAccumulate: number;
	readonly maximum: number;
	readonly divide: number;
	/** Registers of an element of the 2D and of the 1D array. */
	readonly registers2d: number;
	readonly registers1d: number;
	/** Exponential unit of the 1D array; 0 where the multiply-accumulate unit does it. */
	readonly exponential: number;
	/** A mebibyte of global buffer. */
	readonly mebibyte: number;
}

/** The table holds one buffer, taken for the one-pass design's 16 MiB. */
const MEBIBYTE_AREA = 94_176_255.9664 / 16;
const logic = { multiplyAccumulate: 1545, maximum: 49.28944, divide: 23_740.9375, mebibyte: MEBIBYTE_AREA } as const;

export const fusedAreas: ComponentAreas = { ...logic, registers2d: 4255.9342, registers1d: 16_849.2142, exponential: 0 };
export const baselineAreas: ComponentAreas = { ...logic, registers2d: 1838.14968, registers1d: 2145.41936, exponential: 8240 };

export interface Area {
	readonly array2d: number;
	readonly array1d: number;
	readonly buffer: number;
	readonly total: number;
}

/** Area in mm². `fused` elements of the 2D array have the maximum and more registers. */
export function areaOf({ array, buffer }: Accelerator, areas: ComponentAreas, fused: boolean): Area {
	const element2d = areas.multiplyAccumulate + areas.registers2d + (fused ? areas.maximum : 0);
	const element1d = areas.multiplyAccumulate + areas.maximum + areas.divide + areas.exponential + areas.registers1d;
	const array2d = (array.rows * array.columns * element2d) / 1e6;
	const array1d = (array.columns * element1d) / 1e6;
	const onChip = ((buffer.bytes / 2 ** 20) * areas.mebibyte) / 1e6;
	return { array2d, array1d, buffer: onChip, total: array2d + array1d + onChip };
}
