/** Papers of one topic. */
import { papersOfTag } from '@assay/feed';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { NamedList, type NamedListData } from '../components/named-list.tsx';
import { namedList } from '../server/named-list.server.ts';

export const meta = ({ loaderData }: { loaderData?: { list: NamedListData } }) =>
	pageMeta(loaderData?.list.name ?? 'Topic', `Papers of ${loaderData?.list.name ?? 'one topic'}.`);

export const loader = (request: LoaderFunctionArgs) => namedList(request, 'Topic', 'tag', papersOfTag);

export default function TopicRoute() {
	return <NamedList list={useLoaderData<typeof loader>().list} />;
}
