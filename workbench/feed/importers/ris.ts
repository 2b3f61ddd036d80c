/** RIS: lines of a two-character tag, two spaces, a dash and a value; a record runs from `TY` to `ER`. */
import { parseArxivId } from './arxiv-id.ts';
import { checkCount, checkSize, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from './values.ts';

const LINE = /^([A-Z][A-Z0-9]) {1,2}- ?(.*)$/;

interface RisRecord {
	readonly line: number;
	readonly fields: Map<string, string[]>;
}

/** Reads records. Lines without a tag continue the value before; records without a title or an end are reported. */
export function parseRis(source: string): Import {
	checkSize(source, 'RIS');
	const messages: ImportMessage[] = [];
	const records = readRecords(source, messages);
	checkCount(records.length, 'RIS');
	const papers = records.flatMap((record): ImportedPaper[] => {
		const paper = paperOf(record);
		if (paper === null) messages.push({ level: 'error', line: record.line, text: 'a record without a title was left out' });
		return paper === null ? [] : [paper];
	});
	return { papers, messages, listing: null };
}

function readRecords(source: string, messages: ImportMessage[]): RisRecord[] {
	const records: RisRecord[] = [];
	let current: RisRecord | null = null;
	let values: string[] | null = null;
	for (const [index, line] of source
		.replace(/^\uFEFF/, '')
		.split(/\r\n?|\n/)
		.entries()) {
		const match = LINE.exec(line.trimEnd());
		const tag = match?.[1];
		if (tag === 'TY') {
			if (current !== null) messages.push({ level: 'warning', line: index + 1, text: 'the record before has no ER line' });
			current = { line: index + 1, fields: new Map() };
			records.push(current);
		} else if (tag === 'ER') [current, values] = [null, null];
		else if (tag !== undefined && current !== null) {
			values = current.fields.get(tag) ?? [];
			values.push(match?.[2] ?? '');
			current.fields.set(tag, values);
		} else if (line.trim() !== '') {
			if (current === null || values === null)
				messages.push({ level: 'warning', line: index + 1, text: 'a line outside any record was left out' });
			else values[values.length - 1] += ` ${line.trim()}`;
		}
	}
	if (current !== null) messages.push({ level: 'warning', line: current.line, text: 'the last record has no ER line' });
	return records;
}

function paperOf({ line, fields }: RisRecord): ImportedPaper | null {
	const first = (...tags: string[]): string | null =>
		tags.map((tag) => cleanText(fields.get(tag)?.[0])).find((text) => text) ?? null;
	const all = (...tags: string[]): string[] => tags.flatMap((tag) => fields.get(tag) ?? []);
	const title = first('TI', 'T1', 'CT');
	if (title === null) return null;
	const authors = cleanNames(all('AU', 'A1').map(givenNameFirst));
	const urls = all('UR', 'L1', 'L2', 'L3');
	const arxivId = [...all('AN', 'C1', 'M1', 'DO'), ...urls].map(parseArxivId).find((id) => id !== null);
	const publishedOn = cleanDay(first('DA')) ?? cleanDay(first('PY', 'Y1'));
	return {
		...titledPaper(title, line),
		abstract: first('AB', 'N2'),
		arxivId: arxivId?.id ?? null,
		doi: cleanDoi(first('DO')),
		publishedOn,
		yearInferred: publishedOn === null ? null : false,
		authorsCount: authors?.length ?? null,
		authors,
		tags: cleanNames(all('KW')),
		links: cleanLinks({ page: urls[0], pdf: fields.get('L1')?.[0] }),
	};
}

/** `Curie, Marie` is Marie Curie; `Curie, Marie, Jr.` is Marie Curie Jr. */
function givenNameFirst(name: string): string {
	const [family, given, suffix] = name.split(',').map((part) => part.trim());
	return [given, family, suffix].filter((part) => part).join(' ');
}
