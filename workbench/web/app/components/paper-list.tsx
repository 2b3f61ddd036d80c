/** Papers in a list: what a reader needs to decide whether to open one. */
import { createElement, Fragment } from 'react';
import { Link, useFetcher, useLocation } from 'react-router';
import type { ListedPaper } from '../server/listed-papers.server.ts';
import { Day } from './day.tsx';
import { useSite } from './frame.tsx';

export function PaperList({
	papers,
	heading = 'h3',
	start = 1,
	label,
}: {
	readonly papers: readonly ListedPaper[];
	readonly heading?: 'h2' | 'h3';
	/** Position of the first one. */
	readonly start?: number;
	readonly label: string;
}) {
	return (
		<ol className="papers" start={start} aria-label={`${label}, ${papers.length} papers`}>
			{papers.map((paper) => (
				<PaperItem key={paper.slug} paper={paper} heading={heading} />
			))}
		</ol>
	);
}

function PaperItem({ paper, heading: Heading }: { readonly paper: ListedPaper; readonly heading: 'h2' | 'h3' }) {
	return (
		<li className="paper" data-paper={paper.slug}>
			<VoteButton slug={paper.slug} title={paper.title} votes={paper.votes} voted={paper.voted} />
			<div>
				<Heading>
					<Link to={`/papers/${paper.slug}`}>{paper.title}</Link>
				</Heading>
				<p className="meta">
					{paper.authors !== '' && <span>{paper.authors}</span>}
					{paper.organisations.map((organisation) => (
						<Link key={organisation.slug} to={`/org/${organisation.slug}`}>
							{organisation.name}
						</Link>
					))}
					{paper.publishedOn !== null && <Day day={paper.publishedOn} />}
					<Link to={`/papers/${paper.slug}#discussion`}>{commentsText(paper.comments)}</Link>
					{paper.commentsElsewhere !== null && <span>{paper.commentsElsewhere} where it was listed</span>}
				</p>
				{paper.excerpt.length > 0 && (
					<p className="excerpt">
						<Excerpt parts={paper.excerpt} />
					</p>
				)}
				<ul className="tags" aria-label="Topics">
					{paper.runnable && (
						<li>
							<Link className="chip run" to={`/papers/${paper.slug}#run`}>
								Run it
							</Link>
						</li>
					)}
					{paper.tags.map((tag) => (
						<li key={tag.slug}>
							<Link className="tag" to={`/tag/${tag.slug}`}>
								{tag.name}
							</Link>
						</li>
					))}
				</ul>
				{paper.why !== null && <p className="note">{paper.why}</p>}
			</div>
		</li>
	);
}

function commentsText(comments: number): string {
	if (comments === 0) return 'Discuss';
	return comments === 1 ? '1 comment' : `${comments} comments`;
}

/** An upvote and its count. Without script it is a form; with it the count moves at once. */
export function VoteButton({
	slug,
	title,
	votes,
	voted,
}: {
	readonly slug: string;
	readonly title: string;
	readonly votes: number;
	readonly voted: boolean;
}) {
	const { csrf, isStatic } = useSite();
	const { pathname, search } = useLocation();
	const fetcher = useFetcher();
	const wanted = fetcher.formData?.get('vote');
	const isVoted = wanted === undefined || wanted === null ? voted : wanted === 'up';
	const count = votes + (isVoted === voted ? 0 : isVoted ? 1 : -1);
	if (isStatic) {
		return (
			<p className="vote">
				<span className="hidden-visually">Votes: </span>
				{count}
			</p>
		);
	}
	return (
		<fetcher.Form className="vote" method="post" action={`/papers/${slug}/vote`}>
			<input type="hidden" name="csrf" value={csrf} />
			<input type="hidden" name="back" value={pathname + search} />
			<button
				type="submit"
				name="vote"
				value={isVoted ? 'withdraw' : 'up'}
				aria-pressed={isVoted}
				aria-label={`Upvote ${title}: ${count} ${count === 1 ? 'vote' : 'votes'}`}
			>
				<span className="arrow" aria-hidden="true">
					▲
				</span>
				{count}
			</button>
			<span className="hidden-visually" role="status">
				{fetcher.data !== undefined && fetcher.state === 'idle' && (isVoted ? 'Voted.' : 'Vote withdrawn.')}
			</span>
		</fetcher.Form>
	);
}

/** Text with the words found in it marked. */
export function Excerpt({ parts }: { readonly parts: ListedPaper['excerpt'] }) {
	return createElement(Fragment, null, ...parts.map(({ text, marked }) => (marked ? createElement('mark', null, text) : text)));
}
