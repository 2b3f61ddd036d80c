/** One paper: what it says, what others say, what its claims come to, and a form to run it. */
import { findSystem } from '@assay/catalog';
import { InputError } from '@assay/contract';
import {
	explainTrending,
	FLAG_REASONS,
	readCards,
	readNotes,
	readPaper,
	readThread,
	votedPapers,
	wilsonLowerBound,
} from '@assay/feed';
import { HttpError, readForm, requestContext, textOf } from '@assay/server';
import { type ActionFunctionArgs, Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { ClaimTable } from '../components/claim-table.tsx';
import { Day } from '../components/day.tsx';
import { Discussion } from '../components/discussion.tsx';
import { useSite } from '../components/frame.tsx';
import { LiveSystem } from '../components/live-system.tsx';
import { pageMeta } from '../components/meta.ts';
import { VoteButton } from '../components/paper-list.tsx';
import { RunForm } from '../components/run-form.tsx';
import { canRun, canSeeHidden, requireVisitor } from '../server/access.server.ts';
import { claimRows } from '../server/claims.server.ts';
import { discuss } from '../server/discuss.server.ts';
import { runnableSlugs } from '../server/listed-papers.server.ts';
import { runForm } from '../server/run-form.server.ts';
import { startRun } from '../server/start-run.server.ts';

const SIMILAR = 6;

export function meta({ loaderData }: { loaderData?: Awaited<ReturnType<typeof loader>> }) {
	if (loaderData === undefined) return pageMeta('Paper', '');
	const { paper } = loaderData;
	return [
		...pageMeta(paper.title, paper.summary ?? paper.abstract ?? paper.title),
		{
			'script:ld+json': {
				'@context': 'https://schema.org',
				'@type': 'ScholarlyArticle',
				headline: paper.title,
				...(paper.abstract !== null && { abstract: paper.abstract }),
				...(paper.publishedOn !== null && { datePublished: paper.publishedOn }),
				author: paper.authors.map(({ name }) => ({ '@type': 'Person', name })),
				...(paper.doi !== null && { identifier: `https://doi.org/${paper.doi}` }),
				...(paper.arxivId !== null && { sameAs: `https://arxiv.org/abs/${paper.arxivId}` }),
			},
		},
	];
}

export async function loader({ context, params, request }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const { services, visitor } = site;
	const { database, search } = services;
	const slug = params['slug'] ?? '';
	const paper = await readPaper(database, slug, true);
	if (paper === null || (paper.hidden && !(await canSeeHidden(site, paper.id))))
		throw new HttpError(404, `There is no paper ${JSON.stringify(slug)}.`);
	const similar = await search.current.similar(paper.id, SIMILAR);
	const cards = new Map(
		(
			await readCards(
				database.kysely,
				similar.map(({ id }) => id),
			)
		).map((card) => [card.id, card]),
	);
	const entry = runnableSlugs.has(slug) ? findSystem(slug) : null;
	const system = entry === null ? null : await entry.load();
	const example = new URL(request.url).searchParams.get('example') ?? undefined;
	return {
		paper,
		notes: await readNotes(database, paper.id),
		trend: await explainTrending(database, paper.id, site.now),
		voted: visitor !== null && (await votedPapers(database, visitor.id, [paper.id])).has(paper.id),
		thread: await readThread(database, paper.id, visitor, wilsonLowerBound, site.now),
		similar: similar.flatMap(({ id, terms }) => {
			const card = cards.get(id);
			return card === undefined ? [] : [{ slug: card.slug, title: card.title, terms: terms.slice(0, 5) }];
		}),
		system:
			entry === null || system === null
				? null
				: {
						question: entry.card.question,
						isLive: entry.card.runsOn === 'anywhere',
						form: formOrDefault(
							() => runForm(system, { example }),
							() => runForm(system, {}),
						),
						claims: await claimRows(services, entry),
					},
		canRun: canRun(site),
		flagReasons: Object.entries(FLAG_REASONS),
	};
}

/** Starts a run, or takes part in the discussion. */
export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const slug = params['slug'] ?? '';
	const form = await readForm(request, site);
	return textOf(form, 'do') === 'run' ? startRun(site, visitor, slug, form) : discuss(site, visitor, slug, form);
}

/** A misspelt example in the address shows the default one. */
function formOrDefault<Form>(wanted: () => Form, usual: () => Form): Form {
	try {
		return wanted();
	} catch (error) {
		if (error instanceof InputError) return usual();
		throw error;
	}
}

const LINK_NAMES: Readonly<Record<string, string>> = {
	code: 'Code',
	project: 'Project page',
	pdf: 'PDF',
	arxiv: 'arXiv',
	page: 'Page',
};

