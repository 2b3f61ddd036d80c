import { formatBytes, formatNumber } from '@assay/report/format';
import { textTable } from '@assay/report/text';
import { fetchSource, findSource, sourceState, sources } from '@assay/sources';
import { explainFailure } from '../failure.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

/** `assay data list` */
export async function listData(options: { readonly json?: true }): Promise<void> {
	const rows = await Promise.all(sources.map(async (source) => ({ ...source, state: await sourceState(source) })));
	if (options.json === true) return printJson({ sources: rows });
	const columns = [
		{ key: 'name', label: 'Source' },
		{ key: 'size', label: 'Size' },
		{ key: 'state', label: 'Is in' },
		{ key: 'licence', label: 'Licence' },
		{ key: 'title', label: 'What it is' },
	];
	const shown = rows.map((row) => ({
		name: row.name,
		size: formatBytes(row.bytes),
		state: row.state,
		licence: row.licence,
		title: row.title,
	}));
	print(textTable(columns, shown, terminalStyle()));
}

/** `assay data fetch [names...]` */
export async function fetchData(
	names: readonly string[],
	options: { readonly again?: true; readonly json?: true },
): Promise<void> {
	const wanted = names.length === 0 ? sources : names.map(findSource);
	const signal = stopSignal();
	const fetched: { name: string; path: string | null; error: string | null }[] = [];
	for (const source of wanted) {
		const progress = new Progress();
		try {
			const path = await fetchSource(source, {
				signal,
				again: options.again === true,
				onProgress: (bytes, total) =>
					progress.update(bytes / total, `${source.name}: ${formatNumber(bytes)} of ${formatNumber(total)} bytes`),
			});
			fetched.push({ name: source.name, path, error: null });
			progress.clear();
			if (options.json !== true) note(`${source.name}: ${path}`);
		} catch (error) {
			progress.clear();
			process.exitCode = explainFailure(error);
			fetched.push({ name: source.name, path: null, error: error instanceof Error ? error.message : String(error) });
			if (signal.aborted) break;
		}
	}
	if (options.json === true) printJson({ fetched });
}
