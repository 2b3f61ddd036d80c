/** The straight-through step back from rotated space: values that were clipped pass no gradient. */
import type { Assembler, Variable } from '@assay/webassembly';
import { normalize, transformScratch } from './kernel-transform.ts';
import { GROUP } from './quantizer.ts';

const GROUP_BYTES = 4 * GROUP;

/** Defines `passGradient`; see `QuantizerKernels`. */
export function defineBackward(assembler: Assembler): void {
	const parameters = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
	assembler.define('passGradient', parameters, (code, gradient, kept, target, groups, hadamard, accumulate, scratch) => {
		const { f32x4, v128 } = code.module;
		const size = code.let('i32', code.int(GROUP));
		const group = code.let('i32', code.int(0));
		const x = code.declare('v128');
		const gather = (from: Variable): void => {
			x.set(v128.load32_splat(0, 4, from.get()));
			for (let lane = 1; lane < 4; lane++) x.set(v128.load32_lane(lane * GROUP_BYTES, 4, lane, from.get(), x.get()));
		};
		code.count(group, groups.get, 4, () => {
			const place = code.let('i32', code.int(0));
			code.count(place, size.get, 1, () => {
				const from = code.let('i32', code.sum(gradient.get(), code.times(place.get(), 4)));
				gather(from);
				const value = code.let('v128', x.get());
				code.if(kept.get(), () => {
					from.set(code.sum(kept.get(), code.times(place.get(), 4)));
					gather(from);
					value.set(f32x4.mul(value.get(), x.get()));
				});
				code.emit(v128.store(0, 4, code.sum(scratch.get(), code.times(place.get(), 16)), value.get()));
			});
			code.if(hadamard.get(), () => {
				transformScratch(code, scratch, size);
				normalize(code, scratch, size);
			});
			place.set(code.int(0));
			code.count(place, size.get, 1, () => {
				const to = code.let('i32', code.sum(target.get(), code.times(place.get(), 4)));
				const value = code.let('v128', v128.load(0, 4, code.sum(scratch.get(), code.times(place.get(), 16))));
				code.if(accumulate.get(), () => {
					gather(to);
					value.set(f32x4.add(value.get(), x.get()));
				});
				for (let lane = 0; lane < 4; lane++) code.emit(v128.store32_lane(lane * GROUP_BYTES, 4, lane, to.get(), value.get()));
			});
			for (const place of [gradient, target]) place.set(code.sum(place.get(), code.int(4 * GROUP_BYTES)));
			code.if(kept.get(), () => kept.set(code.sum(kept.get(), code.int(4 * GROUP_BYTES))));
		});
		return undefined;
	});
}
