import { resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { DataUnavailableError, InputError } from '@assay/contract';
import {
	decodeText,
	detectFormat,
	type Format,
	type Import,
	type ImportReport,
	importPapers,
	type PageOptions,
	parseFormat,
} from '@assay/feed';
import { openFile } from '@assay/sources';
import { EXIT, explainFailure } from '../../failure.ts';
import { integerOption, workingFolder } from '../../read-inputs.ts';
import { note, print, printJson, stopSignal } from '../../terminal.ts';
import { fetchArxiv } from './arxiv.ts';
import { type Feed, withFeed } from './feed.ts';
import { reportText } from './import-report.ts';

/** As much as importers take. */
const MOST_BYTES = 256 * 1024 * 1024;
/** More papers than this take some time to be compared with those at hand. */
const MANY = 5000;

interface ImportOptions {
	readonly format?: Format;
	readonly year?: string;
	readonly arxiv?: readonly string[];
	readonly arxivQuery?: string;
	readonly max: string;
	readonly json?: true;
}

/** One file, or one answer of arXiv, and what became of it. */
interface Imported {
	readonly from: string;
	readonly format: Format | null;
	readonly report: ImportReport | null;
	readonly error: string | null;
}

/** `assay papers import [files...]`. What cannot be read at all is an error, and nothing of it is imported; the others go on. */
export async function importVerb(files: readonly string[], options: ImportOptions): Promise<void> {
	const year = options.year === undefined ? undefined : integerOption(options.year, 'year', 1000, 9999);
	const max = integerOption(options.max, 'max', 1, 30_000);
	const { arxiv = [], arxivQuery } = options;
	if (files.length === 0 && arxiv.length === 0 && arxivQuery === undefined)
		throw new InputError({
			path: ['files'],
			found: 'nothing',
			expected: 'files, - for standard input, --arxiv or --arxiv-query',
		});
	const signal = stopSignal();
	const imports: Imported[] = [];
	await withFeed(async (feed) => {
		const today = feed.now.toISOString().slice(0, 10);
		const sources = [
			...files.map((file) => ({ from: nameOf(file), batches: readSource(file, options.format, { year, today }, signal) })),
			...(arxiv.length > 0 ? [{ from: 'arXiv', batches: fetchArxiv({ ids: arxiv }, signal) }] : []),
			...(arxivQuery === undefined ? [] : [{ from: 'arXiv', batches: fetchArxiv({ search: arxivQuery, max }, signal) }]),
		];
		for (const { from, batches } of sources) {
			if (signal.aborted) break;
			imports.push(...(await importAll(feed, from, batches, signal)));
		}
	});
	if (options.json === true) printJson({ imports: imports.map(documentOf) });
	else for (const one of imports) if (one.report !== null) print(reportText(one.from, one.format, one.report));
	if (signal.aborted) process.exitCode = EXIT.stopped;
}

async function importAll(
	{ database, now }: Feed,
	from: string,
	batches: AsyncIterable<Batch>,
	signal: AbortSignal,
): Promise<Imported[]> {
	const imported: Imported[] = [];
	try {
		for await (const { format, batch } of batches) {
			if (signal.aborted) break;
			if (batch.papers.length > MANY) note(`${from}: importing ${batch.papers.length} papers ...`);
			imported.push({ from, format, report: await importPapers(database, batch, { source: format, now }), error: null });
		}
	} catch (error) {
		const isExpected = error instanceof InputError || error instanceof DataUnavailableError;
		const isAborted = signal.aborted && (isExpected || (error instanceof Error && error.name === 'AbortError'));
		if (isAborted) return imported;
		if (!isExpected) throw error;
		const failure = placed(error, from);
		process.exitCode = explainFailure(failure);
		imported.push({ from, format: null, report: null, error: failure.message });
	}
	return imported;
}

interface Batch {
	readonly format: Format;
	readonly batch: Import;
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

async function* readSource(
	file: string,
	format: Format | undefined,
	page: PageOptions,
	signal: AbortSignal,
): AsyncGenerator<Batch> {
	const text = decodeText(file === '-' ? await standardInput(signal) : await fileBytes(file), nameOf(file));
	const read = format ?? detectFormat(text, nameOf(file));
	yield { format: read, batch: parseFormat(read, text, page) };
}

async function fileBytes(file: string): Promise<Uint8Array> {
	const opened = await openFile(resolve(workingFolder(), file), file);
	return new Uint8Array(await opened.arrayBuffer(MOST_BYTES));
}

async function standardInput(signal: AbortSignal): Promise<Uint8Array> {
	addAbortSignal(signal, process.stdin);
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of process.stdin) {
		const piece = Buffer.from(chunk);
		chunks.push(piece);
		bytes += piece.length;
		if (bytes > MOST_BYTES)
			throw new InputError({ path: ['standard input'], found: 'more bytes', expected: `at most ${MOST_BYTES}` });
	}
	return Buffer.concat(chunks);
}

/** The error with the file in its path. */
function placed(error: InputError | DataUnavailableError, from: string): Error {
	if (!(error instanceof InputError) || String(error.path[0] ?? '').endsWith(from)) return error;
	const { path, found, expected, nearest } = error;
	return new InputError({ path: [from, ...path], found, expected, nearest });
}

function documentOf({ from, format, report, error }: Imported): Record<string, unknown> {
	const { source: _source, entries = [], ...counts } = report ?? {};
	return {
		from,
		format,
		error,
		...counts,
		...(report === null ? {} : { papers: entries.map(({ paperId: _id, ...entry }) => entry) }),
	};
}
