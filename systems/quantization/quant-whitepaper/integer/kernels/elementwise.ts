/** Steps over bytes: look-ups, moves, and products of two tensors. */
import type { Assembler } from '@assay/webassembly';
import { loadLess, storeBytes, throughRow } from './rescale.ts';

export function defineElementwise(assembler: Assembler): void {
	/** out[i] = table[in[i] + 128]. */
	assembler.define('lookUp', ['i32', 'i32', 'i32', 'i32'], (code, input, table, out, count) => {
		const { i32 } = code.module;
		code.for(count.get, (i) => {
			const entry = i32.xor(i32.load8_u(0, 1, code.sum(input.get(), i.get())), code.int(128));
			code.emit(i32.store8(0, 1, code.sum(out.get(), i.get()), i32.load8_u(0, 1, code.sum(table.get(), entry))));
		});
		return undefined;
	});

	/** out[i] = source[places[i]], the zero point where the place is -1. */
	assembler.define('gather', ['i32', 'i32', 'i32', 'i32', 'i32'], (code, source, places, out, count, zeroPoint) => {
		const { i32 } = code.module;
		const at = code.let('i32', places.get());
		code.for(count.get, (i) => {
			const place = code.let('i32', i32.load(0, 4, at.get()));
			const to = () => code.sum(out.get(), i.get());
			code.if(
				i32.lt_s(place.get(), code.int(0)),
				() => code.emit(i32.store8(0, 1, to(), zeroPoint.get())),
				() => code.emit(i32.store8(0, 1, to(), i32.load8_u(0, 1, code.sum(source.get(), place.get())))),
			);
			at.set(code.sum(at.get(), code.int(4)));
		});
		return undefined;
	});

	/** out = clamp(zeroPoint + nearest((a - zeroA) (b - zeroB) factor)), halves to even. `row`: scratch of `count` bytes rounded up to 4. */
	assembler.define(
		'multiplyFloat',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32', 'i32', 'i32'],
		(code, a, b, row, out, count, zeroA, zeroB, factor, zeroPoint, low, high) => {
			const { f32x4, i32x4 } = code.module;
			throughRow(code, row, out, count, (byteOffset) => {
				const products = i32x4.mul(loadLess(code, a, byteOffset, zeroA), loadLess(code, b, byteOffset, zeroB));
				const scaled = f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(products), f32x4.splat(factor.get())));
				storeBytes(code, code.sum(row.get(), byteOffset.get()), i32x4.trunc_sat_f32x4_s(scaled), zeroPoint, low, high);
			});
			return undefined;
		},
	);
}
