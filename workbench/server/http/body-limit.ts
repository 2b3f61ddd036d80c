/** How much a request may bring: files only from somebody we know, since they are held in memory until they are kept. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '../request-context.ts';
import { HttpError } from './problem.ts';

const MEBIBYTE = 2 ** 20;
const MEBIBYTES = { text: 2, files: 256 };

/** Raises 413 for what is larger, whether it was announced or comes in pieces. */
export const limitBody: MiddlewareHandler<AppEnvironment> = async (c, next) => {
	const { method, raw } = c.req;
	if (method === 'GET' || method === 'HEAD') return next();
	const isFiles = /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '') && c.get('context').visitor !== null;
	const limit = MEBIBYTES[isFiles ? 'files' : 'text'];
	const tooLarge = new HttpError(413, `A request like this may bring at most ${limit} MiB.`);
	const announced = c.req.header('content-length');
	if (announced !== undefined && c.req.header('transfer-encoding') === undefined) {
		// The parser below us reads as much as was announced and no more.
		if (!(Number(announced) <= limit * MEBIBYTE)) throw tooLarge;
		return next();
	}
	if (raw.body === null) return next();
	const pieces: Uint8Array<ArrayBuffer>[] = [];
	let bytes = 0;
	for await (const piece of raw.body) {
		bytes += piece.byteLength;
		if (bytes > limit * MEBIBYTE) throw tooLarge;
		pieces.push(new Uint8Array(piece));
	}
	const { headers, signal } = raw;
	c.req.raw = new Request(raw.url, { method, headers, signal, body: bytes === 0 ? null : new Blob(pieces) });
	return next();
};
