/** Bandwidths in a JSON or CSV file, GB/s of 1e9 bytes. */
import { InputError, parseOrExplain, show } from '@assay/contract';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { type BandwidthMatrix, MOST_HOSTS } from './bandwidth-matrix.ts';

const GIGABYTE = 1e9;

const jsonMatrix = z.object({
	gpus: z.array(z.string().min(1).max(200)).min(2).max(MOST_HOSTS),
	/** null stands for a pair without measurement. */
	bandwidth: z.array(z.array(z.number().nullable()).max(MOST_HOSTS)).max(MOST_HOSTS),
});

/** `{"gpus": [names], "bandwidth": [[GB/s]]}`, the published code's own format. The matrix is unchecked. */
export function readMatrixJson(text: string, fileName: string): BandwidthMatrix {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch (error) {
		const message = error instanceof Error ? error.message.slice(0, 100) : 'no JSON';
		throw new InputError({ path: [fileName], found: message, expected: 'JSON' });
	}
	const { gpus, bandwidth } = parseOrExplain(jsonMatrix, parsed, [fileName]);
	return fromRows(
		gpus,
		bandwidth.map((row) => row.map((value) => value ?? Number.NaN)),
		fileName,
	);
}

/** A square table: first line and first column name the hosts, GB/s between; an empty cell is a pair without measurement. Unchecked. */
export function readMatrixCsv(text: string, fileName: string): BandwidthMatrix {
	let rows: string[][];
	try {
		rows = z.array(z.array(z.string())).parse(
			parseCsv(text, {
				bom: true,
				relax_column_count: true,
				skip_empty_lines: true,
				trim: true,
				max_record_size: 1 << 20,
				to: MOST_HOSTS + 2,
			}),
		);
	} catch (error) {
		const message = error instanceof Error ? error.message.slice(0, 100) : 'no CSV';
		throw new InputError({ path: [fileName], found: message, expected: 'a table of bandwidths' });
	}
	const hosts = (rows[0] ?? []).slice(1);
	const values = rows.slice(1).map((row, index) => {
		if (row[0] !== hosts[index]) {
			throw new InputError({
				path: [fileName, `line ${index + 2}`],
				found: show(row[0]),
				expected: `the hosts in the order of the first line, here ${hosts[index] ?? 'no further row'}`,
			});
		}
		return row.slice(1).map((cell) => (cell === '' ? Number.NaN : Number(cell)));
	});
	return fromRows(hosts, values, fileName);
}

function fromRows(hosts: readonly string[], rows: readonly (readonly number[])[], fileName: string): BandwidthMatrix {
	const n = hosts.length;
	const ragged = rows.findIndex((row) => row.length !== n);
	if (rows.length !== n || ragged >= 0) {
		throw new InputError({
			path: [fileName],
			found:
				rows.length !== n
					? `${rows.length} rows for ${n} hosts`
					: `${rows[ragged]?.length} figures in the row of ${hosts[ragged]}`,
			expected: `a square of ${n} by ${n}`,
		});
	}
	const bytesPerSecond = new Float64Array(n * n);
	for (const [i, row] of rows.entries()) {
		// Zero on the diagonal means what an empty cell means: not measured.
		for (const [j, value] of row.entries()) bytesPerSecond[i * n + j] = i === j && value === 0 ? Number.NaN : value * GIGABYTE;
	}
	return { hosts, bytesPerSecond };
}
