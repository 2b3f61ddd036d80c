/** The JSON that a request brings, not too deep: whoever walks through it later may do so by recursion. */
import { HttpError } from './problem.ts';

const MAX_DEPTH = 64;

/** Reads and parses a body. Raises 415, or 400 for what is no JSON, nests deeper than 64 levels, or holds NUL characters. */
export async function readJson(request: Request): Promise<unknown> {
	if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
		throw new HttpError(415, 'Expected application/json.');
	const bytes = await request.arrayBuffer();
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (error) {
		throw new HttpError(400, `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
	}
	checkBounds(value);
	return value;
}

function checkBounds(value: unknown): void {
	let level: unknown[] = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > MAX_DEPTH) throw new HttpError(400, `The body nests deeper than ${MAX_DEPTH} levels.`);
		const next: unknown[] = [];
		for (const part of level) {
			// PostgreSQL keeps no text with this character.
			if (typeof part === 'string' && part.includes('\0')) throw new HttpError(400, 'The body holds a NUL character.');
			if (typeof part === 'object' && part !== null) for (const pair of Object.entries(part)) next.push(...pair);
		}
		level = next;
	}
}
