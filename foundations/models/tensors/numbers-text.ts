/** Numbers as people write them down: separated by commas, semicolons, tabs, spaces or lines. */
import { InputError } from '@assay/contract';
import type { Tensor } from './tensor.ts';

/**
 * A vector, or where each line has equally many numbers, a matrix of a row a line. Empty lines count for nothing. Raises an `InputError`
 * that names the line and what stands there.
 */
export function parseNumbersText(text: string, fileName: string): Tensor {
	const rows: number[][] = [];
	for (const [index, line] of text.split(/\r?\n/).entries()) {
		const words = line.split(/[\s,;]+/).filter((word) => word !== '');
		if (words.length === 0) continue;
		rows.push(
			words.map((word) => {
				const value = Number(word);
				if (Number.isNaN(value))
					throw new InputError({
						path: [fileName, `line ${index + 1}`],
						found: word.length > 40 ? `${word.slice(0, 37)}...` : word,
						expected: 'numbers',
					});
				return value;
			}),
		);
	}
	const width = rows[0]?.length ?? 0;
	const values = Float32Array.from(rows.flat());
	return { shape: rows.length > 1 && rows.every((row) => row.length === width) ? [rows.length, width] : [values.length], values };
}
