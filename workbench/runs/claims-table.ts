/** The claims table of a system's README: written by `npm run claims`, and checked by the tests. */
import { isErrorAbsolute } from '@assay/contract';
import type { ClaimVerdict } from './reproduce.ts';

const START = '<!-- claims -->';
const END = '<!-- /claims -->';

const HEAD = ['Claim', 'What it says', 'Published', 'Ours', 'Error', 'Tolerance', 'Evidence', 'Verdict'];

/** A figure with five significant digits: enough to check, few enough to read. */
export function figure(value: number): string {
	return Number(value.toPrecision(5)).toString();
}

/** The table as Markdown. */
export function claimsTable(verdicts: readonly ClaimVerdict[]): string {
	const rows = verdicts.map((verdict) => {
		return [
			verdict.id,
			verdict.says,
			`${figure(verdict.published.value)}${verdict.published.unit === '1' ? '' : ` ${verdict.published.unit}`} (${verdict.published.where})`,
			verdict.ours === null ? '' : figure(verdict.ours),
			errorText(verdict),
			toleranceText(verdict.tolerance),
			verdict.evidence,
			verdict.verdict,
		];
	});
	const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(HEAD), line(HEAD.map(() => '---')), ...rows.map(line)].join('\n');
}

const percent = (fraction: number): string => `${figure(fraction * 100)} %`;

function errorText({ error, tolerance, published }: ClaimVerdict): string {
	if (error === null || tolerance === null) return '';
	return isErrorAbsolute({ tolerance, published }) ? figure(error) : percent(error);
}

function toleranceText(tolerance: ClaimVerdict['tolerance']): string {
	if (tolerance === null) return '';
	if ('bound' in tolerance) return tolerance.bound;
	return `± ${'absolute' in tolerance ? figure(tolerance.absolute) : percent(tolerance.relative)}`;
}

/** A README with its claims table replaced. */
export function withClaimsTable(readme: string, table: string): string {
	const [before, after] = splitReadme(readme);
	return `${before}${START}\n${table}\n${END}${after}`;
}

/** Cells of the claims table in a README, by claim. */
export function readClaimsTable(readme: string): Map<string, Readonly<Record<string, string>>> {
	const lines = splitReadme(readme, true)[0].trim().split('\n').slice(2);
	const cells = (line: string): string[] =>
		line
			.slice(2, -2)
			.split(/(?<!\\)\s\|\s/)
			.map((cell) => cell.replaceAll('\\|', '|').trim());
	return new Map(
		lines.map((line) => [cells(line)[0] ?? '', Object.fromEntries(HEAD.map((name, index) => [name, cells(line)[index] ?? '']))]),
	);
}

function splitReadme(readme: string, inside = false): [string, string] {
	const start = readme.indexOf(START);
	const end = readme.indexOf(END);
	if (start < 0 || end < start) throw new RangeError(`the README has no ${START} ... ${END} to hold the claims table`);
	return inside ? [readme.slice(start + START.length, end), ''] : [readme.slice(0, start), readme.slice(end + END.length)];
}
