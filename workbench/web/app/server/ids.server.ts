/** Numbers by which forms name what they are about. */
import { InputError, show } from '@assay/contract';

/** Raises an InputError for what no row can be numbered by. */
export function idOf(text: string, place: string): number {
	const id = Number(text);
	if (Number.isSafeInteger(id) && id > 0 && id < 2 ** 31) return id;
	throw new InputError({ path: [place], found: show(text), expected: 'a number that this page gave' });
}
