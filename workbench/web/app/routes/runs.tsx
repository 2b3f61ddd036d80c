/** Runs kept on this server: newest first, by system and state, two or more to be compared. */
import { catalog } from '@assay/catalog';
import { formatDuration } from '@assay/report/format';
import { requestContext } from '@assay/server';
import { Form, Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { Moment } from '../components/day.tsx';
import { pageMeta } from '../components/meta.ts';
import { Scroller } from '../components/scroller.tsx';
import { StatusChip } from '../components/status-chip.tsx';
import { runLine } from '../server/run-views.server.ts';

const STATES = ['queued', 'running', 'done', 'failed', 'stopped', 'interrupted'] as const;
const PAGE = 50;

export const meta = () => pageMeta('Runs', 'Every run is kept and can be repeated exactly.');

export async function loader({ context, request }: LoaderFunctionArgs) {
	const { store } = context.get(requestContext).services;
	const query = new URL(request.url).searchParams;
	const system = catalog.find((entry) => entry.card.slug === query.get('system'))?.card.slug ?? '';
	const status = STATES.find((state) => state === query.get('status')) ?? '';
	const page = Math.max(1, Math.min(10_000, Math.floor(Number(query.get('page') ?? '1')) || 1));
	const runs = await store.list({
		...(system !== '' && { system }),
		...(status !== '' && { status }),
		limit: PAGE + 1,
		offset: (page - 1) * PAGE,
	});
	return {
		runs: runs.slice(0, PAGE).map(runLine),
		hasMore: runs.length > PAGE,
		page,
		system,
		status,
		systems: catalog.map((entry) => entry.card.slug),
	};
}

export default function Runs() {
	const { runs, hasMore, page, system, status, systems } = useLoaderData<typeof loader>();
	const to = (other: number): string => `/runs?${new URLSearchParams({ system, status, page: String(other) })}`;
	return (
		<>
			<header className="page-head">
				<h1>Runs</h1>
				<p className="lede">Every run is kept with its inputs, seed and environment, and can be repeated byte for byte.</p>
			</header>
			<Form className="row" role="search" aria-label="Filter runs">
				<label>
					System{' '}
					<select name="system" defaultValue={system}>
						<option value="">all</option>
						{systems.map((slug) => (
							<option key={slug}>{slug}</option>
						))}
					</select>
				</label>
				<label>
					State{' '}
					<select name="status" defaultValue={status}>
						<option value="">any</option>
						{STATES.map((state) => (
							<option key={state}>{state}</option>
						))}
					</select>
				</label>
				<button type="submit">Filter</button>
				<Link className="button" to="/sweeps">
					Sweeps
				</Link>
			</Form>
			{runs.length === 0 ? (
				<p className="section soft">
					No runs yet. <Link to="/systems">Choose a system</Link> and run it.
				</p>
			) : (
				<Form action="/runs/compare" className="section">
					<Scroller label="Runs">
						<table>
							<thead>
								<tr>
									<th scope="col">
										<span className="hidden-visually">Compare</span>
									</th>
									<th scope="col">Run</th>
									<th scope="col">System</th>
									<th scope="col">State</th>
									<th scope="col">Answer</th>
									<th scope="col">Started</th>
									<th scope="col" className="number">
										Took
									</th>
								</tr>
							</thead>
							<tbody>
								{runs.map((run) => (
									<tr key={run.id}>
										<td>
											<input type="checkbox" name="run" value={run.id} aria-label={`Compare run ${run.id}`} />
										</td>
										<td>
											<Link to={`/runs/${run.id}`}>
												<code>{run.id}</code>
											</Link>
										</td>
										<td>{run.system}</td>
										<td>
											<StatusChip status={run.status} />
										</td>
										<td className="answer">{run.headline ?? ''}</td>
										<td>
											<Moment at={run.createdAt} />
										</td>
										<td className="number">{run.seconds === null ? '' : formatDuration(run.seconds)}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroller>
					<div className="pager">
						<button type="submit">Compare the chosen</button>
						<span className="row">
							{page > 1 && <Link to={to(page - 1)}>Newer</Link>}
							{hasMore && <Link to={to(page + 1)}>Older</Link>}
						</span>
					</div>
				</Form>
			)}
		</>
	);
}
