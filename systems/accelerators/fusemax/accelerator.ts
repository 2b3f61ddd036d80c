/** The accelerator: a square array, a line of processing elements beside it, a buffer on the chip and memory behind it. */
import type { OnChipBuffer, SpatialArray } from '@assay/machines';

export interface Accelerator {
	/** The 2D array; the 1D array has as many elements as this has columns. Rows and columns are equal. */
	readonly array: SpatialArray;
	/** Bytes of a number. */
	readonly wordBytes: number;
	/** The global buffer. */
	readonly buffer: OnChipBuffer;
	/** To memory and from it. */
	readonly bytesPerSecond: number;
}

const MEBIBYTE = 2 ** 20;

/** The published evaluation's design: 256 by 256 elements at 940 MHz, 16-bit words, HBM at 400 GiB/s (artifact of the paper). */
export const cloud: Accelerator = {
	array: { rows: 256, columns: 256, clockHertz: 940e6 },
	wordBytes: 2,
	buffer: { bytes: 16 * MEBIBYTE, banks: 32 },
	bytesPerSecond: 400 * 2 ** 30,
};

/** The same for the baselines: smaller register files leave area for twice the buffer. */
export const cloudBaseline: Accelerator = { ...cloud, buffer: { bytes: 32 * MEBIBYTE, banks: 4 } };
