/** One-click unsubscription by mail programs (RFC 8058): no cookie, no token of a form, answered at once, repeatable. */
import { unsubscribe } from '@assay/feed';
import { Hono } from 'hono';
import type { AppEnvironment } from '../request-context.ts';

export const oneClick = new Hono<AppEnvironment>().post('/unsubscribe/:token', async (c, next) => {
	const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(c.req.header('content-type') ?? '');
	if (!isForm) return next();
	const form = await c.req.raw
		.clone()
		.formData()
		.catch(() => null);
	if (form === null || form.get('List-Unsubscribe') !== 'One-Click') return next();
	const { services, now } = c.get('context');
	const outcome = await unsubscribe(services.database, c.req.param('token'), now);
	return outcome === 'unknown' ? c.text('Nobody is subscribed under this link.\n', 404) : c.text('You are unsubscribed.\n');
});
