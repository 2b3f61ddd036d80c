/** What would pay off for a model on a machine: every system that applies is run, and its gains are read off its run. */
import { startMissing } from '@assay/advise';
import { formatPath, InputError } from '@assay/contract';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import { useEffect } from 'react';
import {
	type ActionFunctionArgs,
	data,
	Form,
	type HeadersArgs,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useActionData,
	useLoaderData,
	useNavigation,
	useRevalidator,
} from 'react-router';
import { AdviceItem } from '../components/advice-item.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { Panels } from '../components/panels.tsx';
import type { FormProblem } from '../components/run-form.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { addressOfForm, adviceChoices, adviceOn, advicePage, questionOfAddress } from '../server/advise.server.ts';
import { asFormProblem } from '../server/problem.server.ts';

export const meta = ({ loaderData }: { loaderData?: { advice: { title: string } | null } }) =>
	pageMeta(
		loaderData?.advice === null || loaderData === undefined ? 'Advise' : `Advice: ${loaderData.advice.title}`,
		'Which techniques would pay off for your model on your machine, each computed by a run.',
	);

export async function loader({ context, request }: LoaderFunctionArgs) {
	const { services } = context.get(requestContext);
	const query = new URL(request.url).searchParams;
	const asked = Object.fromEntries(query);
	const choices = adviceChoices();
	try {
		const question = questionOfAddress(query);
		const advice = question === null ? null : advicePage(await adviceOn(services, question));
		const page = { choices, asked, advice, problem: null };
		const isUnderWay = advice !== null && (advice.pending.length > 0 || !advice.isCalibrated);
		// While runs are at work the page is another one each second.
		return data(page, isUnderWay ? { headers: { 'cache-control': 'no-store' } } : {});
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		const problem: FormProblem = { message: error.message, field: formatPath(error.path) };
		return data({ choices, asked, advice: null, problem }, { status: 422 });
	}
}

export const headers = ({ loaderHeaders }: HeadersArgs) => loaderHeaders;

