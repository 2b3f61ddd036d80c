/** The papers of one day. */
import { dayPage } from '@assay/feed';
import { requestContext } from '@assay/server';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { dayText } from '../components/day.tsx';
import { Listing, type ListingData } from '../components/listing.tsx';
import { pageMeta } from '../components/meta.ts';
import { listPapers } from '../server/listed-papers.server.ts';

export const meta = ({ loaderData }: { loaderData?: { listing: ListingData } }) =>
	pageMeta(loaderData?.listing.title ?? 'Day', `Papers of ${loaderData?.listing.title ?? 'a day'}.`);

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const page = await dayPage(site.services.database, params['day'] ?? '', { now: site.now });
	const neighbour = (day: string | null) => (day === null ? null : { path: `/date/${day}`, title: dayText(day) });
	const listing: ListingData = {
		title: dayText(page.period),
		path: `/date/${page.period}`,
		papers: await listPapers(site, page.papers),
		previous: neighbour(page.previous),
		next: neighbour(page.next),
	};
	return { listing };
}

export default function DayRoute() {
	return <Listing listing={useLoaderData<typeof loader>().listing} />;
}
