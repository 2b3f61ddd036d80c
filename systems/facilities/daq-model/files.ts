/** Files a run leaves: the system as a workbook, as JSON and as tables, and every sweep as CSV. */
import type { RunContext } from '@assay/contract';
import type { SystemDescription } from './graph.ts';
import { graphToJson } from './json-graph.ts';
import type { Outputs } from './outputs.ts';
import { type Cell, systemToTables, tableToCsv } from './tables.ts';
import { systemToWorkbook } from './workbook.ts';

const csv = 'text/csv';

export async function writeFiles(outputs: Outputs, system: SystemDescription, context: RunContext): Promise<void> {
	await context.artifact(
		'system.xlsx',
		await systemToWorkbook(system),
		'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
	);
	await context.artifact('system.json', `${JSON.stringify(graphToJson(system), undefined, '\t')}\n`, 'application/json');
	const tables = systemToTables(system);
	await context.artifact('detectors.csv', tableToCsv(tables.detectors), csv);
	await context.artifact('processors.csv', tableToCsv(tables.processors), csv);
	await context.artifact('global.csv', tableToCsv(tables.global), csv);
	await writeRows('nodes.csv', outputs.nodes, context);
	await writeRows('links.csv', outputs.links, context);
	await writeRows('skill-contour.csv', outputs.skillContour, context);
	await writeRows('pile-up-contour.csv', outputs.pileUpContour, context);
	await writeRows('tracker-reduction.csv', outputs.trackerReduction, context);
	await writeRows('sensitivities.csv', outputs.sensitivities, context);
	await writeRows(
		'configurations.csv',
		outputs.configurations.map(({ metrics, ...rest }) => ({ ...rest, ...metrics })),
		context,
	);
	const sweep = outputs.sweep;
	if (sweep === null) return;
	await writeRows(
		'sweep.csv',
		sweep.cells.map(({ values, metrics }) => ({
			...Object.fromEntries(sweep.axes.map((axis, index) => [axis, values[index] ?? null])),
			...metrics,
		})),
		context,
	);
}

async function writeRows(name: string, rows: readonly Readonly<Record<string, Cell>>[], context: RunContext): Promise<void> {
	const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	if (heads.length === 0) return;
	await context.artifact(name, tableToCsv([heads, ...rows.map((row) => heads.map((head) => row[head] ?? null))]), csv);
}
