/** One run: its progress while it works, then its answer, tables and plots, and how to repeat it. */
import { findSystem } from '@assay/catalog';
import { formatBytes, formatDuration } from '@assay/report/format';
import { calibrationLines, knownCalibration } from '@assay/runs';
import { HttpError, mayChange, readForm, requestContext, requireRights, textOf } from '@assay/server';
import { useEffect, useState } from 'react';
import {
	type ActionFunctionArgs,
	Form,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useLoaderData,
	useRevalidator,
} from 'react-router';
import { Moment } from '../components/day.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { Panels } from '../components/panels.tsx';
import { StatusChip } from '../components/status-chip.tsx';
import { Trust } from '../components/trust.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { panelsOf, runLine } from '../server/run-views.server.ts';

export const meta = ({ loaderData }: { loaderData?: { run: { id: string; headline: string | null }; title: string } }) =>
	pageMeta(
		loaderData === undefined ? 'Run' : `${loaderData.title}: run ${loaderData.run.id}`,
		loaderData?.run.headline ?? 'A run of a system.',
	);

export async function loader({ context, params }: LoaderFunctionArgs) {
	const { services, visitor } = context.get(requestContext);
	const { store } = services;
	const run = await store.get(params['id'] ?? '');
	const entry = findSystem(run.system);
	return {
		run: {
			...runLine(run),
			progress: run.progress,
			note: run.note,
			error: run.error,
			log: run.log,
			inputs: run.inputs,
			environment: run.environment,
			version: run.version,
		},
		title: entry.card.title,
		trust: calibrationLines(await knownCalibration(store, entry)),
		mayChange: mayChange(visitor, run),
		panels: await panelsOf(run),
		artifacts: await store.artifacts(run.id),
	};
}

/** Stops, resumes, repeats or deletes a run. */
export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	const { store, queue } = site.services;
	const run = await store.get(params['id'] ?? '');
	const wish = textOf(form, 'do');
	if (wish !== 'repeat') requireRights(visitor, run);
	switch (wish) {
		case 'stop':
			await queue.cancel(run.id);
			return redirect(`/runs/${run.id}`);
		case 'resume':
			await queue.resume(run.id);
			return redirect(`/runs/${run.id}`);
		case 'repeat': {
			const { system, version, seed, inputs } = run;
			return redirect(`/runs/${(await queue.add({ system, version, seed, inputs }, visitor.id)).id}`);
		}
		case 'delete':
			await store.remove(run.id);
			return redirect('/runs');
		default:
			throw new HttpError(400, 'Unknown action.');
	}
}

export default function RunPage() {
	const { run, title, trust, mayChange: isMine, panels, artifacts } = useLoaderData<typeof loader>();
	const isUnderWay = run.status === 'queued' || run.status === 'running';
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">
					<Link to={`/systems/${run.system}`}>{title}</Link>
				</p>
				<h1>
					Run <code>{run.id}</code>
				</h1>
				<p className="byline row">
					<StatusChip status={run.status} />
					<Moment at={run.createdAt} />
					{run.seconds !== null && <span>took {formatDuration(run.seconds)}</span>}
					<span>seed {run.seed}</span>
				</p>
			</header>
			{run.headline !== null && <p className="headline">{run.headline}</p>}
			{run.status === 'done' && <Trust lines={trust} />}
			{isUnderWay && <Progress id={run.id} progress={run.progress} note={run.note} status={run.status} />}
			{run.error !== null && (
				<div className="message bad" role="alert">
					<p>{run.error.split('\n')[0]}</p>
					{run.error.includes('\n') && (
						<details>
							<summary>Where it happened</summary>
							<pre>{run.error}</pre>
						</details>
					)}
				</div>
			)}
			{run.log.length > 0 && (
				<ul className="log" aria-label="Log of the run">
					{[...new Set(run.log.map((line) => `${line.level}: ${line.message}`))].map((line) => (
						<li key={line} className="note">
							{line}
						</li>
					))}
				</ul>
			)}
			<Actions id={run.id} system={run.system} status={run.status} mayChange={isMine} />
			<Panels panels={panels} heading="h2" artifactBase={`/api/v1/runs/${run.id}/artifacts`} />
			{artifacts.length > 0 && (
				<section className="panel">
					<h2>Files</h2>
					<ul>
						{artifacts.map((artifact) => (
							<li key={artifact.name}>
								<a href={`/api/v1/runs/${run.id}/artifacts/${artifact.name}`} download={artifact.name}>
									{artifact.name}
								</a>{' '}
								<span className="note">{formatBytes(artifact.bytes)}</span>
							</li>
						))}
					</ul>
				</section>
			)}
			<section className="panel">
				<h2>Repeat this run</h2>
				<p>
					<code>npx assay runs repeat {run.id}</code>
				</p>
				<p className="row">
					Results as <a href={`/api/v1/runs/${run.id}`}>JSON</a> <a href={`/api/v1/runs/${run.id}/report.html`}>one HTML file</a>{' '}
					<a href={`/api/v1/runs/${run.id}/export?format=csv`}>CSV</a>
					<a href={`/api/v1/runs/${run.id}/export?format=parquet`}>Parquet</a>
				</p>
				<details>
					<summary>All inputs</summary>
					<pre>{JSON.stringify(run.inputs, null, 2)}</pre>
				</details>
				{run.environment !== null && (
					<details>
						<summary>What it was computed on</summary>
						<pre>{JSON.stringify(run.environment, null, 2)}</pre>
					</details>
				)}
			</section>
		</>
	);
}

