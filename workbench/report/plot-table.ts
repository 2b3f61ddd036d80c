/** What a plot shows, as figures: for readers who cannot see it, and for files. */
import type { Row, TablePanel } from '@assay/contract';
import type { DrawnPanel } from './plot-size.ts';

/** The data of a drawn panel as a table. */
export function plotTable(panel: DrawnPanel): TablePanel {
	if (panel.kind === 'flow') {
		const label = (id: string): string => panel.nodes.find((node) => node.id === id)?.label ?? id;
		return {
			kind: 'table',
			title: panel.title,
			columns: [
				{ key: 'source', label: 'From' },
				{ key: 'target', label: 'To' },
				{ key: 'value', label: 'Flow', unit: panel.unit },
			],
			rows: panel.links.map((link) => ({ source: label(link.source), target: label(link.target), value: link.value })),
		};
	}
	if (panel.kind === 'parallel') {
		const columns = panel.color === undefined ? panel.axes : [...panel.axes, { key: panel.color, label: panel.color }];
		return { kind: 'table', title: panel.title, columns, rows: panel.rows };
	}
	const rows: Row[] = panel.marks.flatMap((mark) => (mark.mark === 'rule' ? [] : mark.data));
	const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	return { kind: 'table', title: panel.title, columns: keys.map((key) => ({ key, label: key })), rows };
}
