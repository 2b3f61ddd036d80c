/** The server's way of a request: who asks, whether it may, and who answers. */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { ServerBuild } from 'react-router';
import { compatible } from './api/compatible.ts';
import { fileRoutes } from './api/files.ts';
import { api, openApiDocument } from './api/openapi.ts';
import { runEvents } from './api/run-events.ts';
import { Assets } from './http/assets.ts';
import { limitBody } from './http/body-limit.ts';
import { Metrics } from './http/metrics.ts';
import { PageCache } from './http/page-cache.ts';
import { Pages } from './http/pages.ts';
import { HttpError, problemOf, problemResponse } from './http/problem.ts';
import { refuseCrossSite } from './http/same-origin.ts';
import { securityHeaders } from './http/security-headers.ts';
import { contextOf } from './http/visitor.ts';
import { refuseMalformed } from './http/well-formed.ts';
import { pageMark } from './page-mark.ts';
import type { AppEnvironment } from './request-context.ts';
import { feedRoutes } from './routes/feeds.ts';
import { machineReadable } from './routes/machine-readable.ts';
import { oneClick } from './routes/one-click.ts';
import type { Services } from './services.ts';

export interface PagesOptions {
	readonly build: ServerBuild;
	/** Folder of the built files that browsers load. */
	readonly clientFolder: string;
	/** Style sheets that plots bring along. */
	readonly plotStyles: readonly string[];
}

export interface AppOptions extends PagesOptions {
	readonly services: Services;
	/** Aborts when the server ends: streams of events end with it. */
	readonly ending: AbortSignal;
}

/** Pages elsewhere may read the API and the feeds, without anybody's cookies; a token may be sent along. */
const allowReading = cors({ origin: '*', allowMethods: ['GET', 'HEAD'], allowHeaders: ['authorization'], maxAge: 86_400 });

export function createApp({ services, build, clientFolder, plotStyles, ending }: AppOptions): Hono<AppEnvironment> {
	const app = new Hono<AppEnvironment>();
	const assets = new Assets(clientFolder);
	const cache = new PageCache(() => pageMark(services));
	const pages = new Pages(build, cache, plotStyles, services.log);
	const metrics = new Metrics();
	app.use(metrics.count());
	app.use(securityHeaders({ behindTls: services.settings.publicUrl?.startsWith('https:') === true }));
	app.use(refuseMalformed);
	app.use(async (c, next) => {
		if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
		return (await assets.respond(c.req.path, c.req.header('accept-encoding') ?? '')) ?? next();
	});
	app.use(async (c, next) => {
		const context = await contextOf(c, services, new Date());
		refuseCrossSite(c.req.raw, context);
		c.set('context', context);
		await next();
		for (const [name, value] of context.answerHeaders) c.res.headers.set(name, value);
	});
	app.use(async (c, next) => {
		await next();
		if (c.req.method !== 'GET' && c.req.method !== 'HEAD') cache.written();
	});
	app.use(limitBody);
	// On loopback nobody needs a token to read everything, so pages elsewhere may read nothing.
	if (!services.settings.isLocal) app.on(['GET', 'OPTIONS'], ['/api/*', '/feeds/*'], allowReading);
	app.route('/', machineReadable(metrics));
	app.route('/', feedRoutes);
	app.route('/', oneClick);
	app.get('/api/v1/openapi.json', (c) => c.json(openApiDocument(c.get('context').origin)));
	app.route('/', runEvents(ending));
	app.route('/', fileRoutes);
	app.route('/', compatible);
	app.route('/', api.app);
	// The page about the API is at /api itself.
	app.all('/api/*', (c, next) =>
		/^\/api\/?$/.test(c.req.path) ? next() : problemResponse(new HttpError(404, 'The API has no such operation.')),
	);
	app.all('*', (c) => pages.respond(c.req.raw, c.get('context')));
	app.onError((error, c) => {
		if (problemOf(error).status >= 500) services.log(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
		return problemResponse(error);
	});
	app.notFound(() => problemResponse(new HttpError(404, 'There is nothing here.')));
	return app;
}
