/** Requests that no part of the server could answer are refused at the door. */
import type { MiddlewareHandler } from 'hono';
import { HttpError } from './problem.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Raises 405 for methods that nothing here has, and 400 for addresses that cannot be decoded or hold control characters, as no name here does. */
export const refuseMalformed: MiddlewareHandler = async (c, next) => {
	if (!METHODS.includes(c.req.method))
		throw new HttpError(405, `${c.req.method} is not answered here.`, { allow: METHODS.join(', ') });
	if (!isDecodable(c.req.url)) throw new HttpError(400, 'The address is not well-formed.');
	await next();
};

function isDecodable(url: string): boolean {
	if (!url.includes('%')) return true;
	const { pathname, search } = new URL(url);
	try {
		// In a query, what cannot be decoded is taken as it is written.
		return !/\p{Cc}/u.test(decodeURIComponent(pathname)) && !search.includes('%00');
	} catch {
		return false;
	}
}
