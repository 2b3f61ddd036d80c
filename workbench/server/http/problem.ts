/** Errors over HTTP as RFC 9457 problem documents. */
import { DataUnavailableError, InputError } from '@assay/contract';

export interface Problem {
	readonly type: string;
	readonly title: string;
	readonly status: number;
	readonly detail: string;
	/** Of an input error: where, what was found, what was expected, what is nearest. */
	readonly path?: readonly (string | number)[];
	readonly found?: string;
	readonly expected?: string;
	readonly nearest?: string;
}

/** A refusal with a status of its own, for example 401 or 404. */
export class HttpError extends Error {
	override readonly name = 'HttpError';
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.headers = headers;
	}
}

const TITLES: Readonly<Record<number, string>> = {
	400: 'Bad request',
	401: 'Sign in first',
	403: 'Not allowed',
	404: 'Not found',
	405: 'Method not allowed',
	409: 'Conflict',
	413: 'Too large',
	415: 'Unsupported media type',
	421: 'Misdirected request',
	422: 'Input not accepted',
	429: 'Too many requests',
	500: 'Fault of the server',
	503: 'Not available',
};

/**
 * An InputError about what an address names, as the status it is there: 404 where there is no such thing, 409 where it is in
 * no state for what is asked. Any other error stays as it is.
 * @param name by which errors call such a thing: `run` of `run: found "x", expected the identifier of a run`.
 */
export function aboutAddress(error: unknown, name: string): unknown {
	if (!(error instanceof InputError) || error.path[0] !== name) return error;
	return new HttpError(error.path.length === 1 ? 404 : 409, error.message);
}

/** What an error says to the client; a bug says nothing of its inside. */
export function problemOf(error: unknown): Problem {
	if (error instanceof HttpError) return problem(error.status, error.message);
	if (error instanceof InputError) {
		return {
			...problem(422, error.message),
			path: error.path,
			found: error.found,
			expected: error.expected,
			...(error.nearest !== undefined && { nearest: error.nearest }),
		};
	}
	if (error instanceof DataUnavailableError) return problem(503, error.message);
	return problem(500, 'The server failed to answer; the fault is on its side and was logged.');
}

function problem(status: number, detail: string): Problem {
	return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail };
}

export function problemResponse(error: unknown): Response {
	const document = problemOf(error);
	return new Response(JSON.stringify(document), {
		status: document.status,
		headers: { 'content-type': 'application/problem+json', ...(error instanceof HttpError && error.headers) },
	});
}
