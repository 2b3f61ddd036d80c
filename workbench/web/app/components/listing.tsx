/** The papers of a day, a week or a month, with the way to the neighbours. */
import { useState } from 'react';
import { Link, useFetcher } from 'react-router';
import type { ListedPaper } from '../server/listed-papers.server.ts';
import { PaperList } from './paper-list.tsx';

export interface ListingData {
	readonly title: string;
	readonly path: string;
	readonly papers: readonly ListedPaper[];
	/** Paths and titles of the neighbours that have papers. */
	readonly previous: { readonly path: string; readonly title: string } | null;
	readonly next: { readonly path: string; readonly title: string } | null;
}

export function Listing({ listing }: { readonly listing: ListingData }) {
	return (
		<div className="reading">
			<header className="page-head">
				<p className="eyebrow">Daily Papers</p>
				<h1>{listing.title}</h1>
			</header>
			<Neighbours listing={listing} />
			{listing.papers.length === 0 ? (
				<p className="soft section">No papers were listed.</p>
			) : (
				<PaperList papers={listing.papers} heading="h2" label={listing.title} />
			)}
			<Earlier first={listing} key={listing.path} />
		</div>
	);
}

function Neighbours({ listing: { previous, next } }: { readonly listing: ListingData }) {
	return (
		<nav className="pager" aria-label="Neighbouring pages">
			<span>
				{previous !== null && (
					<Link to={previous.path} rel="prev">
						← {previous.title}
					</Link>
				)}
			</span>
			<span>
				{next !== null && (
					<Link to={next.path} rel="next">
						{next.title} →
					</Link>
				)}
			</span>
		</nav>
	);
}

/** Goes on with the page before, below this one; without script it is a link. */
function Earlier({ first }: { readonly first: ListingData }) {
	const fetcher = useFetcher<{ readonly listing: ListingData }>();
	const [added, setAdded] = useState<readonly ListingData[]>([]);
	const loaded = fetcher.data?.listing;
	const shown = loaded === undefined || added.some((one) => one.path === loaded.path) ? added : [...added, loaded];
	const last = shown.at(-1) ?? first;
	const { previous } = last;
	return (
		<>
			{shown.map((listing) => (
				<section className="section" key={listing.path} aria-label={listing.title}>
					<h2>
						<Link to={listing.path}>{listing.title}</Link>
					</h2>
					<PaperList papers={listing.papers} label={listing.title} start={1} />
				</section>
			))}
			{previous !== null && (
				<p className="pager">
					<Link
						className="button"
						to={previous.path}
						onClick={(event) => {
							if (event.metaKey || event.ctrlKey || event.shiftKey) return;
							event.preventDefault();
							setAdded(shown);
							void fetcher.load(previous.path);
						}}
					>
						{fetcher.state === 'idle' ? `Go on with ${previous.title}` : 'Loading …'}
					</Link>
				</p>
			)}
		</>
	);
}
