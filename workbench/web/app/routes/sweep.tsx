/** One sweep: how far it is, its trade-offs, and every run of it. */
import { findSystem } from '@assay/catalog';
import { HttpError, mayChange, readForm, requestContext, requireRights, textOf } from '@assay/server';
import { useEffect } from 'react';
import {
	type ActionFunctionArgs,
	Form,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useLoaderData,
	useRevalidator,
} from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { Panels } from '../components/panels.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { sweepView } from '../server/sweep-views.server.ts';

/** Runs that the page loads; files carry them all. */
const MOST_RUNS = 2000;
const LOOK_AGAIN_MILLISECONDS = 1500;

export const meta = ({ loaderData }: { loaderData?: { id: string; title: string } }) =>
	pageMeta(`${loaderData?.title ?? ''}: sweep ${loaderData?.id ?? ''}`, 'A system over a range of its inputs.');

export async function loader({ context, params, request }: LoaderFunctionArgs) {
	const { services, visitor } = context.get(requestContext);
	const { store, queue } = services;
	const sweep = await store.getSweep(params['id'] ?? '');
	const { card, load } = findSystem(sweep.system);
	const query = new URL(request.url).searchParams;
	const runs = await store.sweepRuns(sweep.id, MOST_RUNS);
	return {
		id: sweep.id,
		slug: card.slug,
		title: card.title,
		counts: await store.sweepCounts(sweep.id),
		mayChange: mayChange(visitor, sweep),
		isActive: await queue.isSweepActive(sweep.id),
		executor: sweep.executor,
		view: sweepView(await load(), runs, { x: query.get('x'), y: query.get('y') }),
	};
}

/** Stops a sweep, or goes on with it. */
export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	const { store, queue } = site.services;
	const sweep = await store.getSweep(params['id'] ?? '');
	requireRights(visitor, sweep);
	switch (textOf(form, 'do')) {
		case 'stop':
			await queue.cancelSweep(sweep.id);
			break;
		case 'continue':
			await queue.continueSweep(sweep.id);
			break;
		default:
			throw new HttpError(400, 'Unknown action.');
	}
	return redirect(`/sweeps/${sweep.id}`);
}

export default function SweepPage() {
	const { id, slug, title, counts, mayChange: isMine, isActive, executor, view } = useLoaderData<typeof loader>();
	const { csrf } = useSite();
	const { revalidate } = useRevalidator();
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	const isComplete = counts.done + counts.failed === total;
	useEffect(() => {
		if (!isActive) return;
		const timer = setInterval(() => void revalidate(), LOOK_AGAIN_MILLISECONDS);
		return () => clearInterval(timer);
	}, [isActive, revalidate]);
	const withUnit = ({ path, unit }: { path: string; unit: string | null }, prefix = '') => ({
		key: `${prefix}${path}`,
		label: path,
		...(unit !== null && { unit }),
	});
	const shown = view.figures.filter((figure) => view.rows.some((row) => row[figure.path] !== undefined));
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">
					<Link to={`/systems/${slug}`}>{title}</Link>
				</p>
				<h1>
					Sweep <code>{id}</code>
				</h1>
				<p className="byline">
					{counts.done} of {total} runs done
					{counts.failed > 0 && `, ${counts.failed} failed`}
					{isActive && (executor === 'distributed' ? ', left to workers' : ', working')}
				</p>
			</header>
			<progress max={total} value={counts.done + counts.failed} aria-label="Runs that have ended" />
			{isMine && !isComplete && (
				<Form method="post" className="row actions">
					<input type="hidden" name="csrf" value={csrf} />
					{isActive ? (
						<button type="submit" name="do" value="stop">
							Stop
						</button>
					) : (
						<button type="submit" name="do" value="continue" className="primary">
							Go on
						</button>
					)}
				</Form>
			)}
			{view.figures.length > 0 && (
				<Form className="row objectives" aria-label="Objectives">
					<Objective name="x" label="First objective" value={view.x} figures={view.figures} />
					<Objective name="y" label="Second objective" value={view.y} figures={view.figures} />
					<button type="submit">Show</button>
				</Form>
			)}
			<Panels panels={view.panels} heading="h2" artifactBase={null} />
			<section className="panel">
				<h2>Runs</h2>
				<DataTable
					caption={`The first ${Math.min(total, MOST_RUNS)} of ${total} runs`}
					columns={[
						{ key: 'run', label: 'Run' },
						{ key: 'status', label: 'State' },
						{ key: 'front', label: 'On the front' },
						...view.settings.map((setting) => withUnit(setting, 'in ')),
						...shown.map((figure) => withUnit(figure)),
					]}
					rows={view.rows}
					cell={(row, column) => (column.key === 'run' ? <Link to={`/runs/${row['run']}`}>{row['run']}</Link> : undefined)}
				/>
				<p className="row">
					All runs as <a href={`/api/v1/sweeps/${id}/export?format=csv`}>CSV</a>{' '}
					<a href={`/api/v1/sweeps/${id}/export?format=parquet`}>Parquet</a>{' '}
					<a href={`/api/v1/sweeps/${id}/export?format=json`}>JSON</a>
				</p>
			</section>
		</>
	);
}

function Objective({
	name,
	label,
	value,
	figures,
}: {
	readonly name: string;
	readonly label: string;
	readonly value: string;
	readonly figures: readonly { readonly path: string }[];
}) {
	return (
		<label>
			{label}{' '}
			<select name={name} defaultValue={value}>
				{figures.flatMap(({ path }) => [
					<option key={path} value={path}>
						{path}, more is better
					</option>,
					<option key={`-${path}`} value={`-${path}`}>
						{path}, less is better
					</option>,
				])}
			</select>
		</label>
	);
}
