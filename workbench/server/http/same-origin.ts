/** Requests that change something must come from our own pages, from a program with a token, or from no browser at all. */
import type { RequestContext } from '../request-context.ts';
import { HttpError } from './problem.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a browser sends on behalf of another site. Mail programs send one-click unsubscriptions without either
 * header (RFC 8058), and such a request carries nothing of a browser's.
 */
export function refuseCrossSite(request: Request, context: Pick<RequestContext, 'origin' | 'hasToken'>): void {
	if (SAFE.has(request.method) || context.hasToken) return;
	const site = request.headers.get('sec-fetch-site');
	const origin = request.headers.get('origin');
	const isForeign =
		(site !== null && site !== 'same-origin' && site !== 'none') || (origin !== null && origin !== context.origin);
	if (isForeign) throw new HttpError(403, 'This request comes from another site.');
}
