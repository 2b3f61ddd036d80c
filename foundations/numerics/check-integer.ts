import { InputError, type Path } from '@assay/contract';

/** Raises an `InputError` unless the value is an integer of the range; a name of the field or the path to it. */
export function checkInteger(path: string | Path, value: number, lowest: number, highest: number): void {
	if (Number.isInteger(value) && value >= lowest && value <= highest) return;
	const nearest = Number.isNaN(value) ? lowest : Math.min(highest, Math.max(lowest, Math.round(value)));
	throw new InputError({
		path: typeof path === 'string' ? [path] : path,
		found: String(value),
		expected: `an integer from ${lowest} to ${highest}`,
		nearest: String(nearest),
	});
}
