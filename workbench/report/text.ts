/** Panels as text for a terminal: aligned tables, paragraphs, and for each plot the figures a reader can use without it. */
import type { Column, Panel, Row } from '@assay/contract';
import { formatNumber, formatValue, labelWithUnit } from './format.ts';

export interface TextStyle {
	readonly bold: (text: string) => string;
	readonly dim: (text: string) => string;
	/** Columns of the terminal. */
	readonly width: number;
}

export const plainStyle: TextStyle = { bold: (text) => text, dim: (text) => text, width: 100 };

/** A table whose numbers are aligned right and whose texts are aligned left. */
export function textTable(columns: readonly Column[], rows: readonly Row[], style: TextStyle = plainStyle): string {
	const heads = columns.map((column) => labelWithUnit(column.label, column.unit));
	const cells = rows.map((row) => columns.map((column) => formatValue(row[column.key], column)));
	const numeric = columns.map((column) => rows.some((row) => typeof row[column.key] === 'number'));
	const widths = heads.map((head, index) => Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[index] ?? ''))));
	const line = (texts: readonly string[]): string =>
		texts
			.map((text, index) => {
				const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(text)));
				return numeric[index] ? space + text : text + space;
			})
			.join('  ')
			.trimEnd();
	return [style.bold(line(heads)), style.dim(widths.map((width) => '─'.repeat(width)).join('  ')), ...cells.map(line)].join('\n');
}

/** Made when it is first needed: that takes a tenth of a start. */
let segmenter: Intl.Segmenter | undefined;

function displayWidth(text: string): number {
	if (/^[\x20-\x7e]*$/.test(text)) return text.length;
	segmenter ??= new Intl.Segmenter();
	return [...segmenter.segment(text)].length;
}

/** Rows of a table that a terminal shows; the rest is in the files. */
const TERMINAL_ROWS = 40;

/** All panels, one below the other. */
export function textReport(panels: readonly Panel[], style: TextStyle = plainStyle): string {
	return panels.map((panel) => `${style.bold(panel.title)}\n${textPanel(panel, style)}`).join('\n\n');
}

function textPanel(panel: Panel, style: TextStyle): string {
	switch (panel.kind) {
		case 'text':
			return panel.paragraphs.map((paragraph) => wrap(paragraph, style.width)).join('\n\n');
		case 'table': {
			const more =
				panel.rows.length > TERMINAL_ROWS
					? `\n${style.dim(`... ${panel.rows.length - TERMINAL_ROWS} more rows; --out writes them all`)}`
					: '';
			const note = panel.note === undefined ? '' : `\n${style.dim(wrap(panel.note, style.width))}`;
			return textTable(panel.columns, panel.rows.slice(0, TERMINAL_ROWS), style) + more + note;
		}
		case 'plot': {
			const points = panel.marks.reduce((sum, mark) => sum + (mark.mark === 'rule' ? 0 : mark.data.length), 0);
			return style.dim(wrap(`${panel.note} (plot of ${points} points; --out writes it as SVG and CSV)`, style.width));
		}
		case 'parallel':
			return style.dim(wrap(`${panel.note} (plot of ${panel.rows.length} lines; --out writes it as SVG and CSV)`, style.width));
		case 'flow': {
			const largest = [...panel.links].sort((a, b) => b.value - a.value).slice(0, 6);
			const label = (id: string): string => panel.nodes.find((node) => node.id === id)?.label ?? id;
			const width = Math.max(0, ...largest.map((link) => displayWidth(`${label(link.source)} → ${label(link.target)}`)));
			const lines = largest.map(
				(link) => `${`${label(link.source)} → ${label(link.target)}`.padEnd(width)}  ${formatNumber(link.value)} ${panel.unit}`,
			);
			return [...lines, style.dim(wrap(panel.note, style.width))].join('\n');
		}
		case 'image':
			return style.dim(`${panel.alternative} (${panel.artifact})`);
		case 'file':
			return style.dim(`${panel.artifact}: ${panel.note}`);
	}
}

/** Breaks a paragraph between words. */
export function wrap(paragraph: string, width: number): string {
	const lines: string[] = [];
	let line = '';
	for (const word of paragraph.split(/\s+/)) {
		if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
			lines.push(line);
			line = word;
		} else line = line === '' ? word : `${line} ${word}`;
	}
	return [...lines, line].join('\n');
}