function Actions({
	id,
	system,
	status,
	mayChange: isMine,
}: {
	readonly id: string;
	readonly system: string;
	readonly status: string;
	/** Whether the visitor may stop, resume and delete it. */
	readonly mayChange: boolean;
}) {
	const { csrf, visitor } = useSite();
	if (visitor === null) return null;
	const isUnderWay = status === 'queued' || status === 'running';
	const canResume = status === 'stopped' || status === 'interrupted' || status === 'failed';
	return (
		<Form method="post" className="row actions">
			<input type="hidden" name="csrf" value={csrf} />
			{isUnderWay && isMine && (
				<button type="submit" name="do" value="stop">
					Cancel
				</button>
			)}
			{canResume && isMine && (
				<button type="submit" name="do" value="resume" className="primary">
					Run it again
				</button>
			)}
			{status === 'done' && (
				<button type="submit" name="do" value="repeat">
					Repeat exactly
				</button>
			)}
			<Link className="button" to={`/systems/${system}?from=${id}#run`}>
				Change inputs
			</Link>
			{!isUnderWay && isMine && (
				<button type="submit" name="do" value="delete" className="quiet danger">
					Delete
				</button>
			)}
		</Form>
	);
}

/** Progress as the server tells it, with an estimate of what is left. Without script the page says how to look again. */
function Progress({
	id,
	progress,
	note,
	status,
}: {
	readonly id: string;
	readonly progress: number;
	readonly note: string;
	readonly status: string;
}) {
	const { revalidate } = useRevalidator();
	const [state, setState] = useState({ fraction: progress, note });
	const [started] = useState(() => (typeof performance === 'undefined' ? 0 : performance.now()));
	useEffect(() => {
		const events = new EventSource(`/api/v1/runs/${id}/events`);
		const listen = (
			kind: string,
			act: (data: { readonly fraction: number; readonly note: string; readonly status: string }) => void,
		): void => events.addEventListener(kind, (event) => act(JSON.parse(event.data)));
		listen('progress', ({ fraction, note: said }) => setState({ fraction, note: said }));
		listen('state', ({ status: now }) => {
			if (now !== status) void revalidate();
			if (now !== 'running' && now !== 'queued') events.close();
		});
		return () => events.close();
	}, [id, status, revalidate]);
	const elapsed = typeof performance === 'undefined' ? 0 : (performance.now() - started) / 1000;
	const left =
		state.fraction - progress > 0.02 && elapsed > 1 ? (elapsed / (state.fraction - progress)) * (1 - state.fraction) : null;
	return (
		<section aria-label="Progress" className="progress">
			<progress max={1} value={status === 'queued' ? undefined : state.fraction} aria-label="Progress of the run" />
			<p className="note" aria-live="polite">
				{status === 'queued' ? 'Waiting for its turn.' : `${Math.round(state.fraction * 100)} %: ${state.note}`}
				{left !== null && `, about ${formatDuration(left)} left`}
			</p>
			<noscript>
				<p>
					<a href={`/runs/${id}`}>Look again</a>
				</p>
			</noscript>
		</section>
	);
}
