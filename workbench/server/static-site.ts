/**
 * The reading pages, and the systems that run in a browser, as files that any static host can serve from the root of a
 * site. Each page is an `index.html` with the data that moving between pages asks for beside it; its policy stands in a
 * meta element, for there is nobody to send headers.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { catalog } from '@assay/catalog';
import { InputError, show } from '@assay/contract';
import { periodOf } from '@assay/feed';
import { catalogueWith } from '@assay/machines';
import { listModels } from '@assay/models';
import type { PagesOptions } from './app.ts';
import { PageCache } from './http/page-cache.ts';
import { Pages } from './http/pages.ts';
import { pageMark } from './page-mark.ts';
import type { RequestContext } from './request-context.ts';
import type { Services } from './services.ts';

export interface StaticSiteOptions extends PagesOptions {
	readonly folder: string;
	/** Address that the site will have, for canonical links; null if that is not known. */
	readonly address: string | null;
	readonly onPage?: (fraction: number, path: string) => void;
	readonly signal?: AbortSignal;
}

/** Requests of the writer need some address; it never shows. */
const INSIDE = 'http://static.site';

/** Writes the site and returns the paths of its pages. What is in the folder already is written over, nothing is removed. */
export async function writeStaticSite(services: Services, options: StaticSiteOptions): Promise<string[]> {
	const { folder, clientFolder, onPage, signal } = options;
	await services.search.complete;
	await mkdir(folder, { recursive: true });
	await cp(clientFolder, folder, { recursive: true });
	const pages = new Pages(options.build, new PageCache(() => pageMark(services)), options.plotStyles, services.log);
	const paths = await pathsOf(services);
	for (const [index, path] of paths.entries()) {
		signal?.throwIfAborted();
		onPage?.(index / paths.length, path);
		await writePage(pages, staticContext(services, options.address), folder, path);
	}
	const missing = await pages.render(new Request(`${INSIDE}/404`), staticContext(services, options.address));
	await writeFile(join(folder, '404.html'), withPolicy(missing));
	onPage?.(1, 'done');
	return paths;
}

async function writePage(pages: Pages, context: RequestContext, folder: string, path: string): Promise<void> {
	const page = await pages.render(new Request(INSIDE + path), context);
	if (page.status !== 200) throw new Error(`${path} answered ${page.status}`);
	const file = join(folder, ...path.split('/').map(decodeURIComponent), 'index.html');
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, withPolicy(page));
	const dataPath = path === '/' ? '/_.data' : `${path}.data`;
	const data = await pages.render(new Request(INSIDE + dataPath), context);
	await writeFile(join(folder, ...dataPath.split('/').map(decodeURIComponent)), data.body);
}

/** The page with its policy inside; `frame-ancestors` has no meaning there. */
function withPolicy({
	body,
	headers,
}: {
	readonly body: Uint8Array;
	readonly headers: readonly (readonly [string, string])[];
}): string {
	const policy = (headers.find(([name]) => name === 'content-security-policy')?.[1] ?? '').replace(/; frame-ancestors [^;]*/, '');
	return new TextDecoder()
		.decode(body)
		.replace('<head>', `<head><meta http-equiv="content-security-policy" content="${policy}"/>`);
}

/** Everything a reader can come to without a server. */
async function pathsOf({ database: { kysely } }: Services): Promise<string[]> {
	const slugs = async (table: 'authors' | 'organisations' | 'tags', folder: string): Promise<string[]> =>
		(await kysely.selectFrom(table).select('slug').orderBy('slug').execute()).map(
			({ slug }) => `/${folder}/${encodeURIComponent(slug)}`,
		);
	const papers = await kysely.selectFrom('papers').select('slug').where('hidden', '=', 0).orderBy('slug').execute();
	const listed = await kysely.selectFrom('listings').select('listed_on').distinct().orderBy('listed_on').execute();
	const days = listed.map((row) => row.listed_on);
	const catalogue = catalogueWith({ devices: [], clusters: [] });
	const machines = [...catalogue.listDevices(), ...catalogue.listClusters()].flatMap((machine) => machine.name ?? []);
	return [
		'/',
		'/about',
		'/claims',
		'/systems',
		...catalog.map((entry) => `/systems/${entry.card.slug}`),
		...papers.map(({ slug }) => `/papers/${encodeURIComponent(slug)}`),
		...days.map((day) => `/date/${day}`),
		...[...new Set(days.map((day) => periodOf(day, 'week')))].map((week) => `/week/${week}`),
		...[...new Set(days.map((day) => periodOf(day, 'month')))].map((month) => `/month/${month}`),
		...(await slugs('organisations', 'org')),
		...(await slugs('authors', 'author')),
		...(await slugs('tags', 'tag')),
		'/formats',
		'/machines',
		...machines.map((name) => `/machines/${encodeURIComponent(name)}`),
		'/models',
		...listModels().map(({ name }) => `/models/${encodeURIComponent(name)}`),
	];
}

function staticContext(services: Services, address: string | null): RequestContext {
	return {
		services,
		visitor: null,
		sessionKey: 'static',
		session: null,
		hasToken: false,
		csrf: '',
		network: 'static',
		theme: 'auto',
		areKeysOn: true,
		origin: address ?? '',
		isStatic: true,
		now: new Date(),
		answerHeaders: new Headers(),
	};
}

/** The address of a site: scheme and host only, for all links start at the root. */
export function siteAddress(text: string): string {
	const url = URL.parse(text);
	if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
	throw new InputError({
		path: ['--address'],
		found: show(text),
		expected: 'the root of a site, such as https://papers.example.org',
	});
}
