/** Dot products of rows in block floating point: integers within a block, float32 from block to block. */
import { forEachBlock } from '../block-format.ts';
import { type BlockFloatingPoint, type MantissaBlocks, stepOf } from './block-floating-point.ts';

/** One operand: a row in its format. */
export interface BlockRow {
	readonly format: BlockFloatingPoint;
	readonly blocks: MantissaBlocks;
}

/**
 * The dot product of two rows of equal length with the same block size, for example queries in BFP16 and keys in BFP12: in each block
 * the exact sum of integer products, times both steps; the blocks' sums added in order in float32. Raises a RangeError for rows that do not
 * fit each other, and for blocks whose integer sums could pass 2^53.
 */
export function blockDot(left: BlockRow, right: BlockRow): number {
	const { blockSize } = left.format;
	const count = left.blocks.mantissas.length;
	if (blockSize !== right.format.blockSize || count !== right.blocks.mantissas.length) {
		throw new RangeError(
			`rows of ${left.format.name} and ${right.format.name} with ${count} and ${right.blocks.mantissas.length} values`,
		);
	}
	const [leftBits, rightBits] = [left.format.mantissaBits, right.format.mantissaBits];
	const bits = leftBits + rightBits - 1 + Math.ceil(Math.log2(Math.min(blockSize, Math.max(1, count))));
	if (bits > 54) throw new RangeError(`the sum of a block's products takes ${bits} bits, more than 54`);
	let total = 0;
	forEachBlock(count, blockSize, (start, end, block) => {
		let sum = 0;
		for (let i = start; i < end; i++) sum += (left.blocks.mantissas[i] as number) * (right.blocks.mantissas[i] as number);
		const scale =
			stepOf(left.blocks.exponents[block] as number, leftBits) * stepOf(right.blocks.exponents[block] as number, rightBits);
		total = Math.fround(total + Math.fround(sum * scale));
	});
	return total;
}
