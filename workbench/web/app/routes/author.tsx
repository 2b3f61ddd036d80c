/** Papers of one author. */
import { papersOfAuthor } from '@assay/feed';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { NamedList, type NamedListData } from '../components/named-list.tsx';
import { namedList } from '../server/named-list.server.ts';

export const meta = ({ loaderData }: { loaderData?: { list: NamedListData } }) =>
	pageMeta(loaderData?.list.name ?? 'Author', `Papers of ${loaderData?.list.name ?? 'one author'}.`);

export const loader = (request: LoaderFunctionArgs) => namedList(request, 'Author', 'author', papersOfAuthor);

export default function AuthorRoute() {
	return <NamedList list={useLoaderData<typeof loader>().list} />;
}
