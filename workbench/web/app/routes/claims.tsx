/** The whole scoreboard: every claim of every system, reproduced, off, or only quoted. */
import { catalog } from '@assay/catalog';
import { requestContext } from '@assay/server';
import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from 'react-router';
import { ClaimTable, VerdictChip } from '../components/claim-table.tsx';
import { pageMeta } from '../components/meta.ts';
import { claimRows } from '../server/claims.server.ts';

const VERDICTS = ['reproduced', 'off', 'quoted', 'skipped'] as const;

export const meta = () => pageMeta('Claims', 'What the papers claim and what came out when it was measured again.');

export async function loader({ context }: LoaderFunctionArgs) {
	const { services } = context.get(requestContext);
	const systems = await Promise.all(
		catalog.map(async (entry) => ({
			slug: entry.card.slug,
			title: entry.card.title,
			paper: entry.card.paper.title,
			claims: await claimRows(services, entry),
		})),
	);
	return { systems };
}

export default function Claims() {
	const { systems } = useLoaderData<typeof loader>();
	const [search] = useSearchParams();
	const wanted = VERDICTS.find((verdict) => verdict === search.get('verdict'));
	const all = systems.flatMap((system) => system.claims);
	return (
		<>
			<header className="page-head">
				<h1>Claims</h1>
				<p className="lede">
					Each published figure has a tolerance, chosen with its reason before the first measurement, and a measurement that
					cannot read the published value. What comes out off is shown as off.
				</p>
			</header>
			<nav aria-label="By verdict">
				<ul className="tabs">
					<li>
						<Link to="/claims" aria-current={wanted === undefined ? 'true' : undefined}>
							All {all.length}
						</Link>
					</li>
					{VERDICTS.map((verdict) => (
						<li key={verdict}>
							<Link to={`/claims?verdict=${verdict}`} aria-current={wanted === verdict ? 'true' : undefined}>
								{verdict} {all.filter((claim) => claim.verdict === verdict).length}
							</Link>
						</li>
					))}
				</ul>
			</nav>
			{systems.map((system) => {
				const shown = system.claims.filter((claim) => wanted === undefined || claim.verdict === wanted);
				if (shown.length === 0) return null;
				return (
					<section className="section" key={system.slug}>
						<h2>
							<Link to={`/systems/${system.slug}`}>{system.title}</Link>
						</h2>
						<p className="row">
							<span className="soft">{system.paper}</span>
							{VERDICTS.map((verdict) => {
								const count = system.claims.filter((claim) => claim.verdict === verdict).length;
								return count === 0 ? null : (
									<span key={verdict}>
										{count} <VerdictChip verdict={verdict} />
									</span>
								);
							})}
						</p>
						<ClaimTable claims={shown} label={`Claims: ${system.title}`} />
					</section>
				);
			})}
		</>
	);
}
