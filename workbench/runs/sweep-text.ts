/** The axes of a sweep written as text: on a command line, or in a form. */
import { type Field, InputError, show } from '@assay/contract';
import { settingValue } from './setting-value.ts';
import type { SweepSpecification } from './sweep.ts';

/** Most values that a range may stand for. */
const MOST_VALUES = 100_000;

/** `1,2,3` or `10..40:5`, the values of one axis. `place` names the option or form field in errors. */
export function gridAxis(
	path: string,
	text: string,
	fields: ReadonlyMap<string, Field>,
	place: string,
): SweepSpecification['grid'][number] {
	const range = /^(-?[\d.eE+-]+)\.\.(-?[\d.eE+-]+?)(?::([\d.eE+-]+))?$/.exec(text);
	if (range === null) return { path, values: splitList(text).map((value) => settingValue(value, fields.get(path))) };
	const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
	const steps = Math.floor((to - from) / step + 1e-9);
	if (!(step > 0 && steps >= 0 && steps < MOST_VALUES))
		throw new InputError({
			path: [place, path],
			found: show(text),
			expected: 'from..to:step, rising, with a positive step',
		});
	return { path, values: Array.from({ length: steps + 1 }, (_, index) => Number((from + index * step).toPrecision(12))) };
}

/** `1..10`, `1..100:log` or `1..8:integer`, a range to draw from. */
export function randomRange(path: string, text: string, place: string) {
	const [, min, max, scale = 'linear'] = /^(-?[\d.eE+-]+)\.\.(-?[\d.eE+-]+?)(?::(linear|log|integer))?$/.exec(text) ?? [];
	if (min === undefined)
		throw new InputError({
			path: [place, path],
			found: show(text),
			expected: 'min..max, min..max:log or min..max:integer',
		});
	return { path, min: Number(min), max: Number(max), scale };
}

/** `1..10`, `1..100:log`, `1..8:integer`, `1..256:log-integer` or `x,y,z`: what a search may choose for an input. */
export function searchRange(path: string, text: string, fields: ReadonlyMap<string, Field>, place: string) {
	const range = /^(-?[\d.eE+-]+)\.\.(-?[\d.eE+-]+?)(?::(linear|log|integer|log-integer))?$/.exec(text);
	if (range !== null) return { path, min: Number(range[1]), max: Number(range[2]), scale: range[3] ?? 'linear' };
	if (text.includes('..'))
		throw new InputError({
			path: [place, path],
			found: show(text),
			expected: 'min..max, min..max:log, min..max:integer, min..max:log-integer, or values parted by commas',
		});
	return { path, values: splitList(text).map((value) => settingValue(value, fields.get(path))) };
}

/** `path<=5` or `path>=0.9`: a bound that an output must keep. */
export function searchBound(text: string, place: string) {
	const [, path = '', sign = '', bound = ''] = /^\s*([^<>=]+?)\s*(<=|>=)\s*(.+?)\s*$/.exec(text) ?? [];
	if (path === '') throw new InputError({ path: [place], found: show(text), expected: 'path<=bound or path>=bound' });
	return { path, relation: sign === '<=' ? 'at most' : 'at least', bound: Number(bound) };
}

/** Commas part values, except inside brackets, braces and quotes. */
function splitList(text: string): string[] {
	return [...text.matchAll(/(?:\{[^}]*\}|\[[^\]]*\]|"[^"]*"|[^,])+/g)].map((match) => match[0].trim());
}
