/** One system: its question, a form to run it, and what became of its claims. */
import { findSystem } from '@assay/catalog';
import { formatBytes, formatDuration } from '@assay/report/format';
import { calibrationLines, knownCalibration, measurableClaims } from '@assay/runs';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import {
	type ActionFunctionArgs,
	data,
	type HeadersArgs,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useLoaderData,
} from 'react-router';
import { ClaimTable } from '../components/claim-table.tsx';
import { LiveSystem } from '../components/live-system.tsx';
import { MeasureAgain } from '../components/measure-again.tsx';
import { pageMeta } from '../components/meta.ts';
import { RunForm } from '../components/run-form.tsx';
import { Trust } from '../components/trust.tsx';
import { canRun, requireVisitor } from '../server/access.server.ts';
import { claimRows } from '../server/claims.server.ts';
import { runForm } from '../server/run-form.server.ts';
import { startRun } from '../server/start-run.server.ts';

export const meta = ({ loaderData }: { loaderData?: { card: { title: string; question: string } } }) =>
	pageMeta(loaderData?.card.title ?? 'System', loaderData?.card.question ?? '');

export async function loader({ context, params, request }: LoaderFunctionArgs) {
	const { services, isStatic } = context.get(requestContext);
	const entry = findSystem(params['slug'] ?? '');
	const system = await entry.load();
	const url = new URL(request.url);
	// A link may carry the inputs of an earlier run, to be changed before it is run again.
	const from = url.searchParams.get('from');
	const earlier = from === null ? undefined : await services.store.get(from);
	const { card } = entry;
	const measurement = services.queue.measurement(card.slug);
	const page = {
		card,
		form: runForm(system, {
			example: url.searchParams.get('example') ?? undefined,
			...(earlier?.system === card.slug && { inputs: earlier.inputs, seed: earlier.seed }),
		}),
		canRun: canRun(context.get(requestContext)),
		isLive: card.runsOn === 'anywhere',
		trust: calibrationLines(await knownCalibration(services.store, entry)),
		claims: await claimRows(services, entry),
		measurement,
		isStatic,
	};
	// While claims are measured the page is another one each second.
	return data(page, measurement === null ? {} : { headers: { 'cache-control': 'no-store' } });
}

export const headers = ({ loaderHeaders }: HeadersArgs) => loaderHeaders;

export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const slug = params['slug'] ?? '';
	const form = await readForm(request, site);
	if (textOf(form, 'do') !== 'measure') return startRun(site, visitor, slug, form);
	takeFromBudget(site, 'run');
	const { card, load } = findSystem(slug);
	const claims = measurableClaims(await load(), textOf(form, 'which') === 'all' ? 'all' : 'quick');
	site.services.queue.measureClaims(card.slug, claims);
	return redirect(`/systems/${card.slug}#claims`);
}

export default function SystemPage() {
	const { card, form, canRun, isLive, trust, claims, measurement, isStatic } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">{card.domain}</p>
				<h1>{card.title}</h1>
				<p className="lede">{card.question}</p>
				<p className="byline">
					The system of <Link to={`/papers/${card.slug}`}>{card.paper.title}</Link> ({card.paper.year})
					{card.paper.code !== undefined && (
						<>
							{' '}
							· <a href={card.paper.code}>the authors’ code</a>
						</>
					)}
				</p>
			</header>
			{isLive && (
				<section className="section" id="live">
					<h2>Try it here</h2>
					<LiveSystem slug={card.slug} form={form} />
				</section>
			)}
			{!isStatic && (
				<section className="section" id="run">
					<h2>Run it on your own inputs</h2>
					<RunForm form={form} canRun={canRun} base={`/systems/${card.slug}`} />
					<p className="note">
						To explore a range of inputs, <Link to={`/sweeps/new/${card.slug}`}>start a sweep</Link>. On shared workers each run
						may take {formatDuration(card.limits.seconds)} and {formatBytes(card.limits.bytes)} of memory.
					</p>
				</section>
			)}
			<section className="section" id="trust">
				<h2>How far to trust it</h2>
				<Trust lines={trust} />
			</section>
			<section className="section" id="claims">
				<h2>What it claims, measured again</h2>
				<MeasureAgain slug={card.slug} measurement={measurement} />
				<ClaimTable claims={claims} />
			</section>
		</>
	);
}
