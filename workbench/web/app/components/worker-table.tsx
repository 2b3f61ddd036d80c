/** Who works on distributed sweeps, and on what since when. */

import { formatDuration } from '@assay/report/format';
import type { WorkerState } from '@assay/runs';
import { Link } from 'react-router';
import { Moment } from './day.tsx';
import { Scroller } from './scroller.tsx';

export function WorkerTable({ workers }: { readonly workers: readonly WorkerState[] }) {
	return (
		<section className="section" id="workers">
			<h2>Workers</h2>
			{workers.length === 0 ? (
				<p className="soft">
					No worker is at work. <code>assay worker</code> starts one, on any machine that reaches the database.
				</p>
			) : (
				<Scroller label="Workers">
					<table>
						<thead>
							<tr>
								<th scope="col">Worker</th>
								<th scope="col">State</th>
								<th scope="col">Started</th>
								<th scope="col" className="number">
									Finished
								</th>
								<th scope="col" className="number">
									Busy hands
								</th>
								<th scope="col">Works on</th>
								<th scope="col">Leaves to others</th>
							</tr>
						</thead>
						<tbody>
							{workers.map((worker) => (
								<tr key={worker.id}>
									<td>
										<code>
											{worker.host}:{worker.process}
										</code>
									</td>
									<td>{worker.isSilent ? `silent for ${formatDuration(worker.silentSeconds)}` : 'alive'}</td>
									<td>
										<Moment at={worker.startedAt} />
									</td>
									<td className="number">{worker.finished}</td>
									<td className="number">
										{Math.min(worker.runs.length, worker.hands)} of {worker.hands}
									</td>
									<td>
										{worker.runs.slice(0, worker.hands).map(({ id, system }, index) => (
											<span key={id}>
												{index > 0 && ', '}
												{system}{' '}
												<Link to={`/runs/${id}`}>
													<code>{id}</code>
												</Link>
											</span>
										))}
									</td>
									<td>
										{worker.refusals.map(({ system, version, reason }) => `${system} ${version}: ${reason}`).join('; ')}
										{worker.systems !== null && ` all but ${worker.systems.join(', ')}`}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroller>
			)}
		</section>
	);
}
