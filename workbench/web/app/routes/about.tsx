/** How everything here comes about. */
import { catalog } from '@assay/catalog';
import { Link, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () =>
	pageMeta('How this works', 'Where papers come from, how they are ranked and searched, and how claims are measured.');

export function loader() {
	return { systems: catalog.length };
}

export default function About() {
	const { systems } = useLoaderData<typeof loader>();
	const { isStatic } = useSite();
	return (
		<div className="reading prose">
			<header className="page-head">
				<h1>How this works</h1>
				<p className="lede">A paper says “2.35 times the throughput”. Assay lets you ask: on my model, on my machines?</p>
			</header>
			<section className="section" id="claims">
				<h2>Claims</h2>
				<p>
					A claim has a published value with its place in the paper, a tolerance with a reason, and a measurement. The tolerance
					is chosen before the first measurement and stays. The measurement cannot read the published value: a test makes sure.
					What comes out within the tolerance is <em>reproduced</em>, what does not is <em>off</em> and is shown as off, with what
					we know of the difference. <em>Quoted</em> claims are shown and never counted.{' '}
					<Link to="/claims">The whole scoreboard</Link>.
				</p>
			</section>
			<section className="section" id="systems">
				<h2>Systems</h2>
				<p>
					{systems} {systems === 1 ? 'system runs' : 'systems run'} here today. Each is built anew from its paper, takes your own
					inputs with their units and bounds, and gives the same bytes for the same inputs and seed on any number of threads.
					Every run is kept with its inputs, seed, version and environment. Systems that need nothing of a server compute in your
					browser as you move their inputs.
				</p>
			</section>
			<section className="section" id="papers">
				<h2>Papers</h2>
				<p>
					The feed starts with 47 papers on efficient hardware and data. Their titles, dates and counts are facts; the two
					sentences under each are ours; abstracts are the authors’ and come by import. Every field of every paper remembers which
					source said it and when, and the most trusted source is shown: a correction by hand before arXiv, arXiv before any page
					that lists papers. What a source does not say stays unknown and is never shown as zero.
				</p>
			</section>
			<section className="section" id="ranking">
				<h2>Ranking</h2>
				<p>
					<strong>Trending</strong> adds up what happened: an upvote counts 1 (0.2 from an account younger than a day), a comment
					by somebody else counts 0.5, at most three of each person; each loses half its weight every twelve hours. The sum is
					multiplied by 1 + 0.2 log₂(1 + o), where o is the number of different verified organisations among the voters. Papers
					with the same score are ordered by the day they were listed.
				</p>
				<p>
					<strong>Top</strong> counts upvotes. <strong>Hacker News</strong>, <strong>Lobsters</strong> and <strong>Reddit</strong>{' '}
					are those sites’ formulas, as far as they are public. Comments are ordered by the lower end of the 95 % Wilson interval
					of their share of upvotes.
				</p>
				<p>
					One person has one vote for a paper. Bursts of votes from one network by accounts that always agree are damped every
					night; the log says so. The counts you see are never touched by this.
				</p>
			</section>
			{!isStatic && (
				<section className="section" id="search">
					<h2>Search</h2>
					<p>
						Words are looked up in titles, authors, topics and abstracts, weighted 10, 5, 4 and 1. Meaning is compared by vectors
						made from the papers themselves and from pretrained word vectors, on this server; nothing you search for leaves it.
						Both lists are fused by reciprocal ranks. <Link to="/search">Search</Link> also understands phrases, prefixes,
						exclusions and fields.
					</p>
				</section>
			)}
			<section className="section" id="privacy">
				<h2>What is kept</h2>
				<p>
					E-mail addresses are encrypted where they are stored, and only the hash of a link’s token is kept. There are no
					analytics, no third parties and no cookies but those that hold your sign-in and your settings. You can take everything
					away that is kept about you, and have it forgotten.
				</p>
			</section>
		</div>
	);
}
