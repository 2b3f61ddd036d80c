import { InputError } from '@assay/contract';

/** Reads JSON of any depth (the engine's parser needs no stack). Raises an InputError with the parser's own words. */
export function parseJson(text: string, ...place: string[]): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		if (!(cause instanceof SyntaxError)) throw cause;
		throw new InputError({ path: place, found: cause.message, expected: 'JSON' });
	}
}
