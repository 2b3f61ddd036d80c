/** The systems that can be run, by domain. */
import { catalog } from '@assay/catalog';
import { Link, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';

export const meta = () => pageMeta('Systems', 'The systems of papers that Assay runs on your own inputs.');

export function loader() {
	const domains = [...new Set(catalog.map((entry) => entry.card.domain))].sort();
	return {
		domains: domains.map((domain) => ({
			domain,
			systems: catalog
				.filter((entry) => entry.card.domain === domain)
				.map(({ card }) => ({
					slug: card.slug,
					title: card.title,
					question: card.question,
					paper: card.paper.title,
					year: card.paper.year,
					isLive: card.runsOn === 'anywhere',
				})),
		})),
	};
}

export default function Systems() {
	const { domains } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<h1>Systems</h1>
				<p className="lede">
					Each is the system of a paper, built anew and run on your own model, machine, data or circuit. What it claims is
					measured again.
				</p>
			</header>
			{domains.map(({ domain, systems }) => (
				<section className="section" key={domain}>
					<h2>{domain.charAt(0).toUpperCase() + domain.slice(1)}</h2>
					<ul className="cards">
						{systems.map((system) => (
							<li className="card" key={system.slug}>
								<h3>
									<Link to={`/systems/${system.slug}`}>{system.title}</Link>
								</h3>
								<p>{system.question}</p>
								<p className="note">
									{system.paper}, {system.year}
									{system.isLive && ' · also runs in your browser'}
								</p>
							</li>
						))}
					</ul>
				</section>
			))}
		</>
	);
}
