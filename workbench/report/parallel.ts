/** Parallel coordinates to SVG: axes side by side, a line through them for each row. */
import type { ParallelPanel, Value } from '@assay/contract';
import { escapeMarkup, PALETTE } from './flow.ts';
import { formatNumber, formatValue, labelWithUnit } from './format.ts';

const LETTER_WIDTH = 6.2;
/** Labels below the axes are slanted by so many degrees. */
const SLANT = 30;
const MARGIN = { top: 52, right: 40 };
/** Values of a text axis that are named. */
const MOST_NAMED = 12;

/** Where a value stands along an axis: 0 at its foot, 1 at its head; null for no value. */
type Place = (value: Value) => number | null;

/** An SVG document of the diagram. */
export function parallelSvg(panel: ParallelPanel, size: { readonly width: number; readonly height: number }): string {
	const labels = panel.axes.map((axis) => labelWithUnit(axis.label, axis.unit));
	const longest = Math.min(
		44,
		labels.reduce((most, label) => Math.max(most, label.length), 0),
	);
	const reach = LETTER_WIDTH * longest;
	const left = Math.max(40, Math.min(190, reach * Math.cos((SLANT * Math.PI) / 180) - 12));
	const bottom = size.height - 34 - reach * Math.sin((SLANT * Math.PI) / 180);
	const step = (size.width - left - MARGIN.right) / Math.max(1, panel.axes.length - 1);
	const across = (at: number): number => left + at * step;
	const up = (place: number): number => bottom + place * (MARGIN.top - bottom);
	const places = panel.axes.map((axis) => placesOf(panel, axis.key, axis.scale === 'log'));
	const kinds = panel.color === undefined ? [null] : [...new Set(panel.rows.map((row) => row[panel.color ?? ''] ?? null))];
	// Lines are drawn in the order of the rows, and coloured in that of their names, as dots are in the plot beside.
	const named = kinds.toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
	const groups = kinds.map((kind) => {
		const rows = panel.color === undefined ? panel.rows : panel.rows.filter((row) => (row[panel.color ?? ''] ?? null) === kind);
		const paths = rows.map((row) => {
			let isBroken = true;
			const steps = panel.axes.map(({ key }, at) => {
				const place = places[at]?.place(row[key] ?? null) ?? null;
				const move = isBroken ? 'M' : 'L';
				isBroken = place === null;
				return place === null ? '' : `${move}${across(at).toFixed(1)},${up(place).toFixed(1)}`;
			});
			return `<path d="${steps.join('')}"/>`;
		});
		const opacity = Math.min(0.8, Math.max(0.16, 60 / Math.max(1, rows.length)));
		return `<g fill="none" stroke="${PALETTE[named.indexOf(kind) % PALETTE.length]}" stroke-opacity="${opacity.toFixed(2)}">${paths.join('')}</g>`;
	});
	const axes = labels.map((label, at) => {
		const x = across(at).toFixed(1);
		const names = (places[at]?.names ?? []).map(
			({ text, place }) => `<text x="${x}" y="${up(place).toFixed(1)}" dx="5" dy="0.35em">${escapeMarkup(text)}</text>`,
		);
		const ends = (places[at]?.ends ?? []).map(
			(text, end) =>
				`<text x="${x}" y="${(end === 0 ? bottom + 14 : MARGIN.top - 6).toFixed(1)}" text-anchor="middle">${escapeMarkup(text)}</text>`,
		);
		const short = label.length > longest ? `${label.slice(0, longest - 1)}…` : label;
		return (
			`<line x1="${x}" x2="${x}" y1="${MARGIN.top}" y2="${bottom.toFixed(1)}" stroke="currentColor" stroke-opacity="0.5"/>` +
			`<text transform="translate(${x},${(bottom + 28).toFixed(1)}) rotate(-${SLANT})" text-anchor="end">${escapeMarkup(short)}<title>${escapeMarkup(label)}</title></text>` +
			`<g paint-order="stroke" stroke="var(--card, Canvas)" stroke-width="3" stroke-linejoin="round">${names.join('')}${ends.join('')}</g>`
		);
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="system-ui, sans-serif" font-size="12" fill="currentColor" role="img" aria-label="${escapeMarkup(panel.title)}"><desc>${escapeMarkup(panel.note)}</desc>${legend(named, left)}${groups.join('')}${axes.join('')}</svg>`;
}

function legend(kinds: readonly Value[], left: number): string {
	let x = left;
	return kinds
		.map((kind, index) => {
			if (kind === null) return '';
			const text = String(kind);
			const item = `<rect x="${x}" y="6" width="12" height="12" fill="${PALETTE[index % PALETTE.length]}"/><text x="${x + 17}" y="16.5">${escapeMarkup(text)}</text>`;
			x += 30 + text.length * 7;
			return item;
		})
		.join('');
}

interface Axis {
	readonly place: Place;
	/** Written at the foot and the head. */
	readonly ends: readonly string[];
	/** Written beside the axis. */
	readonly names: readonly { readonly text: string; readonly place: number }[];
}

function placesOf(panel: ParallelPanel, key: string, isLog: boolean): Axis {
	const values = panel.rows.map((row) => row[key] ?? null).filter((value) => value !== null);
	if (values.every((value) => typeof value === 'number')) {
		const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
		const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
		const along = isLog && least > 0 ? Math.log : (value: number) => value;
		const [from, to] = [along(least), along(most)];
		return {
			place: (value) => (typeof value !== 'number' ? null : to > from ? (along(value) - from) / (to - from) : 0.5),
			ends: values.length === 0 ? [] : [formatNumber(least, 3), formatNumber(most, 3)],
			names: [],
		};
	}
	const known = [...new Set(values.map((value) => formatValue(value)))].sort((a, b) =>
		a.localeCompare(b, 'en', { numeric: true }),
	);
	const placeOf = (text: string): number => (known.length === 1 ? 0.5 : known.indexOf(text) / (known.length - 1));
	return {
		place: (value) => (value === null ? null : placeOf(formatValue(value))),
		ends: [],
		names: known.length > MOST_NAMED ? [] : known.map((text) => ({ text, place: placeOf(text) })),
	};
}
