/** Papers of one organisation. */
import { papersOfOrganisation } from '@assay/feed';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { NamedList, type NamedListData } from '../components/named-list.tsx';
import { namedList } from '../server/named-list.server.ts';

export const meta = ({ loaderData }: { loaderData?: { list: NamedListData } }) =>
	pageMeta(loaderData?.list.name ?? 'Organisation', `Papers of ${loaderData?.list.name ?? 'one organisation'}.`);

export const loader = (request: LoaderFunctionArgs) => namedList(request, 'Organisation', 'org', papersOfOrganisation);

export default function OrganisationRoute() {
	return <NamedList list={useLoaderData<typeof loader>().list} />;
}
