/** The lines of a text page without what is not a paper: empty lines, the page's furniture, who submitted what. */
import type { ImportMessage } from './import.ts';
import { parseLabel } from './page-stamp.ts';

/** The fields before the page's label. */
export const HEADER = [
	'new',
	'Get trending papers in your email inbox!',
	'Subscribe',
	'Daily Papers',
	'byAK and the research community',
];
const ONCE_A_DAY = 'Get trending papers in your email inbox once a day!';
/** Lines of the page's furniture, in this and in another extraction of the same pages. */
const FURNITURE = new Set([...HEADER, ONCE_A_DAY, `${ONCE_A_DAY}${HEADER[1]}`, 'by AK and the research community']);
const SUBMITTED_BY = /^(?:Subscribe)?Submitted by$/;

export interface Line {
	readonly number: number;
	readonly text: string;
	/** Empty lines before it. */
	readonly gap: number;
}

export type Report = (level: ImportMessage['level'], line: number | null, text: string) => void;

/** The lines that are not empty; a byte order mark, foreign line ends and needless empty lines are reported. */
export function splitLines(text: string, report: Report): Line[] {
	let rest = text;
	if (rest.startsWith('\uFEFF')) {
		report('info', 1, 'a byte order mark was left out');
		rest = rest.slice(1);
	}
	if (rest.includes('\r')) {
		report(
			'info',
			1 + (rest.slice(0, rest.indexOf('\r')).match(/\n/g)?.length ?? 0),
			'line ends of another system were read as line ends',
		);
		rest = rest.replace(/\r\n?/g, '\n');
	}
	const lines: Line[] = [];
	let gap = 0;
	for (const [index, line] of rest.split('\n').entries()) {
		if (line.trim() === '') gap += 1;
		else {
			if (gap > 1 && lines.length > 0) report('info', index, `${gap} empty lines where one is enough`);
			lines.push({ number: index + 1, text: line, gap });
			gap = 0;
		}
	}
	return lines;
}

/** Drops the page's furniture and who submitted a paper. */
export function withoutFurniture(lines: readonly Line[]): Line[] {
	const kept: Line[] = [];
	for (let index = 0; index < lines.length; index++) {
		const line = lines[index]!;
		if (FURNITURE.has(line.text.trim())) continue;
		if (SUBMITTED_BY.test(line.text.trim())) {
			if (isUserName(lines[index + 1], lines[index + 2])) index += 1;
			continue;
		}
		kept.push(line);
	}
	return kept;
}

/** A user name is one word, or a short line that no abstract follows. */
function isUserName(line: Line | undefined, next: Line | undefined): boolean {
	if (line === undefined || line.text.length > 60 || FURNITURE.has(line.text)) return false;
	return !line.text.trim().includes(' ') || (next !== undefined && next.text.length < 200);
}

/** Takes the page's label off the front; null, and a message, where there is none. */
export function takeLabel(lines: Line[], report: Report): Line | null {
	const first = lines[0];
	if (first !== undefined && parseLabel(first.text.trim()) !== null) {
		lines.shift();
		return { ...first, text: first.text.trim() };
	}
	report('error', first?.number ?? null, 'no day such as "Dec 26" before the first paper: the page has no date');
	return null;
}
