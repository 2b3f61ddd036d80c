/** The front page: what is trending, and the way to every day. */
import { listDays, listTags, type PaperOrder, periodOf, rankPapers, readCards } from '@assay/feed';
import { requestContext } from '@assay/server';
import { Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { dayText, monthText, weekText } from '../components/day.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { PaperList } from '../components/paper-list.tsx';
import { idsForVisitor } from '../server/for-you.server.ts';
import { listPapers, runnableSlugs } from '../server/listed-papers.server.ts';

const ORDERS: readonly { readonly name: PaperOrder | 'for-you'; readonly text: string }[] = [
	{ name: 'trending', text: 'Trending' },
	{ name: 'for-you', text: 'For you' },
	{ name: 'new', text: 'New' },
	{ name: 'top', text: 'Top' },
	{ name: 'hacker-news', text: 'Hacker News' },
	{ name: 'lobsters', text: 'Lobsters' },
	{ name: 'reddit', text: 'Reddit' },
];
const PERIODS = ['day', 'week', 'month', 'all'] as const;
const PAGE = 25;
/** A written site has one page for all. */
const STATIC_PAGE = 200;

export const meta = () =>
	pageMeta('', 'Papers on efficient hardware and data, day by day; many of them can be run on your own inputs.');

export async function loader({ context, request }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const { database } = site.services;
	const query = new URL(request.url).searchParams;
	const order = ORDERS.find(({ name }) => name === query.get('order'))?.name ?? 'trending';
	const period = PERIODS.find((name) => name === query.get('period')) ?? 'all';
	const page = Math.max(1, Math.min(4000, Math.floor(Number(query.get('page') ?? '1')) || 1));
	const size = site.isStatic ? STATIC_PAGE : PAGE;
	const offset = (page - 1) * size;
	const ids =
		order === 'for-you'
			? await idsForVisitor(site, offset, size + 1)
			: await rankPapers(database, { order, period, now: site.now, limit: size + 1, offset });
	const cards = await readCards(database.kysely, ids.slice(0, size));
	const days = await listDays(database, { now: site.now, limit: 8 });
	return {
		order,
		period,
		page,
		hasMore: ids.length > size,
		papers: await listPapers(site, cards),
		days: days.map(({ day, papers }) => ({ day, papers })),
		weeks: [...new Set(days.map(({ day }) => periodOf(day, 'week')))].slice(0, 3),
		months: [...new Set(days.map(({ day }) => periodOf(day, 'month')))].slice(0, 3),
		tags: await listTags(database, 16),
		runnable: runnableSlugs.size,
	};
}

export default function Home() {
	const { order, period, page, hasMore, papers, days, weeks, months, tags, runnable } = useLoaderData<typeof loader>();
	const { isStatic } = useSite();
	const to = (change: Readonly<Record<string, string>>): string => {
		const search = new URLSearchParams({ order, period, page: '1', ...change });
		for (const [name, value] of [
			['order', 'trending'],
			['period', 'all'],
			['page', '1'],
		] as const)
			if (search.get(name) === value) search.delete(name);
		return search.size === 0 ? '/' : `/?${search}`;
	};
	return (
		<div className="columns">
			<div>
				<header className="page-head">
					<h1>Daily Papers</h1>
					<p className="lede">
						Efficient hardware and data for machine learning, day by day. {runnable} of these papers can be run here, on your own
						model, machine or data.
					</p>
				</header>
				{!isStatic && (
					<nav aria-label="Order">
						<ul className="tabs">
							{ORDERS.map(({ name, text }) => (
								<li key={name}>
									<Link to={to({ order: name })} aria-current={name === order ? 'true' : undefined}>
										{text}
									</Link>
								</li>
							))}
						</ul>
						{order === 'top' && (
							<ul className="tabs">
								{PERIODS.map((name) => (
									<li key={name}>
										<Link to={to({ period: name })} aria-current={name === period ? 'true' : undefined}>
											{name === 'all' ? 'all time' : `this ${name}`}
										</Link>
									</li>
								))}
							</ul>
						)}
					</nav>
				)}
				{order === 'for-you' && papers.length === 0 && (
					<p className="message">Vote for a few papers, and this list will hold those like them, by what they are about.</p>
				)}
				<PaperList
					papers={papers}
					heading="h2"
					start={(page - 1) * PAGE + 1}
					label={ORDERS.find(({ name }) => name === order)?.text ?? ''}
				/>
				{!isStatic && (
					<nav className="pager" aria-label="Pages">
						<span>{page > 1 && <Link to={to({ page: String(page - 1) })}>Previous page</Link>}</span>
						<span>{hasMore && <Link to={to({ page: String(page + 1) })}>Next page</Link>}</span>
					</nav>
				)}
			</div>
			<aside className="aside" aria-label="Elsewhere in the feed">
				<section>
					<h2>Days</h2>
					<ul>
						{days.map(({ day, papers: count }) => (
							<li key={day}>
								<Link to={`/date/${day}`}>{dayText(day)}</Link> <span className="note">{count}</span>
							</li>
						))}
						{weeks.map((week) => (
							<li key={week}>
								<Link to={`/week/${week}`}>{weekText(week)}</Link>
							</li>
						))}
						{months.map((month) => (
							<li key={month}>
								<Link to={`/month/${month}`}>{monthText(month)}</Link>
							</li>
						))}
					</ul>
				</section>
				<section>
					<h2>Topics</h2>
					<ul className="tags">
						{tags.map((tag) => (
							<li key={tag.slug}>
								<Link className="tag" to={`/tag/${tag.slug}`}>
									{tag.name} {tag.papers}
								</Link>
							</li>
						))}
					</ul>
				</section>
				{!isStatic && (
					<section>
						<h2>Take it along</h2>
						<ul>
							<li>
								<Link to="/subscribe">A digest by e-mail</Link>
							</li>
							<li>
								<Link to="/feeds">RSS, Atom, JSON Feed</Link>
							</li>
							<li>
								<Link to="/submit">Submit a paper</Link>
							</li>
							<li>
								<Link to="/about#ranking">How the order comes about</Link>
							</li>
						</ul>
					</section>
				)}
			</aside>
		</div>
	);
}
