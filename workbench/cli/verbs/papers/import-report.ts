/** What an import did, for a reader: counts, what changed, what was found to be the same, and every message with its line. */
import type { Format, ImportReport } from '@assay/feed';
import { textTable } from '@assay/report/text';
import { terminalStyle } from '../../terminal.ts';

/** Changed papers that are listed one by one. */
const MOST_LISTED = 40;

export function reportText(from: string, format: Format | null, report: ImportReport): string {
	const style = terminalStyle();
	const place = (line: number | null): string => (line === null ? from : `${from}:${line}`);
	const { entries, queued, messages } = report;
	const counts = `${report.new} new, ${report.updated} updated, ${report.unchanged} unchanged, ${report.merged} merged, ${queued.length} queued`;
	const changed = entries.filter(({ outcome }) => outcome !== 'unchanged');
	const rows = changed.slice(0, MOST_LISTED).map(({ line, outcome, by, slug, title }) => ({
		line,
		outcome: outcome === 'new' || by === null ? outcome : `${outcome}, same ${by}`,
		slug,
		title,
	}));
	const columns = [
		{ key: 'outcome', label: 'Outcome' },
		{ key: 'line', label: 'Line' },
		{ key: 'slug', label: 'Paper' },
		{ key: 'title', label: 'Title' },
	];
	return [
		`${style.bold(from)}${format === null ? '' : ` (${format})`}: ${counts}`,
		...(rows.length === 0 ? [] : [textTable(columns, rows, style)]),
		...(changed.length > rows.length ? [style.dim(`... ${changed.length - rows.length} more; --json lists them all`)] : []),
		...queued.map((pair) => `${place(pair.line)}: queued for a moderator: ${pair.slug} and ${pair.otherSlug}, ${pair.reason}`),
		...messages.map(({ level, line, text }) => `${place(line)}: ${level}: ${text}`),
	].join('\n');
}
