/**
 * The web pages: React Router renders, this file makes the result fit to be sent. Inline scripts are allowed by hash rather
 * than by nonce, so that a page is the same bytes for every reader and can be cached, answered with 304, or written to a
 * file. Only scripts that carry this rendering's secret mark are hashed: markup that slipped into a page would not be.
 */
import { createHash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRequestHandler, RouterContextProvider, type ServerBuild } from 'react-router';
import { type RequestContext, requestContext } from '../request-context.ts';
import { namesTag } from './conditional.ts';
import { guarded } from './guard.ts';
import type { PageCache, RenderedPage } from './page-cache.ts';
import { HttpError } from './problem.ts';
import { contentSecurityPolicy } from './security-headers.ts';

const compress = promisify(gzip);

/** The name under which the renderer finds its mark among the request's headers; a client's own header of that name is dropped. */
export const scriptMarkHeader = 'x-assay-script-mark';

export class Pages {
	private readonly handle: (request: Request, context: RouterContextProvider) => Promise<Response>;
	private readonly cache: PageCache;
	private readonly inlineStyles: readonly string[];

	/** `inlineStyles` are the style sheets that plots bring along; `log` hears of faults. */
	constructor(build: ServerBuild, cache: PageCache, inlineStyles: readonly string[], log: (message: string) => void) {
		this.handle = createRequestHandler(guarded(build, log), 'production');
		this.cache = cache;
		this.inlineStyles = inlineStyles.map(sha256);
	}

	/** Answers a request for a page or for a page's data. */
	async respond(request: Request, context: RequestContext): Promise<Response> {
		if (request.method === 'POST') return this.send(await this.render(request, context), request);
		if (request.method !== 'GET' && request.method !== 'HEAD')
			throw new HttpError(405, 'Pages are read, and their forms are posted.', { allow: 'GET, HEAD, POST' });
		const { pathname, search } = new URL(request.url);
		const key = [context.origin, context.sessionKey, context.theme, context.areKeysOn, pathname + search].join('\n');
		const page = await this.cache.page(key, () => this.render(request, context));
		return this.send(page, request);
	}

	/** Renders without looking into the cache. */
	async render(request: Request, context: RequestContext): Promise<RenderedPage> {
		const provider = new RouterContextProvider(new Map([[requestContext, context]]));
		const mark = randomBytes(18).toString('base64url');
		const headers = new Headers(request.headers);
		headers.set(scriptMarkHeader, mark);
		// Where the request comes from was checked at the door, by the address that people use and not the one a proxy uses.
		headers.delete('origin');
		// A cached page must be whole, whoever asked for it first.
		const method = request.method === 'HEAD' ? 'GET' : request.method;
		const { pathname, search } = new URL(request.url);
		const marked = new Request(context.origin + pathname + search, {
			method,
			headers,
			signal: request.signal,
			...(request.body !== null && { body: request.body, duplex: 'half' }),
		});
		const response = await this.handle(marked, provider);
		const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
		const raw = await response.arrayBuffer();
		const scripts: string[] = [];
		const body = isPage ? encode(withoutMarks(new TextDecoder().decode(raw), mark, scripts)) : new Uint8Array(raw);
		response.headers.delete('content-length');
		response.headers.set(
			'content-security-policy',
			contentSecurityPolicy({ scripts: [...new Set(scripts.map(sha256))], styles: this.inlineStyles }),
		);
		return {
			status: response.status,
			headers: [...response.headers],
			body,
			gzip: undefined,
			etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
		};
	}

	private async send(page: RenderedPage, request: Request): Promise<Response> {
		const headers = new Headers(page.headers.map(([name, value]) => [name, value]));
		headers.append('vary', 'cookie');
		headers.append('vary', 'accept-encoding');
		if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-cache');
		if (page.status !== 200 || (request.method !== 'GET' && request.method !== 'HEAD'))
			return new Response(page.body.byteLength === 0 ? null : page.body, { status: page.status, headers });
		headers.set('etag', page.etag);
		if (namesTag(request.headers.get('if-none-match'), page.etag)) return new Response(null, { status: 304, headers });
		if (request.method === 'HEAD') return new Response(null, { status: 200, headers });
		if (page.body.byteLength < 1024 || !/\bgzip\b/.test(request.headers.get('accept-encoding') ?? ''))
			return new Response(page.body, { status: 200, headers });
		page.gzip ??= new Uint8Array(await compress(page.body));
		headers.set('content-encoding', 'gzip');
		return new Response(page.gzip, { status: 200, headers });
	}
}

/** Takes the mark off every script and collects the content of the inline ones. */
function withoutMarks(html: string, mark: string, scripts: string[]): string {
	const attribute = ` nonce="${mark}"`;
	return html
		.replace(/<script([^>]*)>([\s\S]*?)<\/script>/g, (whole, attributes: string, content: string) => {
			if (!attributes.includes(attribute)) return whole;
			if (!/\ssrc=/.test(attributes)) scripts.push(content);
			return `<script${attributes.replace(attribute, '')}>${content}</script>`;
		})
		.replaceAll(attribute, '');
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
