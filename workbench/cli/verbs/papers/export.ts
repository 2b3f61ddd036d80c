import { writeFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { InputError } from '@assay/contract';
import { exportPage, printBibtex, printCsv, printJsonLines } from '@assay/feed';
import { workingFolder } from '../../read-inputs.ts';
import { note } from '../../terminal.ts';
import { type Feed, withFeed } from './feed.ts';
import { type Selection, selectPapers } from './selection.ts';

type PaperExportFormat = 'page' | 'json-lines' | 'csv' | 'bibtex';

const ENDINGS: Readonly<Record<string, PaperExportFormat>> = {
	'.txt': 'page',
	'.jsonl': 'json-lines',
	'.ndjson': 'json-lines',
	'.csv': 'csv',
	'.bib': 'bibtex',
};

interface ExportOptions extends Selection {
	readonly format?: PaperExportFormat;
	readonly out?: string;
}

/** `assay papers export` */
export async function exportPapers(options: ExportOptions): Promise<void> {
	const format = options.format ?? ENDINGS[extname(options.out ?? '').toLowerCase()] ?? 'json-lines';
	const text = await withFeed((feed) => textOf(feed, format, options));
	if (options.out === undefined) process.stdout.write(text);
	else {
		const path = resolve(workingFolder(), options.out);
		await writeFile(path, text);
		note(path);
	}
}

async function textOf(feed: Feed, format: PaperExportFormat, options: ExportOptions): Promise<string> {
	if (format === 'page') {
		if (options.date === undefined)
			throw new InputError({ path: ['--date'], found: 'nothing', expected: 'the day whose text page is wanted' });
		return exportPage(feed.database, options.date);
	}
	const { papers } = await selectPapers(feed, options, Number.MAX_SAFE_INTEGER);
	if (format === 'csv') return printCsv(papers);
	return format === 'bibtex' ? printBibtex(papers) : printJsonLines(papers);
}
