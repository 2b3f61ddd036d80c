/** Look-up of token and position vectors, and its transpose. */
import type { Assembler } from '@assay/webassembly';

export function defineEmbedding(assembler: Assembler): void {
	/** out[i] = table[tokens[i]] + positions[i mod period], rows of `width` floats; tokens are 32-bit. */
	assembler.define(
		'embeddingForward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, tokens, table, positions, out, rows, width, period) => {
			const { i32 } = code.module;
			const rowBytes = code.let('i32', code.times(width.get(), 4));
			code.for(rows.get, (i) => {
				const token = i32.load(0, 4, code.sum(tokens.get(), code.times(i.get(), 4)));
				const word = code.let('i32', code.sum(table.get(), code.product(token, rowBytes.get())));
				const position = code.let(
					'i32',
					code.sum(positions.get(), code.product(i32.rem_u(i.get(), period.get()), rowBytes.get())),
				);
				const target = code.let('i32', code.sum(out.get(), code.product(i.get(), rowBytes.get())));
				code.elements(width.get, (lanes, offset) => {
					const sum = lanes.add(
						lanes.load(code.sum(word.get(), offset.get())),
						lanes.load(code.sum(position.get(), offset.get())),
					);
					lanes.store(code.sum(target.get(), offset.get()), sum);
				});
			});
			return undefined;
		},
	);

	/** Adds each row of dOut to the gradient of its token's and of its position's vector, in the order of the rows. */
	assembler.define(
		'embeddingBackward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, tokens, dOut, dTable, dPositions, rows, width, period) => {
			const { i32 } = code.module;
			const rowBytes = code.let('i32', code.times(width.get(), 4));
			code.for(rows.get, (i) => {
				const token = i32.load(0, 4, code.sum(tokens.get(), code.times(i.get(), 4)));
				const source = code.let('i32', code.sum(dOut.get(), code.product(i.get(), rowBytes.get())));
				const position = code.product(i32.rem_u(i.get(), period.get()), rowBytes.get());
				const targets = [
					code.let('i32', code.sum(dTable.get(), code.product(token, rowBytes.get()))),
					code.let('i32', code.sum(dPositions.get(), position)),
				];
				code.elements(width.get, (lanes, offset) => {
					for (const target of targets) {
						const place = () => code.sum(target.get(), offset.get());
						lanes.store(place(), lanes.add(lanes.load(place()), lanes.load(code.sum(source.get(), offset.get()))));
					}
				});
			});
			return undefined;
		},
	);
}