/** Asks the question: queues the runs that are missing and goes to the address of the question. */
export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	if (textOf(form, 'do') !== 'ask') return redirect('/advise');
	takeFromBudget(site, 'run');
	try {
		const address = await addressOfForm(form, site.services.store);
		const question = questionOfAddress(new URL(address, 'http://here').searchParams);
		if (question !== null) await startMissing(site.services.queue, await adviceOn(site.services, question), visitor.id);
		return redirect(address);
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Advise() {
	const { choices, asked, advice, problem: wrongAddress } = useLoaderData<typeof loader>();
	const problem = useActionData<{ problem?: FormProblem }>()?.problem ?? wrongAddress;
	return (
		<>
			<header className="page-head">
				<h1>Advise</h1>
				<p className="lede">
					Name a model, a machine and what you want to do. Every system that applies is run on it, with its technique and without,
					and what would pay off comes first.
				</p>
			</header>
			{problem !== null && (
				<div className="message bad" role="alert">
					<p>{problem.message}</p>
				</div>
			)}
			<QuestionForm choices={choices} asked={asked} />
			{advice !== null && <Answer advice={advice} />}
		</>
	);
}

type PageData = Exclude<ReturnType<typeof useLoaderData<typeof loader>>['advice'], null>;

function Answer({ advice }: { readonly advice: PageData }) {
	const { title, answer, ranking, plot, pending, notApplicable, failed, isCalibrated } = advice;
	const isUnderWay = pending.some(({ status }) => status !== 'missing') || (ranking.length > 0 && !isCalibrated);
	useLookAgain(isUnderWay);
	return (
		<section className="section" aria-labelledby="answer">
			<h2 id="answer">{title}</h2>
			<p className="headline" aria-live="polite">
				{answer}
			</p>
			{pending.length > 0 && (
				<ul className="plain" aria-label="Runs under way">
					{pending.map(({ system, title: name, run, status, progress, note }) => (
						<li key={system}>
							<Link to={`/systems/${system}`}>{name}</Link>{' '}
							{status === 'missing' ? (
								<span className="note">has not been run on this yet: ask above.</span>
							) : (
								<>
									<progress max={1} value={status === 'queued' ? undefined : progress} aria-label={`Progress of ${name}`} />{' '}
									<Link className="note" to={`/runs/${run}`}>
										{status === 'queued'
											? 'waiting for its turn'
											: `${Math.round(progress * 100)} %${note === '' ? '' : `: ${note}`}`}
									</Link>
								</>
							)}
						</li>
					))}
				</ul>
			)}
			<noscript>{isUnderWay && <p className="message">Load the page again to see more.</p>}</noscript>
			{ranking.length > 0 && (
				<ol className="advice">
					{ranking.map((item) => (
						<AdviceItem key={item.system} item={item} />
					))}
				</ol>
			)}
			{ranking.length > 0 && (
				<p className="note">
					Each gain is a ratio of two figures of one run, with the technique and without it; above 1 is better. Gains of different
					techniques are never multiplied: nobody has run them together.
				</p>
			)}
			{plot !== null && <Panels panels={[plot]} artifactBase={null} />}
			{failed.length > 0 && (
				<section className="panel">
					<h3>What could not be run</h3>
					<ul>
						{failed.map(({ system, title: name, run, message }) => (
							<li key={system}>
								<Link to={`/systems/${system}`}>{name}</Link>: {message}{' '}
								{run !== null && <Link to={`/runs/${run}`}>Its run</Link>}
							</li>
						))}
					</ul>
				</section>
			)}
			{notApplicable.length > 0 && (
				<section className="panel">
					<h3>What does not apply</h3>
					<ul>
						{notApplicable.map(({ system, title: name, reason }) => (
							<li key={system}>
								<Link to={`/systems/${system}`}>{name}</Link>: {reason}
							</li>
						))}
					</ul>
				</section>
			)}
		</section>
	);
}

/** Loads the page's data again every second while something is under way. */
function useLookAgain(isUnderWay: boolean): void {
	const { revalidate, state } = useRevalidator();
	useEffect(() => {
		if (!isUnderWay || state !== 'idle') return;
		const timer = setTimeout(() => void revalidate(), 1000);
		return () => clearTimeout(timer);
	}, [isUnderWay, revalidate, state]);
}

function QuestionForm({
	choices,
	asked,
}: {
	readonly choices: ReturnType<typeof adviceChoices>;
	readonly asked: Readonly<Record<string, string>>;
}) {
	const { csrf, visitor } = useSite();
	const isSending = useNavigation().formData?.get('do') === 'ask';
	const hasMore = ['modelFile', 'machineFile', 'trace', 'budget'].some((part) => (asked[part] ?? '') !== '');
	return (
		<Form method="post" encType="multipart/form-data" preventScrollReset>
			<input type="hidden" name="csrf" value={csrf} />
			<input type="hidden" name="do" value="ask" />
			<div className="inputs">
				<div className="field">
					<label htmlFor="model">Model</label>
					<input id="model" name="model" list="models" defaultValue={asked['model']} maxLength={200} placeholder="llama-3-70b" />
					<Choices id="models" names={choices.models} />
				</div>
				<div className="field">
					<label htmlFor="machine">Machine</label>
					<input
						id="machine"
						name="machine"
						list="machines"
						defaultValue={asked['machine']}
						maxLength={200}
						placeholder="64xh100"
						aria-describedby="machine-help"
					/>
					<Choices id="machines" names={choices.machines} />
					<span className="help" id="machine-help">
						A device, a number of them such as 64xh100, or a cluster such as 4xdgx-a100.
					</span>
				</div>
				<div className="field">
					<label htmlFor="goal">Goal</label>
					<select id="goal" name="goal" defaultValue={asked['goal'] ?? 'train'}>
						{choices.goals.map((goal) => (
							<option key={goal} value={goal}>
								{goal}
							</option>
						))}
					</select>
				</div>
			</div>
			<details className="group" open={hasMore}>
				<summary>
					Your own files and limits <span className="note">model, machine, requests, budget</span>
				</summary>
				<fieldset className="inputs">
					<legend className="hidden-visually">Your own files and limits</legend>
					<FileField part="modelFile" label="Your model" help="A Hugging Face config.json. Leave the name empty." asked={asked} />
					<FileField
						part="machineFile"
						label="Your machines"
						help="YAML or JSON with devices and clusters; the name above picks one, else the first is taken."
						asked={asked}
					/>
					<FileField
						part="trace"
						label="Requests to serve"
						help="A CSV file of requests, or the name of a source."
						asked={asked}
					/>
					<div className="field">
						<label htmlFor="budget">Budget</label>
						<input
							id="budget"
							name="budget"
							defaultValue={asked['budget']}
							maxLength={30}
							placeholder="40$/h"
							aria-describedby="budget-help"
						/>
						<span className="help" id="budget-help">
							Rent per hour such as 40$/h, or money once such as 2000$.
						</span>
					</div>
				</fieldset>
			</details>
			<div className="row send">
				<button className="primary" type="submit" disabled={visitor === null || isSending}>
					{isSending ? 'Asking …' : 'Ask'}
				</button>
				{visitor === null && (
					<span className="note">
						Runs need an account: <Link to="/login">sign in</Link>.
					</span>
				)}
			</div>
		</Form>
	);
}

function Choices({ id, names }: { readonly id: string; readonly names: readonly string[] }) {
	return (
		<datalist id={id}>
			{names.map((name) => (
				<option key={name} value={name} />
			))}
		</datalist>
	);
}

function FileField({
	part,
	label,
	help,
	asked,
}: {
	readonly part: string;
	readonly label: string;
	readonly help: string;
	readonly asked: Readonly<Record<string, string>>;
}) {
	const kept = asked[part] ?? '';
	return (
		<div className="field">
			<label htmlFor={part}>{label}</label>
			<input id={part} name={`${part}.file`} type="file" aria-describedby={`${part}-help`} />
			{part === 'trace' ? (
				<label className="note" htmlFor={`${part}-source`}>
					or a source <input id={`${part}-source`} name={part} defaultValue={kept} maxLength={1024} />
				</label>
			) : (
				kept !== '' && (
					<label className="note">
						<input type="checkbox" name={part} value={kept} defaultChecked /> {kept.split('/').at(-1)}, brought before
					</label>
				)
			)}
			<span className="help" id={`${part}-help`}>
				{help}
			</span>
		</div>
	);
}
