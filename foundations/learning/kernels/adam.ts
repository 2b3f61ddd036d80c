/**
 * Adam with decoupled weight decay on float32 state (Kingma and Ba 2015; Loshchilov and Hutter 2019), every operation rounded to
 * float32 in the order that `adamReference` writes down. In place on parameters and both moments.
 */
import type { Assembler } from '@assay/webassembly';

/**
 * `adam(parameters, firstMoments, secondMoments, gradients, n, decay1, take1, decay2, take2, stepSize, spread, epsilon, keep, gradientScale)`,
 * the scalars as `adamScalars` computes them.
 */
export function defineAdam(assembler: Assembler): void {
	assembler.define(
		'adam',
		['i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'f32', 'f32', 'f32', 'f32', 'f32', 'f32', 'f32', 'f32'],
		(code, p, m, v, g, n, decay1, take1, decay2, take2, stepSize, spread, epsilon, keep, gradientScale) => {
			code.elements(n.get, (lanes, offset) => {
				const at = (place: { get(): number }) => code.sum(place.get(), offset.get());
				const scalar = (value: { get(): number }) => lanes.splat(value.get());
				const gradient = code.let(lanes.float, lanes.mul(lanes.load(at(g)), scalar(gradientScale)));
				const first = code.let(
					lanes.float,
					lanes.add(lanes.mul(lanes.load(at(m)), scalar(decay1)), lanes.mul(gradient.get(), scalar(take1))),
				);
				const square = lanes.mul(gradient.get(), gradient.get());
				const second = code.let(
					lanes.float,
					lanes.add(lanes.mul(lanes.load(at(v)), scalar(decay2)), lanes.mul(square, scalar(take2))),
				);
				const denominator = lanes.add(lanes.mul(lanes.sqrt(second.get()), scalar(spread)), scalar(epsilon));
				const step = lanes.mul(lanes.div(first.get(), denominator), scalar(stepSize));
				lanes.store(at(m), first.get());
				lanes.store(at(v), second.get());
				lanes.store(at(p), lanes.sub(lanes.mul(lanes.load(at(p)), scalar(keep)), step));
			});
			return undefined;
		},
	);
}
