/** How much a request may bring: files only from somebody we know, since they are held in memory until they are kept. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AppEnvironment } from '../request-context.ts';
import { HttpError, problemResponse } from './problem.ts';

const MEBIBYTES = { text: 2, files: 256 };

const limits = {
	text: limitOf(MEBIBYTES.text),
	files: limitOf(MEBIBYTES.files),
};

function limitOf(mebibytes: number): MiddlewareHandler {
	const refusal = new HttpError(413, `A request like this may bring at most ${mebibytes} MiB.`);
	return bodyLimit({ maxSize: mebibytes * 2 ** 20, onError: () => problemResponse(refusal) });
}

/** Answers 413 to what is larger, whether it was announced or comes in pieces. */
export const limitBody: MiddlewareHandler<AppEnvironment> = async (c, next) => {
	if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
	const isFiles = /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '') && c.get('context').visitor !== null;
	return (isFiles ? limits.files : limits.text)(c, next);
};