export default function PaperRoute() {
	const { paper, notes, trend, voted, thread, similar, system, canRun, flagReasons } = useLoaderData<typeof loader>();
	const { isStatic } = useSite();
	const base = `/papers/${paper.slug}`;
	return (
		<article>
			<div className="columns">
				<div>
					<header className="page-head">
						{paper.hidden && <p className="message">This paper is hidden while a moderator looks at it.</p>}
						<h1>{paper.title}</h1>
						<Byline paper={paper} notes={notes} />
						<ul className="tags" aria-label="Topics">
							{paper.tags.map((tag) => (
								<li key={tag.slug}>
									<Link className="tag" to={`/tag/${tag.slug}`}>
										{tag.name}
									</Link>
								</li>
							))}
						</ul>
					</header>
					<section className="abstract" aria-label={paper.abstract === null ? 'Summary' : 'Abstract'}>
						{(paper.abstract ?? paper.summary ?? '').split(/\n{2,}/).map((paragraph) => (
							<p key={paragraph}>{paragraph}</p>
						))}
					</section>
					{paper.abstract === null && (
						<p className="note">
							This summary is ours. The authors’ abstract is{' '}
							{paper.arxivId === null ? 'not here yet' : <a href={`https://arxiv.org/abs/${paper.arxivId}`}>on arXiv</a>}
							{paper.arxivId !== null && (
								<>
									; <code>npx assay papers import --arxiv {paper.arxivId}</code> brings it here
								</>
							)}
							.
						</p>
					)}
					{paper.abstract !== null && paper.summary !== null && (
						<p className="message">
							<strong>In short.</strong> {paper.summary}
						</p>
					)}
					{notes.blemishes.length > 0 && (
						<p className="note">Some of the text could not be repaired: {notes.blemishes.join(', ')}.</p>
					)}
				</div>
				<aside className="aside" aria-label="About this paper">
					<section className="row">
						<VoteButton slug={paper.slug} title={paper.title} votes={paper.votes} voted={voted} />
						<span className="note">
							{paper.upvotesElsewhere !== null && `${paper.upvotesElsewhere} upvotes where it was listed. `}
							{paper.commentsElsewhere !== null && `${paper.commentsElsewhere} comments where it was listed.`}
						</span>
					</section>
					<details className="note">
						<summary>Why it ranks where it does</summary>
						<p>
							Trending {trend.score.toFixed(2)}: {trend.votes.toFixed(2)} from votes and {trend.comments.toFixed(2)} from
							comments, halved every twelve hours, times {trend.bonus.toFixed(2)} for the organisations among the voters.{' '}
							<Link to="/about#ranking">How ranking works</Link>
						</p>
					</details>
					<section>
						<h2>Read it</h2>
						<ul>
							{paper.arxivId !== null && (
								<li>
									<a href={`https://arxiv.org/abs/${paper.arxivId}`}>arXiv {paper.arxivId}</a>
								</li>
							)}
							{paper.doi !== null && (
								<li>
									<a href={`https://doi.org/${paper.doi}`}>doi {paper.doi}</a>
								</li>
							)}
							{Object.entries(paper.links).map(([kind, url]) => (
								<li key={kind}>
									<a href={url}>{LINK_NAMES[kind] ?? kind}</a>
								</li>
							))}
						</ul>
					</section>
					<section>
						<h2>Similar papers</h2>
						<ul>
							{similar.map((other) => (
								<li key={other.slug}>
									<Link to={`/papers/${other.slug}`}>{other.title}</Link>
									{other.terms.length > 0 && <span className="note"> {other.terms.join(', ')}</span>}
								</li>
							))}
						</ul>
					</section>
				</aside>
			</div>
			<section className="section" id="run">
				<h2>Run it</h2>
				{system === null ? (
					<p>
						Assay has no system for this paper yet, so it cannot be run here and its claims have not been measured.{' '}
						<Link to="/systems">These papers can be run.</Link>
					</p>
				) : (
					<>
						<p className="lede">{system.question}</p>
						{system.isLive && <LiveSystem slug={paper.slug} form={system.form} />}
						{isStatic && (
							<p>
								On your own inputs, with Assay installed: <code>npx assay run {paper.slug}</code>
							</p>
						)}
						{!isStatic && (
							<>
								<h3 className="subhead">On your own inputs</h3>
								<RunForm form={system.form} canRun={canRun} base={base} />
							</>
						)}
					</>
				)}
			</section>
			{system !== null && (
				<section className="section" id="claims">
					<h2>What it claims, measured again</h2>
					<ClaimTable claims={system.claims} />
				</section>
			)}
			<section className="section reading" id="discussion">
				<h2>Discussion</h2>
				<Discussion slug={paper.slug} thread={thread} paperId={paper.id} flagReasons={flagReasons} />
			</section>
		</article>
	);
}

function Byline({ paper, notes }: Pick<Awaited<ReturnType<typeof loader>>, 'paper' | 'notes'>) {
	return (
		<p className="byline">
			{paper.authors.length > 0 && (
				<>
					{paper.authors.map((author, index) => (
						<span key={author.slug}>
							{index > 0 && ', '}
							<Link to={`/author/${author.slug}`}>{author.name}</Link>
						</span>
					))}
					{paper.authorsCount !== null &&
						paper.authorsCount > paper.authors.length &&
						` and ${paper.authorsCount - paper.authors.length} more`}
					{'. '}
				</>
			)}
			{paper.authors.length === 0 &&
				paper.authorsCount !== null &&
				`${paper.authorsCount} ${paper.authorsCount === 1 ? 'author' : 'authors'}. `}
			{paper.organisations.map((organisation) => (
				<span key={organisation.slug}>
					<Link to={`/org/${organisation.slug}`}>{organisation.name}</Link>.{' '}
				</span>
			))}
			{paper.publishedOn !== null && (
				<>
					Published <Day day={paper.publishedOn} />
					{notes.isYearInferred && <abbr title="The source printed no year; it follows from the day of its page.">?</abbr>}
					{'. '}
				</>
			)}
			{paper.listedOn !== null && (
				<>
					Listed <Day day={paper.listedOn} link />.
				</>
			)}
		</p>
	);
}
