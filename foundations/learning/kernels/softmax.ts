/** Softmax over causal attention scores, and cross-entropy over logits. */
import { type Assembler, type Code, type Expression, type Lanes, rowSum, scalarLanes, type Variable } from '@assay/webassembly';
import { exponential, logarithm } from './transcendental.ts';

/** Largest element of a row; minus infinity for an empty one. */
function rowMax(code: Code, count: () => Expression, value: (lanes: Lanes, offset: Variable) => Expression): Variable {
	const { f32, f32x4 } = code.module;
	const largest = code.let('v128', f32x4.splat(f32.const(Number.NEGATIVE_INFINITY)));
	const rest = code.let('f32', f32.const(Number.NEGATIVE_INFINITY));
	code.elements(count, (lanes, offset) => {
		const target = lanes.width === 4 ? largest : rest;
		target.set(lanes.max(target.get(), value(lanes, offset)));
	});
	const lane = (index: number) => f32x4.extract_lane(largest.get(), index);
	const four = f32.max(f32.max(lane(0), lane(1)), f32.max(lane(2), lane(3)));
	return code.let('f32', f32.max(four, rest.get()));
}

export function defineSoftmax(assembler: Assembler): void {
	/** In place on an n x n matrix of scores: row i becomes softmax(factor * scores[i, 0..i]), and zeros beyond. */
	assembler.define('causalSoftmaxForward', ['i32', 'i32', 'f32'], (code, scores, n, factor) => {
		const row = code.let('i32', scores.get());
		code.for(n.get, (i) => {
			const seen = code.let('i32', code.sum(i.get(), code.int(1)));
			const scaled = (lanes: Lanes, offset: Variable) =>
				lanes.mul(lanes.load(code.sum(row.get(), offset.get())), lanes.splat(factor.get()));
			const largest = rowMax(code, seen.get, scaled);
			const total = rowSum(code, seen.get, (lanes, offset) => {
				const difference = lanes.sub(scaled(lanes, offset), lanes.splat(largest.get()));
				const power = code.let(lanes.float, exponential(code, lanes, difference));
				lanes.store(code.sum(row.get(), offset.get()), power.get());
				return power.get();
			});
			const inverse = code.let('f32', code.module.f32.div(code.module.f32.const(1), total.get()));
			code.elements(seen.get, (lanes, offset) => {
				const place = () => code.sum(row.get(), offset.get());
				lanes.store(place(), lanes.mul(lanes.load(place()), lanes.splat(inverse.get())));
			});
			const end = code.sum(row.get(), code.times(seen.get(), 4));
			const unseen = code.module.i32.sub(n.get(), seen.get());
			code.emit(code.module.memory.fill(end, code.int(0), code.times(unseen, 4)));
			row.set(code.sum(row.get(), code.times(n.get(), 4)));
		});
		return undefined;
	});

	/** In place on dP: dS[i, j] = factor p (dp - sum over j of p dp) for j <= i, and zeros beyond. */
	assembler.define('causalSoftmaxBackward', ['i32', 'i32', 'i32', 'f32'], (code, probabilities, gradient, n, factor) => {
		const p = code.let('i32', probabilities.get());
		const d = code.let('i32', gradient.get());
		code.for(n.get, (i) => {
			const seen = code.let('i32', code.sum(i.get(), code.int(1)));
			const at = (place: Variable, offset: Variable) => code.sum(place.get(), offset.get());
			const total = rowSum(code, seen.get, (lanes, offset) => lanes.mul(lanes.load(at(p, offset)), lanes.load(at(d, offset))));
			code.elements(seen.get, (lanes, offset) => {
				const centred = lanes.sub(lanes.load(at(d, offset)), lanes.splat(total.get()));
				const product = lanes.mul(lanes.load(at(p, offset)), centred);
				lanes.store(at(d, offset), lanes.mul(product, lanes.splat(factor.get())));
			});
			const unseen = code.module.i32.sub(n.get(), seen.get());
			code.emit(code.module.memory.fill(code.sum(d.get(), code.times(seen.get(), 4)), code.int(0), code.times(unseen, 4)));
			for (const place of [p, d]) place.set(code.sum(place.get(), code.times(n.get(), 4)));
		});
		return undefined;
	});

	/**
	 * Cross-entropy of rows of logits against 32-bit class numbers. In place: logits become factor (softmax - one-hot), the gradient of
	 * factor times the summed loss. Leaves each row's loss in `losses`.
	 */
	assembler.define(
		'crossEntropy',
		['i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
		(code, logits, targets, losses, rows, classes, factor) => {
			const { f32, i32 } = code.module;
			const row = code.let('i32', logits.get());
			code.for(rows.get, (i) => {
				const target = code.let('i32', i32.load(0, 4, code.sum(targets.get(), code.times(i.get(), 4))));
				const wanted = () => code.sum(row.get(), code.times(target.get(), 4));
				const logit = code.let('f32', f32.load(0, 4, wanted()));
				const largest = rowMax(code, classes.get, (lanes, offset) => lanes.load(code.sum(row.get(), offset.get())));
				const total = rowSum(code, classes.get, (lanes, offset) => {
					const place = () => code.sum(row.get(), offset.get());
					const power = exponential(code, lanes, lanes.sub(lanes.load(place()), lanes.splat(largest.get())));
					const kept = code.let(lanes.float, power);
					lanes.store(place(), kept.get());
					return kept.get();
				});
				const scale = code.let('f32', f32.div(factor.get(), total.get()));
				code.elements(classes.get, (lanes, offset) => {
					const place = () => code.sum(row.get(), offset.get());
					lanes.store(place(), lanes.mul(lanes.load(place()), lanes.splat(scale.get())));
				});
				code.emit(f32.store(0, 4, wanted(), f32.sub(f32.load(0, 4, wanted()), factor.get())));

				const logOfSum = logarithm(code, scalarLanes(code), total.get());
				const loss = f32.add(f32.sub(largest.get(), logit.get()), logOfSum);
				code.emit(f32.store(0, 4, code.sum(losses.get(), code.times(i.get(), 4)), loss));
				row.set(code.sum(row.get(), code.times(classes.get(), 4)));
			});

			return undefined;
		},
	);
}
