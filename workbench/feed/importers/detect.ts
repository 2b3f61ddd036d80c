/** Which format a file is in, by its name's ending and, where that says nothing, by how it begins. */
import { InputError } from '@assay/contract';
import { parseArxivAtom } from './arxiv-atom.ts';
import { parseBibtex } from './bibtex.ts';
import { parseCsv } from './csv.ts';
import { parseHostJson } from './host-json.ts';
import { type Import, MAX_CHARACTERS } from './import.ts';
import { parseJsonLines } from './json-lines.ts';
import { importPage, type PageOptions } from './page-text.ts';
import { parseRis } from './ris.ts';

export type Format = 'page-text' | 'arxiv' | 'host-json' | 'bibtex' | 'ris' | 'csv' | 'json-lines';

const ENDINGS: Readonly<Record<string, Format>> = {
	xml: 'arxiv',
	atom: 'arxiv',
	json: 'host-json',
	bib: 'bibtex',
	bibtex: 'bibtex',
	ris: 'ris',
	csv: 'csv',
	tsv: 'csv',
	jsonl: 'json-lines',
	ndjson: 'json-lines',
};

/** The format of a text. Raises an InputError where neither its name nor its content tells. */
export function detectFormat(text: string, name = ''): Format {
	const start = text
		.slice(0, 4000)
		.replace(/^\uFEFF/, '')
		.trimStart();
	const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
	const named = ENDINGS[ending];
	if (named === 'host-json' && start.startsWith('{')) return 'json-lines';
	if (named !== undefined) return named;
	if (/^<(?:\?xml|feed\b)/i.test(start)) return 'arxiv';
	if (start.startsWith('[')) return 'host-json';
	if (start.startsWith('{')) return 'json-lines';
	if (/^TY {1,2}- /m.test(start)) return 'ris';
	if (/^\s*@[a-z]+\s*[{(]/im.test(start)) return 'bibtex';
	if (/^Daily Papers\s*$/m.test(start) || /^(?:Subscribe)?Submitted by\s*$/m.test(start)) return 'page-text';
	if (/^[^\r\n]*\btitle\b[^\r\n]*[,;\t]|^[^\r\n]*[,;\t][^\r\n]*\btitle\b/i.test(start)) return 'csv';
	throw new InputError({
		path: [name || 'file'],
		found: start === '' ? 'nothing' : `a text that begins with ${JSON.stringify(start.slice(0, 40))}`,
		expected: 'a day page, arXiv Atom, daily-papers JSON, BibTeX, RIS, CSV or JSON Lines',
	});
}

/** Decodes UTF-8. Raises an InputError for other bytes. A byte order mark is kept for the importer to report. */
export function decodeText(bytes: Uint8Array, name = 'file'): string {
	if (bytes.byteLength > MAX_CHARACTERS)
		throw new InputError({ path: [name], found: `${bytes.byteLength} bytes`, expected: `at most ${MAX_CHARACTERS} bytes` });
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch (cause) {
		if (!(cause instanceof TypeError)) throw cause;
		throw new InputError({ path: [name], found: 'bytes that are no UTF-8', expected: 'text in UTF-8' });
	}
}

/** Reads a text in a known format; `page` is used for day pages only. */
export function parseFormat(format: Format, text: string, page: PageOptions): Import {
	switch (format) {
		case 'page-text':
			return importPage(text, page);
		case 'arxiv':
			return parseArxivAtom(text);
		case 'host-json':
			return parseHostJson(text);
		case 'bibtex':
			return parseBibtex(text);
		case 'ris':
			return parseRis(text);
		case 'csv':
			return parseCsv(text);
		case 'json-lines':
			return parseJsonLines(text);
	}
}
