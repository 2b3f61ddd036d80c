/** The papers of one month. */
import { monthPage } from '@assay/feed';
import { requestContext } from '@assay/server';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { monthText } from '../components/day.tsx';
import { Listing, type ListingData } from '../components/listing.tsx';
import { pageMeta } from '../components/meta.ts';
import { listPapers } from '../server/listed-papers.server.ts';

export const meta = ({ loaderData }: { loaderData?: { listing: ListingData } }) =>
	pageMeta(loaderData?.listing.title ?? 'Month', `Papers of ${loaderData?.listing.title ?? 'a month'}.`);

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const page = await monthPage(site.services.database, params['month'] ?? '', { now: site.now });
	const neighbour = (month: string | null) => (month === null ? null : { path: `/month/${month}`, title: monthText(month) });
	const listing: ListingData = {
		title: monthText(page.period),
		path: `/month/${page.period}`,
		papers: await listPapers(site, page.papers),
		previous: neighbour(page.previous),
		next: neighbour(page.next),
	};
	return { listing };
}

export default function MonthRoute() {
	return <Listing listing={useLoaderData<typeof loader>().listing} />;
}
