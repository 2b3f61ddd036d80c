/** The papers of one week (ISO 8601). */
import { weekPage } from '@assay/feed';
import { requestContext } from '@assay/server';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { weekText } from '../components/day.tsx';
import { Listing, type ListingData } from '../components/listing.tsx';
import { pageMeta } from '../components/meta.ts';
import { listPapers } from '../server/listed-papers.server.ts';

export const meta = ({ loaderData }: { loaderData?: { listing: ListingData } }) =>
	pageMeta(loaderData?.listing.title ?? 'Week', `Papers of ${loaderData?.listing.title ?? 'a week'}.`);

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const page = await weekPage(site.services.database, params['week'] ?? '', { now: site.now });
	const neighbour = (week: string | null) => (week === null ? null : { path: `/week/${week}`, title: weekText(week) });
	const listing: ListingData = {
		title: weekText(page.period),
		path: `/week/${page.period}`,
		papers: await listPapers(site, page.papers),
		previous: neighbour(page.previous),
		next: neighbour(page.next),
	};
	return { listing };
}

export default function WeekRoute() {
	return <Listing listing={useLoaderData<typeof loader>().listing} />;
}
