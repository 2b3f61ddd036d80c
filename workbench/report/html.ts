/** A run as one HTML file that needs nothing else: text, tables and SVG plots, light and dark, each plot with its table behind it. */
import type { Panel, TablePanel } from '@assay/contract';
import { escapeMarkup } from './flow.ts';
import { formatValue, labelWithUnit } from './format.ts';
import { plotTable } from './plot-table.ts';
import { panelSvg } from './svg.ts';

export interface ReportHead {
	readonly title: string;
	/** The answer in one line. */
	readonly headline: string;
	/** Facts in the order shown: system, version, seed, date, machine. */
	readonly facts: readonly (readonly [string, string])[];
	/** The command that repeats the run. */
	readonly command: string;
	readonly inputs: unknown;
}

/** The HTML document of a report. `artifact` gives the link of a file kept with the run. */
export function htmlReport(head: ReportHead, panels: readonly Panel[], artifact: (name: string) => string): string {
	const facts = head.facts.map(([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd>`).join('');
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(head.title)} · Assay</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><p class="eyebrow">Assay</p><h1>${escapeMarkup(head.title)}</h1><p class="headline">${escapeMarkup(head.headline)}</p><dl>${facts}</dl></header>
${panels.map((panel) => htmlPanel(panel, artifact)).join('\n')}
<section><h2>Inputs</h2><details><summary>All inputs as JSON</summary><pre>${escapeMarkup(JSON.stringify(head.inputs, null, 2))}</pre></details>
<p>Repeat this run: <code>${escapeMarkup(head.command)}</code></p></section>
</main>
</body>
</html>
`;
}

function htmlPanel(panel: Panel, artifact: (name: string) => string): string {
	const title = `<h2>${escapeMarkup(panel.title)}</h2>`;
	switch (panel.kind) {
		case 'text':
			return `<section>${title}${panel.paragraphs.map((paragraph) => `<p>${escapeMarkup(paragraph)}</p>`).join('')}</section>`;
		case 'table':
			return `<section>${title}${htmlTable(panel)}${panel.note === undefined ? '' : `<p class="note">${escapeMarkup(panel.note)}</p>`}</section>`;
		case 'plot':
		case 'parallel':
		case 'flow':
			return `<section>${title}<figure>${panelSvg(panel)}<figcaption>${escapeMarkup(panel.note)}</figcaption></figure><details><summary>Figures of this plot</summary>${htmlTable(plotTable(panel))}</details></section>`;
		case 'image':
			return `<section>${title}<img src="${escapeMarkup(artifact(panel.artifact))}" alt="${escapeMarkup(panel.alternative)}"></section>`;
		case 'file':
			return `<section>${title}<p><a href="${escapeMarkup(artifact(panel.artifact))}">${escapeMarkup(panel.artifact)}</a> ${escapeMarkup(panel.note)}</p></section>`;
	}
}

/** Rows of a table that a page shows; files carry them all. */
const PAGE_ROWS = 400;

function htmlTable(panel: TablePanel): string {
	const numeric = panel.columns.map((column) => panel.rows.some((row) => typeof row[column.key] === 'number'));
	const head = panel.columns.map(
		(column, index) =>
			`<th scope="col"${numeric[index] ? ' class="number"' : ''}>${escapeMarkup(labelWithUnit(column.label, column.unit))}</th>`,
	);
	const body = panel.rows.slice(0, PAGE_ROWS).map((row) => {
		const cells = panel.columns.map(
			(column, index) =>
				`<td${numeric[index] ? ' class="number"' : ''}>${escapeMarkup(formatValue(row[column.key], column))}</td>`,
		);
		return `<tr>${cells.join('')}</tr>`;
	});
	const more =
		panel.rows.length > PAGE_ROWS ? `<p class="note">${panel.rows.length - PAGE_ROWS} more rows in the CSV file.</p>` : '';
	return `<div class="table"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>${more}`;
}

const STYLE = `
:root { --ink: #1c2024; --soft: #60676f; --line: #dfe3e6; --paper: #fcfcfb; --accent: #0b6e69; --wash: #f1f4f3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9e6; --soft: #9aa3a8; --line: #30363a; --paper: #15181a; --accent: #5fc6bd; --wash: #1d2224; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 24px 96px; }
.eyebrow { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .08em; text-transform: uppercase; font-size: 12px; }
h1 { margin: 4px 0 12px; font-size: 28px; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 0 0 12px; font-size: 18px; line-height: 1.3; }
.headline { font-size: 19px; margin: 0 0 20px; padding-left: 14px; border-left: 3px solid var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
section { margin-top: 44px; }
figure { margin: 0; overflow-x: auto; } figure svg { display: block; max-width: 100%; height: auto; }
figcaption, .note { color: var(--soft); font-size: 14px; margin-top: 8px; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 18px 5px 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; }
tbody tr:hover { background: var(--wash); }
details { margin-top: 12px; font-size: 14px; } summary { cursor: pointer; color: var(--accent); }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
pre { overflow-x: auto; background: var(--wash); padding: 14px; border-radius: 6px; font-size: 13px; }
code { font-size: .92em; overflow-wrap: anywhere; } a { color: var(--accent); } img { max-width: 100%; }
`;
