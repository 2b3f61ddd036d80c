/** One sweep: how far it is, its trade-offs, and every run of it. */
import { findSystem } from '@assay/catalog';
import { keptSearch, readResultColumns, takeInResults } from '@assay/runs';
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
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { Figure, Panels } from '../components/panels.tsx';
import { SweepRuns } from '../components/sweep-runs.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { sweepFigures } from '../server/sweep-figures.server.ts';
import { sweepPlots } from '../server/sweep-plots.server.ts';
import { sweepRuns } from '../server/sweep-runs.server.ts';
import { sensitivityView } from '../server/sweep-sensitivity.server.ts';

const LOOK_AGAIN_MILLISECONDS = 1500;
/** Longest that a page waits for figures to be read off new runs; it shows what there is then, and goes on when it is opened again. */
const READING_MILLISECONDS = 800;
/** Figures that the table of runs shows beside the objectives. */
const MORE_FIGURES = 3;
/** Settings that plots may show. */
const MOST_SETTINGS = 12;

export const meta = ({ loaderData }: { loaderData?: { id: string; title: string } }) =>
	pageMeta(`${loaderData?.title ?? ''}: sweep ${loaderData?.id ?? ''}`, 'A system over a range of its inputs.');

export async function loader({ context, params, request }: LoaderFunctionArgs) {
	const { services, visitor } = context.get(requestContext);
	const { store, queue } = services;
	const sweep = await store.getSweep(params['id'] ?? '');
	const { card, load } = findSystem(sweep.system);
	const query = new URL(request.url).searchParams;
	const isActive = await queue.isSweepActive(sweep.id);
	const search = await keptSearch(store, sweep.id);
	const taken = await takeInResults(store, sweep.id, READING_MILLISECONDS);
	const known = await sweepFigures(store, await load(), sweep.id, { x: query.get('x'), y: query.get('y') });
	const { settings, figures, objectives } = known;
	const bounds = search?.specification.constraints.map((one) => ({ ...one, path: `outputs.${one.path}` })) ?? [];
	const columns = await readResultColumns(
		store.database,
		sweep.id,
		[...settings.slice(0, MOST_SETTINGS), ...(objectives ?? []), ...bounds].map(({ path }) => path),
	);
	const plots = objectives === null ? null : sweepPlots(columns, settings.slice(0, MOST_SETTINGS), objectives, bounds);
	const weighed = objectives === null ? [] : [...new Map(objectives.map((one) => [one.path, one])).values()];
	const shown = [...new Map([...settings, ...weighed, ...figures.slice(0, MORE_FIGURES)].map((one) => [one.path, one])).values()];
	const isComplete = taken.taken === taken.total;
	return {
		id: sweep.id,
		slug: card.slug,
		title: card.title,
		counts: await store.sweepCounts(sweep.id),
		mayChange: mayChange(visitor, sweep),
		isActive,
		executor: sweep.executor,
		search: search === null ? null : { method: search.specification.method, evaluations: search.specification.evaluations },
		mistake: queue.searchMistake(sweep.id),
		taken,
		figures,
		objectives: objectives?.map(({ towards, name }) => `${towards < 0 ? '-' : ''}${name}`) ?? [],
		panels: plots?.panels ?? [],
		// While runs are coming in, it would be worked out anew at every look.
		sensitivities:
			isActive || !isComplete ? null : await Promise.all(weighed.map((figure) => sensitivityView(store, sweep.id, figure))),
		runs: await sweepRuns(
			store,
			sweep.id,
			query,
			shown.map(({ path }) => path),
			plots?.front ?? new Set(),
		),
		columns: { shown, all: [...settings, ...figures] },
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
	const sweep = useLoaderData<typeof loader>();
	const { id, slug, title, counts, mayChange: isMine, isActive, executor, mistake, taken, objectives } = sweep;
	const { csrf } = useSite();
	const { revalidate } = useRevalidator();
	const made = Object.values(counts).reduce((sum, count) => sum + count, 0);
	// A search makes its runs as it goes.
	const total = Math.max(made, sweep.search?.evaluations ?? 0);
	const hasEnded = counts.done + counts.failed === total;
	const isReading = taken.taken < taken.total;
	const [x = '', y = ''] = objectives;
	useEffect(() => {
		if (!isActive && !isReading) return;
		const timer = setInterval(() => void revalidate(), LOOK_AGAIN_MILLISECONDS);
		return () => clearInterval(timer);
	}, [isActive, isReading, revalidate]);
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
					{sweep.search !== null && `Search by ${sweep.search.method}: `}
					{counts.done.toLocaleString('en-US')} of {total.toLocaleString('en-US')} runs done
					{counts.failed > 0 && `, ${counts.failed.toLocaleString('en-US')} failed`}
					{isActive && (executor === 'distributed' ? ', left to workers' : ', working')}
				</p>
			</header>
			<progress max={total} value={counts.done + counts.failed} aria-label="Runs that have ended" />
			{mistake !== null && (
				<div className="message bad" role="alert">
					<p>{mistake}</p>
				</div>
			)}
			{isMine && (!hasEnded || isActive) && (
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
			{isReading && (
				<p className="note">
					Figures of {taken.taken.toLocaleString('en-US')} of {taken.total.toLocaleString('en-US')} runs have been read so far;
					open the page again for more.
				</p>
			)}
			{sweep.figures.length > 0 && (
				<Form className="row objectives" aria-label="Objectives">
					<Objective name="x" label="First objective" value={x} figures={sweep.figures} />
					<Objective name="y" label="Second objective" value={y} figures={sweep.figures} />
					<button type="submit">Show</button>
				</Form>
			)}
			<Panels panels={sweep.panels} heading="h2" artifactBase={null} />
			{sweep.figures.length > 0 && (
				<section className="panel">
					<h2>What matters most</h2>
					{sweep.search !== null && (
						<p className="note">Runs of a search crowd where its results are good: shares are of what varied among them.</p>
					)}
					{sweep.sensitivities === null && (
						<p className="note">It is worked out when no run is at work and all figures have been read.</p>
					)}
					{sweep.sensitivities?.map(({ output, says, found, panel }) => (
						<div key={output} className="matters">
							<p>
								<Named text={says} />
							</p>
							{found !== '' && <p className="note">{found}</p>}
							{panel !== null && <Figure panel={panel} />}
						</div>
					))}
				</section>
			)}
			<SweepRuns id={id} view={sweep.runs} columns={sweep.columns} objectives={{ x, y }} />
		</>
	);
}

/** A sentence in which names stand between backquotes. */
function Named({ text }: { readonly text: string }) {
	return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part));
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
	readonly figures: readonly { readonly name: string }[];
}) {
	return (
		<label>
			{label}{' '}
			<select name={name} defaultValue={value}>
				{figures.flatMap(({ name: figure }) => [
					<option key={figure} value={figure}>
						{figure}, more is better
					</option>,
					<option key={`-${figure}`} value={`-${figure}`}>
						{figure}, less is better
					</option>,
				])}
			</select>
		</label>
	);
}
