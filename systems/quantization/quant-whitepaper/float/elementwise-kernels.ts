/** Steps over float32 values: sums and products of two tensors, rectifiers, and moves. */
import { type Assembler, type Expression, type Lanes, rowSum, type Variable } from '@assay/webassembly';

const clamp = (lanes: Lanes, value: Expression, low: Variable, high: Variable): Expression =>
	lanes.min(lanes.max(value, lanes.splat(low.get())), lanes.splat(high.get()));

export function defineElementwise(assembler: Assembler): void {
	for (const operation of ['add', 'mul'] as const) {
		/** out = clamp(a + b), or of the product. */
		assembler.define(operation, ['i32', 'i32', 'i32', 'i32', 'f32', 'f32'], (code, a, b, out, count, low, high) => {
			code.elements(count.get, (lanes, offset) => {
				const from = (start: Variable) => lanes.load(code.sum(start.get(), offset.get()));
				lanes.store(code.sum(out.get(), offset.get()), clamp(lanes, lanes[operation](from(a), from(b)), low, high));
			});
			return undefined;
		});
	}

	/** out = clamp(x slope + offset): rectifiers, hard sigmoids, arithmetic with one number. */
	assembler.define(
		'clampedLine',
		['i32', 'i32', 'i32', 'f32', 'f32', 'f32', 'f32'],
		(code, x, out, count, slope, offset, low, high) => {
			code.elements(count.get, (lanes, at) => {
				const value = lanes.mul(lanes.load(code.sum(x.get(), at.get())), lanes.splat(slope.get()));
				const moved = lanes.add(value, lanes.splat(offset.get()));
				lanes.store(code.sum(out.get(), at.get()), clamp(lanes, moved, low, high));
			});
			return undefined;
		},
	);

	/** out = x clamp(x / 6 + 1/2, 0, 1). */
	assembler.define('hardSwish', ['i32', 'i32', 'i32'], (code, x, out, count) => {
		code.elements(count.get, (lanes, at) => {
			const value = code.let(lanes.float, lanes.load(code.sum(x.get(), at.get())));
			const gate = lanes.add(lanes.mul(value.get(), lanes.constant(Math.fround(1 / 6))), lanes.constant(0.5));
			const clamped = lanes.min(lanes.max(gate, lanes.constant(0)), lanes.constant(1));
			lanes.store(code.sum(out.get(), at.get()), lanes.mul(value.get(), clamped));
		});
		return undefined;
	});

	/** Means of so many values, plane by plane. */
	assembler.define('averagePlanes', ['i32', 'i32', 'i32', 'i32'], (code, x, out, planes, each) => {
		const { f32 } = code.module;
		const from = code.let('i32', x.get());
		const size = code.let('f32', f32.convert_s.i32(each.get()));
		code.for(planes.get, (plane) => {
			const sum = rowSum(code, each.get, (lanes, offset) => lanes.load(code.sum(from.get(), offset.get())));
			code.emit(f32.store(0, 4, code.sum(out.get(), code.times(plane.get(), 4)), f32.div(sum.get(), size.get())));
			from.set(code.sum(from.get(), code.times(each.get(), 4)));
		});
		return undefined;
	});

	/** Each of so many values `times` times, one after the other. */
	assembler.define('repeat', ['i32', 'i32', 'i32', 'i32'], (code, source, out, count, times) => {
		const { f32 } = code.module;
		const to = code.let('i32', out.get());
		const rowBytes = code.let('i32', code.times(times.get(), 4));
		code.for(count.get, (i) => {
			const value = code.let('f32', f32.load(0, 4, code.sum(source.get(), code.times(i.get(), 4))));
			code.elements(times.get, (lanes, offset) => lanes.store(code.sum(to.get(), offset.get()), lanes.splat(value.get())));
			to.set(code.sum(to.get(), rowBytes.get()));
		});
		return undefined;
	});

	/** out[i] = source[places[i]], 0 where the place is -1. */
	assembler.define('gather', ['i32', 'i32', 'i32', 'i32'], (code, source, places, out, count) => {
		const { i32, f32 } = code.module;
		const offset = code.let('i32', code.int(0));
		const end = code.let('i32', code.times(count.get(), 4));
		code.count(offset, end.get, 4, () => {
			const place = code.let('i32', i32.load(0, 4, code.sum(places.get(), offset.get())));
			const to = () => code.sum(out.get(), offset.get());
			code.if(
				i32.lt_s(place.get(), code.int(0)),
				() => code.emit(f32.store(0, 4, to(), f32.const(0))),
				() => code.emit(f32.store(0, 4, to(), f32.load(0, 4, code.sum(source.get(), code.times(place.get(), 4))))),
			);
		});
		return undefined;
	});
}
