/** Where the feeds are. */
import { listTags } from '@assay/feed';
import { requestContext } from '@assay/server';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { Scroller } from '../components/scroller.tsx';

export const meta = () => pageMeta('Feeds', 'RSS, Atom and JSON Feed of every list.');

export async function loader({ context }: LoaderFunctionArgs) {
	const { services, origin } = context.get(requestContext);
	return { origin, tags: await listTags(services.database, 40) };
}

const FORMATS = ['rss', 'atom', 'json'] as const;

export default function Feeds() {
	const { origin, tags } = useLoaderData<typeof loader>();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Feeds</h1>
				<p className="lede">
					Every list of papers is also a feed, in three formats. Entries keep their identity, and a feed changes only when what it
					says changes.
				</p>
			</header>
			<Scroller label="Feeds">
				<table>
					<thead>
						<tr>
							<th scope="col">Papers</th>
							{FORMATS.map((format) => (
								<th scope="col" key={format}>
									{format === 'json' ? 'JSON Feed' : format === 'rss' ? 'RSS' : 'Atom'}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{[
							{ name: 'Trending', path: '/feeds/trending' },
							{ name: 'New', path: '/feeds/new' },
							...tags.map((tag) => ({ name: `On ${tag.name}`, path: `/feeds/tag/${tag.slug}` })),
						].map(({ name, path }) => (
							<tr key={path}>
								<td>{name}</td>
								{FORMATS.map((format) => (
									<td key={format}>
										<a href={`${path}.${format}`}>{format}</a>
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</Scroller>
			<section className="section">
				<h2>And more</h2>
				<ul>
					<li>
						A day: <code>{origin}/feeds/date/2025-12-26.atom</code>
					</li>
					<li>
						An organisation: <code>{origin}/feeds/org/zyphra.atom</code>
					</li>
					<li>
						A user: <code>{origin}/feeds/u/local.atom</code>
					</li>
					<li>
						A search: <code>{origin}/feeds/search.atom?q=quantization</code>
					</li>
					<li>
						The shape that scripts for other daily-papers pages read: <code>{origin}/api/daily_papers?date=2025-12-26</code>
					</li>
				</ul>
			</section>
		</div>
	);
}
