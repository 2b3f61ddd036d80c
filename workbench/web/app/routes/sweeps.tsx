/** Sweeps, newest first. */
import { isModerator } from '@assay/feed';
import { listWorkers } from '@assay/runs';
import { requestContext } from '@assay/server';
import { Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { Moment } from '../components/day.tsx';
import { pageMeta } from '../components/meta.ts';
import { Scroller } from '../components/scroller.tsx';
import { WorkerTable } from '../components/worker-table.tsx';

export const meta = () => pageMeta('Sweeps', 'Systems run over ranges of inputs.');

export async function loader({ context }: LoaderFunctionArgs) {
	const { services, visitor } = context.get(requestContext);
	const { store } = services;
	const sweeps = await store.listSweeps(100);
	// Names of machines are nobody's business but their keepers'.
	const maySeeWorkers = store.isShared && visitor !== null && isModerator(visitor);
	return {
		workers: maySeeWorkers ? await listWorkers(store) : null,
		sweeps: await Promise.all(
			sweeps.map(async ({ id, system, createdAt }) => ({ id, system, createdAt, counts: await store.sweepCounts(id) })),
		),
	};
}

export default function Sweeps() {
	const { sweeps, workers } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<h1>Sweeps</h1>
				<p className="lede">
					A system over a grid, a list or random draws of its inputs. A sweep that was stopped goes on where it was.
				</p>
			</header>
			{sweeps.length === 0 ? (
				<p className="soft">
					None yet. <Link to="/systems">Choose a system</Link> and start one from its page.
				</p>
			) : (
				<Scroller label="Sweeps">
					<table>
						<thead>
							<tr>
								<th scope="col">Sweep</th>
								<th scope="col">System</th>
								<th scope="col">Started</th>
								<th scope="col" className="number">
									Done
								</th>
								<th scope="col" className="number">
									Runs
								</th>
							</tr>
						</thead>
						<tbody>
							{sweeps.map((sweep) => (
								<tr key={sweep.id}>
									<td>
										<Link to={`/sweeps/${sweep.id}`}>
											<code>{sweep.id}</code>
										</Link>
									</td>
									<td>{sweep.system}</td>
									<td>
										<Moment at={sweep.createdAt} />
									</td>
									<td className="number">{sweep.counts.done}</td>
									<td className="number">{Object.values(sweep.counts).reduce((sum, count) => sum + count, 0)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroller>
			)}
			{workers !== null && <WorkerTable workers={workers} />}
		</>
	);
}
