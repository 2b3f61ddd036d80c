/** Who asks: by the cookie of a session, by an API token, or as the one user of a server that listens on loopback only. */
import { authenticateApiToken, authenticateSession, csrfToken, networkPrefix, type User } from '@assay/feed';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { keysCookie, themeCookie, themeOf } from '../preferences.ts';
import type { RequestContext } from '../request-context.ts';
import type { Services } from '../services.ts';
import { isLoopback } from '../settings.ts';
import { HttpError } from './problem.ts';
import { sessionCookie } from './session-cookie.ts';

/** The context of a request. Raises 421 for a host that is not ours, and 401 for a token that nobody has. */
export async function contextOf(c: Context, services: Services, now: Date): Promise<RequestContext> {
	const { settings, database, secrets } = services;
	const url = new URL(c.req.url);
	// A page elsewhere could point its own name at loopback and then speak to this server as if it were its own.
	if (settings.isLocal && !isLoopback(url.hostname)) throw new HttpError(421, `This server does not answer for ${url.hostname}.`);
	const origin = settings.publicUrl ?? url.origin;
	const cookie = getCookie(c, sessionCookie(origin)) ?? null;
	const bearer = /^Bearer(?: +(.*))?$/i.exec(c.req.header('authorization') ?? '');
	let user: User | null = null;
	let session: string | null = null;
	if (bearer !== null) {
		user = await authenticateApiToken(database, bearer[1] ?? '', now);
		if (user === null) throw new HttpError(401, 'This token is not valid.', { 'www-authenticate': 'Bearer' });
	} else if (services.localUser !== null) {
		user = services.localUser;
	} else if (cookie !== null) {
		user = await authenticateSession(database, cookie, now);
		if (user !== null) session = cookie;
	}
	return {
		services,
		visitor: user,
		sessionKey: user === null ? 'anonymous' : `user ${user.id}${session === null ? '' : ` ${csrfToken(secrets, session)}`}`,
		session,
		hasToken: bearer !== null,
		csrf: csrfToken(secrets, session),
		network: networkPrefix(clientAddress(c, settings.behindProxy)),
		theme: themeOf(getCookie(c, themeCookie)),
		areKeysOn: getCookie(c, keysCookie) !== 'off',
		origin,
		isStatic: false,
		now,
		answerHeaders: new Headers(),
	};
}

function clientAddress(c: Context, behindProxy: boolean): string {
	if (behindProxy) {
		// The last address is the one that our own proxy saw; those before it are what the client says.
		const forwarded = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
		if (forwarded !== undefined && forwarded !== '') return forwarded;
	}
	// A request made by a test, without a connection, has no address.
	return c.env?.incoming === undefined ? 'unknown' : (getConnInfo(c).remote.address ?? 'unknown');
}
