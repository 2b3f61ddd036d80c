/**
 * Rows of channels, side by side in memory: what convolutions of few maps a group and batch norms are made of. A row is what one position of an image
 * holds; rows may be any number of bytes apart. Addresses and strides are bytes, sizes are elements.
 */
import type { Assembler, Code, Variable } from '@assay/webassembly';

export function defineChannelRows(assembler: Assembler): void {
	/** out[row] += a[row] weights, channel by channel. */
	assembler.define(
		'multiplyAddRows',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, out, a, weights, rows, outStride, aStride, width) => {
			eachRow(
				code,
				rows,
				[
					[out, outStride],
					[a, aStride],
				],
				() => {
					code.elements(width.get, (lanes, offset) => {
						const target = () => code.sum(out.get(), offset.get());
						const product = lanes.mul(
							lanes.load(code.sum(a.get(), offset.get())),
							lanes.load(code.sum(weights.get(), offset.get())),
						);
						lanes.store(target(), lanes.add(lanes.load(target()), product));
					});
				},
			);
			return undefined;
		},
	);

	/** out += sum over rows of a[row] b[row], channel by channel, rows in order. */
	assembler.define(
		'addRowProducts',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, out, a, b, rows, aStride, bStride, width) => {
			code.elements(width.get, (lanes, offset) => {
				const target = () => code.sum(out.get(), offset.get());
				const sum = code.let(lanes.float, lanes.load(target()));
				const left = code.let('i32', code.sum(a.get(), offset.get()));
				const right = code.let('i32', code.sum(b.get(), offset.get()));
				eachRow(
					code,
					rows,
					[
						[left, aStride],
						[right, bStride],
					],
					() => sum.set(lanes.add(sum.get(), lanes.mul(lanes.load(left.get()), lanes.load(right.get())))),
				);
				lanes.store(target(), sum.get());
			});
			return undefined;
		},
	);

	/** out = max(0, x scale + shift), channel by channel. */
	assembler.define('scaleShiftRectify', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (code, x, scale, shift, out, rows, width) => {
		const stride = code.let('i32', code.times(width.get(), 4));
		eachRow(
			code,
			rows,
			[
				[x, stride],
				[out, stride],
			],
			() => {
				code.elements(width.get, (lanes, offset) => {
					const at = (row: Variable) => lanes.load(code.sum(row.get(), offset.get()));
					const moved = lanes.add(lanes.mul(at(x), at(scale)), at(shift));
					lanes.store(code.sum(out.get(), offset.get()), lanes.max(moved, lanes.constant(0)));
				});
			},
		);
		return undefined;
	});

	/** gradient = 0 where out is. In place. */
	assembler.define('rectifyBackward', ['i32', 'i32', 'i32'], (code, out, gradient, n) => {
		code.elements(n.get, (lanes, offset) => {
			const target = () => code.sum(gradient.get(), offset.get());
			const kept = lanes.bitsOf(lanes.load(code.sum(out.get(), offset.get())));
			const isPositive = lanes.above(kept, lanes.integerConstant(0));
			const value = lanes.select(isPositive, lanes.bitsOf(lanes.load(target())), lanes.integerConstant(0));
			lanes.store(target(), lanes.fromBits(value));
		});
		return undefined;
	});

	/** out = a p + b q + c, channel by channel; out may be a or b. */
	assembler.define(
		'combineRows',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, a, b, p, q, c, out, rows, width) => {
			const stride = code.let('i32', code.times(width.get(), 4));
			eachRow(
				code,
				rows,
				[
					[a, stride],
					[b, stride],
					[out, stride],
				],
				() => {
					code.elements(width.get, (lanes, offset) => {
						const at = (row: Variable) => lanes.load(code.sum(row.get(), offset.get()));
						const sum = lanes.add(lanes.mul(at(a), at(p)), lanes.mul(at(b), at(q)));
						lanes.store(code.sum(out.get(), offset.get()), lanes.add(sum, at(c)));
					});
				},
			);
			return undefined;
		},
	);
}

/** Runs a body for each row; every address moves on by its stride afterwards. */
function eachRow(code: Code, rows: Variable, moving: readonly (readonly [Variable, Variable])[], body: () => void): void {
	code.for(rows.get, () => {
		body();
		for (const [address, stride] of moving) address.set(code.sum(address.get(), stride.get()));
	});
}
