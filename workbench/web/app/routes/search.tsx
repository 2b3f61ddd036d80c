/** Search by words and by meaning. */
import { readCards } from '@assay/feed';
import { requestContext, takeFromBudget } from '@assay/server';
import { Form, Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { PaperList } from '../components/paper-list.tsx';
import { listPapers, runnableSlugs } from '../server/listed-papers.server.ts';

const MODES = ['fused', 'words', 'meaning'] as const;
const PAGE = 20;
const MOST_CHARACTERS = 400;

export const meta = ({ loaderData }: { loaderData?: { query: string } }) =>
	pageMeta(loaderData?.query ? `${loaderData.query}: search` : 'Search', 'Search papers by words and by meaning.');

export async function loader({ context, request }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const params = new URL(request.url).searchParams;
	const query = (params.get('q') ?? '').slice(0, MOST_CHARACTERS);
	const mode = MODES.find((name) => name === params.get('mode')) ?? 'fused';
	const [after, before] = [day(params.get('after')), day(params.get('before'))];
	const onlyRunnable = params.get('runnable') === '1';
	const page = Math.max(1, Math.min(500, Math.floor(Number(params.get('page') ?? '1')) || 1));
	const whole = [
		query,
		after === '' ? '' : `after:${after}`,
		before === '' ? '' : `before:${before}`,
		onlyRunnable ? 'has:runnable' : '',
	]
		.filter((part) => part !== '')
		.join(' ');
	const form = { query, mode, after, before, onlyRunnable, page };
	if (whole === '') return { ...form, total: 0, corrected: null, papers: null };
	takeFromBudget(site, 'search');
	const { database, search } = site.services;
	const answer = await search.current.search(whole, { mode, limit: PAGE, offset: (page - 1) * PAGE, runnable: runnableSlugs });
	const cards = await readCards(
		database.kysely,
		answer.hits.map((hit) => hit.id),
	);
	const details = new Map(answer.hits.map((hit) => [hit.id, { excerpt: hit.snippet }]));
	return { ...form, total: answer.total, corrected: answer.corrected ?? null, papers: await listPapers(site, cards, details) };
}

function day(text: string | null): string {
	return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '';
}

export default function Search() {
	const { query, mode, after, before, onlyRunnable, page, total, corrected, papers } = useLoaderData<typeof loader>();
	const to = (other: number): string =>
		`/search?${new URLSearchParams({ q: query, mode, after, before, ...(onlyRunnable && { runnable: '1' }), page: String(other) })}`;
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Search</h1>
			</header>
			<Form role="search" aria-label="Papers, in detail" className="search-form">
				<div className="field wide">
					<label htmlFor="q">Words, or what it is about</label>
					<input
						id="q"
						name="q"
						type="search"
						defaultValue={query}
						maxLength={MOST_CHARACTERS}
						key={query}
						aria-describedby="q-help"
					/>
					<span className="help" id="q-help">
						“exact phrase”, begin*, −without, title: author: org: tag: after:2025-01-01 before: has:runnable
					</span>
				</div>
				<div className="row">
					<label>
						Listed after <input type="date" name="after" defaultValue={after} />
					</label>
					<label>
						before <input type="date" name="before" defaultValue={before} />
					</label>
					<label>
						By{' '}
						<select name="mode" defaultValue={mode}>
							<option value="fused">words and meaning</option>
							<option value="words">words only</option>
							<option value="meaning">meaning only</option>
						</select>
					</label>
					<label>
						<input type="checkbox" name="runnable" value="1" defaultChecked={onlyRunnable} />
						can be run
					</label>
					<button type="submit" className="primary">
						Search
					</button>
				</div>
			</Form>
			{papers !== null && (
				<section aria-label="Results">
					<p className="note" role="status">
						{total === 0 ? 'Nothing found.' : total === 1 ? '1 paper.' : `${total} papers.`}
						{corrected !== null && (
							<>
								{' '}
								Searched for <Link to={`/search?${new URLSearchParams({ q: corrected })}`}>{corrected}</Link>.
							</>
						)}
					</p>
					<PaperList papers={papers} heading="h2" start={(page - 1) * PAGE + 1} label="Results" />
					<nav className="pager" aria-label="Pages">
						<span>{page > 1 && <Link to={to(page - 1)}>Better matches</Link>}</span>
						<span>{page * PAGE < total && <Link to={to(page + 1)}>More</Link>}</span>
					</nav>
				</section>
			)}
		</div>
	);
}
