/** Loads the papers of an author, an organisation or a topic. */

import type { AssayDatabase } from '@assay/database';
import type { BrowseOptions, NamePage } from '@assay/feed';
import { HttpError, requestContext } from '@assay/server';
import type { LoaderFunctionArgs } from 'react-router';
import type { NamedListData } from '../components/named-list.tsx';
import { listPapers } from './listed-papers.server.ts';

const PAGE = 50;
/** A written site has one page for all. */
const STATIC_PAGE = 1000;

export async function namedList(
	{ context, request, params }: LoaderFunctionArgs,
	kind: string,
	folder: string,
	find: (database: AssayDatabase, slug: string, options: BrowseOptions) => Promise<NamePage | null>,
): Promise<{ readonly list: NamedListData }> {
	const site = context.get(requestContext);
	const slug = params['slug'] ?? '';
	const size = site.isStatic ? STATIC_PAGE : PAGE;
	const page = Math.max(1, Math.min(10_000, Math.floor(Number(new URL(request.url).searchParams.get('page') ?? '1')) || 1));
	const found = await find(site.services.database, slug, { now: site.now, limit: size, offset: (page - 1) * size });
	if (found === null) throw new HttpError(404, `There is no ${kind.toLowerCase()} ${JSON.stringify(slug)}.`);
	return {
		list: {
			kind,
			name: found.name,
			path: `/${folder}/${found.slug}`,
			papers: await listPapers(site, found.papers),
			total: found.total,
			page,
			pageSize: size,
		},
	};
}
