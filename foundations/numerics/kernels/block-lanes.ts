/** What kernels of blocks have in common. */
import type { Code, Expression, Variable } from '@assay/webassembly';

const MAGNITUDE = 0x7fffffff;

/** The bits of the largest magnitude of `count` floats; those of infinity or more where one is not finite. */
export function largestMagnitudeBits(code: Code, source: Variable, count: () => Expression): Variable {
	const { i32, i32x4 } = code.module;
	const vector = code.let('v128', i32x4.splat(code.int(0)));
	const largest = code.let('i32', code.int(0));
	const raise = (bits: Expression): void => {
		const candidate = code.let('i32', bits);
		largest.set(code.module.select(i32.gt_s(candidate.get(), largest.get()), candidate.get(), largest.get()));
	};
	code.elements(count, (lanes, offset) => {
		const bits = lanes.bitsOf(lanes.load(code.sum(source.get(), offset.get())));
		const magnitude = lanes.and(bits, lanes.integerConstant(MAGNITUDE));
		if (lanes.width === 4) vector.set(i32x4.max_s(vector.get(), magnitude));
		else raise(magnitude);
	});
	for (let lane = 0; lane < 4; lane++) raise(i32x4.extract_lane(vector.get(), lane));
	return largest;
}
