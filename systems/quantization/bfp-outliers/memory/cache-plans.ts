/** Bytes of a cache whose keys and values are in block floating point. */
import { blockFloatingPoint, blockFloatingPointBytes } from '@assay/numerics';

/** A cache's formats. */
export interface CachePlan {
	readonly name: string;
	/** Bytes of one head's keys, and of its values, for one token. */
	readonly keyBytes: number;
	readonly valueBytes: number;
}

/** Mantissas of values, and of keys without the trick: BFP16. */
const WIDE_BITS = 8;
/** Mantissas of keys in heads that fail with fewer: BFP14. */
export const REPAIR_BITS = 6;

/** Bytes that a row of `headDim` values takes, exactly as it is packed. */
export function rowBytes(headDim: number, mantissaBits: number, blockSize: number): number {
	return blockFloatingPointBytes(blockFloatingPoint({ mantissaBits, blockSize }), headDim);
}

/** The largest block of at most 64 that divides a head. */
function wideBlock(headDim: number): number {
	let size = Math.min(64, headDim);
	while (headDim % size !== 0) size--;
	return size;
}

/**
 * Sixteen bits; BFP16 for both; the paper's keys of `mantissaBits` bits with values in BFP16; and the same with a share of the heads repaired.
 */
export function cachePlans(headDim: number, mantissaBits: number, blockSize: number, repairedShare: number): CachePlan[] {
	const wide = wideBlock(headDim);
	const wideBytes = rowBytes(headDim, WIDE_BITS, wide);
	const narrow = rowBytes(headDim, mantissaBits, blockSize);
	const name = (bits: number, size: number): string => `BFP${bits + 8}_${size}`;
	const plans = [
		{ name: '16 bits', keyBytes: 2 * headDim, valueBytes: 2 * headDim },
		{ name: name(WIDE_BITS, wide), keyBytes: wideBytes, valueBytes: wideBytes },
		{ name: `keys ${name(mantissaBits, blockSize)}, values ${name(WIDE_BITS, wide)}`, keyBytes: narrow, valueBytes: wideBytes },
	];
	if (repairedShare > 0 && mantissaBits < REPAIR_BITS)
		plans.push({
			name: `the same, keys ${name(REPAIR_BITS, blockSize)} in heads that fail`,
			keyBytes: narrow + repairedShare * (rowBytes(headDim, REPAIR_BITS, blockSize) - narrow),
			valueBytes: wideBytes,
		});
	return plans;
}
