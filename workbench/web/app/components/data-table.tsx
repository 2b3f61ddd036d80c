/** A table with units in its heads, numbers aligned right, and rows that can be put in another order. */
import type { Column, Row, Value } from '@assay/contract';
import { formatValue, labelWithUnit } from '@assay/report/format';
import { type ReactNode, useState } from 'react';
import { Scroller } from './scroller.tsx';

/** Rows shown at first; a reader who wants them all asks for them. */
const FIRST_ROWS = 200;

export function DataTable({
	columns,
	rows,
	label,
	caption,
	cell,
}: {
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
	/** What the table shows, where no heading above it says so. */
	readonly caption?: string;
	/** Name for those who do not see the heading. */
	readonly label?: string;
	/** Draws a cell in its own way, or leaves it to the table by returning undefined. */
	readonly cell?: (row: Row, column: Column) => ReactNode | undefined;
}) {
	const [order, setOrder] = useState<{ readonly key: string; readonly isDescending: boolean } | null>(null);
	const [isWhole, setWhole] = useState(false);
	const numeric = new Set(columns.filter(({ key }) => rows.some((row) => typeof row[key] === 'number')).map(({ key }) => key));
	const places = new Map(rows.map((row, place) => [row, place]));
	const sorted =
		order === null ? rows : [...rows].sort((a, b) => compare(a[order.key], b[order.key]) * (order.isDescending ? -1 : 1));
	const shown = isWhole ? sorted : sorted.slice(0, FIRST_ROWS);
	const sortBy = (key: string): void =>
		setOrder(
			order?.key !== key
				? { key, isDescending: numeric.has(key) }
				: order.isDescending === numeric.has(key)
					? { key, isDescending: !order.isDescending }
					: null,
		);
	return (
		<Scroller label={caption ?? label ?? 'Table'}>
			<table>
				{caption !== undefined && <caption>{caption}</caption>}
				<thead>
					<tr>
						{columns.map((column) => (
							<th
								key={column.key}
								scope="col"
								className={numeric.has(column.key) ? 'number' : undefined}
								aria-sort={order?.key === column.key ? (order.isDescending ? 'descending' : 'ascending') : undefined}
							>
								{rows.length > 1 ? (
									<button type="button" className="sort" onClick={() => sortBy(column.key)}>
										{labelWithUnit(column.label, column.unit)}
										<span aria-hidden="true">{order?.key === column.key ? (order.isDescending ? ' ▾' : ' ▴') : ''}</span>
									</button>
								) : (
									labelWithUnit(column.label, column.unit)
								)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{shown.map((row) => (
						<tr key={places.get(row)}>
							{columns.map((column) => (
								<td key={column.key} className={numeric.has(column.key) ? 'number' : undefined}>
									{cell?.(row, column) ?? formatValue(row[column.key], column)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > shown.length && (
				<p className="note">
					{rows.length - shown.length} more rows.{' '}
					<button type="button" className="quiet" onClick={() => setWhole(true)}>
						Show all
					</button>
				</p>
			)}
		</Scroller>
	);
}

/** Numbers by size, texts by alphabet, missing values last. */
function compare(a: Value | undefined, b: Value | undefined): number {
	if (a === b) return 0;
	if (a === null || a === undefined) return 1;
	if (b === null || b === undefined) return -1;
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	return String(a).localeCompare(String(b), 'en', { numeric: true });
}
