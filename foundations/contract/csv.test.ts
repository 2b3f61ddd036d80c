import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvText } from './csv.ts';

test('another library reads back what was written', () => {
	const text = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\r', '\n', ' ', ';') });
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 5 }), fc.array(text, { minLength: 1, maxLength: 30 }), (columns, cells) => {
			const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
				Array.from({ length: columns }, (_, column) => cells[row * columns + column] ?? 'x'),
			);
			// A line of one empty cell is an empty line, which the reader leaves out unless told otherwise.
			expect(parse(csvText(rows), { record_delimiter: '\r\n', skip_empty_lines: false })).toEqual(rows);
		}),
	);
});

test('numbers keep their precision and what is missing is empty', () => {
	expect(csvText([['a', 0.1 + 0.2, null, undefined, true]])).toBe('a,0.30000000000000004,,,true\r\n');
});
