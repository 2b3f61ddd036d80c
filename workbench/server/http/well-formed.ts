/** Requests that no part of the server could answer are refused at the door. */
import type { MiddlewareHandler } from 'hono';
import { HttpError } from './problem.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Raises 405 for methods that nothing here has, and 400 for addresses with a NUL, which no name and no text here can hold. */
export const refuseMalformed: MiddlewareHandler = async (c, next) => {
	if (!METHODS.includes(c.req.method))
		throw new HttpError(405, `${c.req.method} is not answered here.`, { allow: METHODS.join(', ') });
	if (c.req.url.includes('%00')) throw new HttpError(400, 'The address holds a NUL character.');
	await next();
};
