/** A report as a folder of files: `report.html`, an SVG and a CSV for each plot, a CSV for each table. */
import { csvText, type Panel, type TablePanel } from '@assay/contract';
import { htmlReport, type ReportHead } from './html.ts';
import { isDrawn } from './plot-size.ts';
import { plotTable } from './plot-table.ts';
import { panelSvg } from './svg.ts';

/** File name to content. */
export function reportFiles(head: ReportHead, panels: readonly Panel[]): Map<string, string> {
	const files = new Map<string, string>([['report.html', htmlReport(head, panels, (name) => encodeURIComponent(name))]]);
	for (const [index, panel] of panels.entries()) {
		const name = `${String(index + 1).padStart(2, '0')}-${slug(panel.title)}`;
		if (panel.kind === 'table') files.set(`${name}.csv`, tableCsv(panel));
		if (isDrawn(panel)) {
			files.set(`${name}.svg`, panelSvg(panel));
			files.set(`${name}.csv`, tableCsv(plotTable(panel)));
		}
	}
	return files;
}

const slug = (title: string): string =>
	title
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-|-$/g, '')
		.slice(0, 60);

/** RFC 4180 text with full precision; units stand in the heads. */
function tableCsv(panel: TablePanel): string {
	const head = panel.columns.map((column) =>
		column.unit === undefined || column.unit === '1' ? column.key : `${column.key} [${column.unit}]`,
	);
	return csvText([head, ...panel.rows.map((row) => panel.columns.map((column) => row[column.key]))]);
}
