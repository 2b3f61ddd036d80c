/** The runs of a sweep, page by page: conditions, order and page stand in the address, so all of it works without script. */
import { formatValue, labelWithUnit } from '@assay/report/format';
import { Form, Link } from 'react-router';
import type { SweepFigure } from '../server/sweep-figures.server.ts';
import type { SweepRunsView } from '../server/sweep-runs.server.ts';
import { Scroller } from './scroller.tsx';

const RELATIONS = ['<=', '>=', '<', '>', '=', '!='];
const STATES = ['queued', 'running', 'done', 'failed', 'stopped', 'interrupted'];

export function SweepRuns({
	id,
	view,
	columns,
	objectives,
}: {
	readonly id: string;
	readonly view: SweepRunsView;
	/** Settings and figures that the table shows, and that conditions may speak of. */
	readonly columns: { readonly shown: readonly SweepFigure[]; readonly all: readonly SweepFigure[] };
	/** What the address says of the objectives, to be kept. */
	readonly objectives: { readonly x: string; readonly y: string };
}) {
	const { where, sort, status, page, pages, rows, total, first } = view;
	const state = { ...objectives, status, where: where.join(';'), sort };
	const address = (changes: Partial<typeof state> & { readonly page?: number }): string => {
		const entries = Object.entries({ ...state, ...changes }).filter(([, value]) => value !== '' && value !== 1);
		return `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}#runs`;
	};
	const exported = new URLSearchParams(
		Object.entries({ status, where: state.where, sort }).filter(([, value]) => value !== ''),
	).toString();
	return (
		<section className="panel" id="runs">
			<h2>Runs</h2>
			{view.problem !== null && (
				<div className="message bad" role="alert">
					<p>{view.problem}</p>
				</div>
			)}
			<Form className="row" aria-label="Which runs" action="#runs">
				{Object.entries({ ...objectives, where: state.where, sort })
					.filter(([, value]) => value !== '')
					.map(([name, value]) => (
						<input key={name} type="hidden" name={name} value={value} />
					))}
				<label>
					State{' '}
					<select name="status" defaultValue={status}>
						<option value="">any</option>
						{STATES.map((one) => (
							<option key={one}>{one}</option>
						))}
					</select>
				</label>
				<label>
					Only runs with{' '}
					<select name="column" defaultValue={columns.shown.at(-1)?.path}>
						{columns.all.map((column) => (
							<option key={column.path} value={column.path}>
								{column.name}
							</option>
						))}
					</select>
				</label>
				<select name="relation" aria-label="Relation" defaultValue="<=">
					{RELATIONS.map((relation) => (
						<option key={relation}>{relation}</option>
					))}
				</select>
				<input name="bound" aria-label="Bound" className="seed" autoComplete="off" maxLength={100} />
				<button type="submit">Show</button>
			</Form>
			{where.length > 0 && (
				<ul className="row conditions" aria-label="Conditions">
					{where.map((condition) => (
						<li key={condition}>
							<code>{condition}</code>{' '}
							<Link to={address({ where: where.filter((one) => one !== condition).join(';') })} preventScrollReset>
								drop<span className="hidden-visually"> {condition}</span>
							</Link>
						</li>
					))}
				</ul>
			)}
			<Scroller label="Runs of the sweep">
				<table>
					<caption>
						{total === 0
							? 'No run meets this'
							: `Runs ${first.toLocaleString('en-US')} to ${(first + rows.length - 1).toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`}
					</caption>
					<thead>
						<tr>
							<th scope="col">Run</th>
							<th scope="col">State</th>
							<th scope="col">On the front</th>
							{columns.shown.map(({ path, name, unit }) => {
								const isSorted = sort.replace(/^-/, '') === path;
								const isDescending = sort.startsWith('-');
								return (
									<th
										key={path}
										scope="col"
										className={rows.some((row) => typeof row[path] === 'number') ? 'number' : undefined}
										aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}
									>
										<Link to={address({ sort: isSorted && !isDescending ? `-${path}` : path })} preventScrollReset rel="nofollow">
											{labelWithUnit(name, unit ?? undefined)}
											<span aria-hidden="true">{isSorted ? (isDescending ? ' ▾' : ' ▴') : ''}</span>
										</Link>
									</th>
								);
							})}
						</tr>
					</thead>
					<tbody>
						{rows.map((row) => (
							<tr key={String(row['run'])}>
								<td>
									<Link to={`/runs/${row['run']}`}>
										<code>{row['run']}</code>
									</Link>
								</td>
								<td>{row['status']}</td>
								<td>{row['front'] === true ? 'yes' : 'no'}</td>
								{columns.shown.map(({ path }) => (
									<td key={path} className={typeof row[path] === 'number' ? 'number' : undefined}>
										{formatValue(row[path])}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</Scroller>
			<nav className="row" aria-label="Pages of runs">
				{page > 1 && (
					<Link to={address({ page: Math.min(page - 1, pages) })} preventScrollReset rel="prev nofollow">
						Previous
					</Link>
				)}
				<span>
					Page {page.toLocaleString('en-US')} of {pages.toLocaleString('en-US')}
				</span>
				{page < pages && (
					<Link to={address({ page: page + 1 })} preventScrollReset rel="next nofollow">
						Next
					</Link>
				)}
				{sort !== '' && (
					<Link to={address({ sort: '' })} preventScrollReset rel="nofollow">
						In the order of the sweep
					</Link>
				)}
			</nav>
			<p className="row">
				{exported === '' ? 'All runs as' : 'These runs as'}
				{[
					['csv', 'CSV'],
					['jsonl', 'JSON Lines'],
					['parquet', 'Parquet'],
					['json', 'JSON'],
				].map(([format, name]) => (
					<a key={format} href={`/api/v1/sweeps/${id}/export?format=${format}${exported === '' ? '' : `&${exported}`}`}>
						{name}
					</a>
				))}
			</p>
		</section>
	);
}
