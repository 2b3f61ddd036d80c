/** The command that repeats a run of advice. */
import { parseInputs, type System } from '@assay/contract';

/**
 * `assay run <system>` with an option for each input that differs from the default example's; `assay runs repeat <run>` where options
 * cannot say it (an input of the example left out). Pure text, quoted for a POSIX shell.
 */
export function commandFor(system: System, inputs: unknown, run: string): string {
	const from: unknown = parseInputs(system, system.examples[0].inputs);
	const to: unknown = parseInputs(system, inputs);
	const options: string[] = [];
	if (!difference(from, to, [], options)) return `assay runs repeat ${run}`;
	return ['assay run', system.card.slug, ...options].join(' ');
}

/** Adds options that turn `from` into `to`; false where no option can. */
function difference(from: unknown, to: unknown, path: readonly string[], options: string[]): boolean {
	if (JSON.stringify(from) === JSON.stringify(to)) return true;
	if (isRecord(from) && isRecord(to)) {
		if (Object.keys(from).some((key) => from[key] !== undefined && to[key] === undefined)) return false;
		return Object.entries(to).every(([key, value]) => difference(from[key], value, [...path, key], options));
	}
	if (isRecord(to)) return Object.entries(to).every(([key, value]) => difference(undefined, value, [...path, key], options));
	if (to === undefined) return false;
	const name = path.join('.');
	if (typeof to === 'object' && to !== null) options.push(`--set ${quoted(`${name}=${JSON.stringify(to)}`)}`);
	else options.push(`--${name} ${quoted(String(to))}`);
	return true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
