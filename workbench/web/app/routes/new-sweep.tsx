/** Starts a sweep: which inputs vary, and over what. Or a search: which may vary, and what is wanted of the outputs. */
import { findSystem } from '@assay/catalog';
import { describeFields, InputError } from '@assay/contract';
import { gridAxis, randomRange } from '@assay/runs';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import {
	type ActionFunctionArgs,
	Form,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useActionData,
	useLoaderData,
} from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { Scroller } from '../components/scroller.tsx';
import { SearchForm } from '../components/search-form.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { asFormProblem } from '../server/problem.server.ts';
import { entriesOf, searchOfForm } from '../server/start-search.server.ts';

const AXES = [1, 2, 3, 4];

export const meta = ({ loaderData }: { loaderData?: { title: string; isSearch: boolean } }) =>
	loaderData?.isSearch === true
		? pageMeta(`New search: ${loaderData.title}`, 'Search the inputs of a system for the best outputs.')
		: pageMeta(`New sweep: ${loaderData?.title ?? ''}`, 'Run a system over ranges of its inputs.');

export async function loader({ params, context, request }: LoaderFunctionArgs) {
	requireVisitor(context.get(requestContext), request);
	const { card, load } = findSystem(params['system'] ?? '');
	const system = await load();
	const fields = describeFields(system.inputs).filter((field) => !field.nested && field.kind !== 'json' && field.kind !== 'data');
	return {
		slug: card.slug,
		title: card.title,
		isSearch: new URL(request.url).searchParams.has('search'),
		examples: system.examples.map(({ name, says }) => ({ name, says })),
		outputs: describeFields(system.outputs, 'output').flatMap(({ path, help, kind }) =>
			kind === 'number' || kind === 'integer' ? [{ path: path.join('.'), help }] : [],
		),
		paths: fields.map((field) => ({
			path: field.path.join('.'),
			help: field.help,
			unit: field.unit ?? '',
			range: field.choices?.join(', ') ?? (field.min === undefined ? '' : `${field.min} to ${field.max ?? '∞'}`),
		})),
	};
}

export async function action({ params, context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	takeFromBudget(site, 'run');
	try {
		const { card, load } = findSystem(params['system'] ?? '');
		const system = await load();
		if (textOf(form, 'kind') === 'search') {
			const specification = searchOfForm(system, form);
			const search = await site.services.queue.addSearch({ system: card.slug, specification, folder: null, userId: visitor.id });
			return redirect(`/sweeps/${search.id}`);
		}
		const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
		const axes = AXES.map((number) => ({
			path: textOf(form, `path${number}`).trim(),
			values: textOf(form, `values${number}`).trim(),
			kind: textOf(form, `kind${number}`),
		})).filter((axis) => axis.path !== '' && axis.values !== '');
		if (axes.length === 0)
			throw new InputError({ path: ['axis'], found: 'nothing to vary', expected: 'an input and its values' });
		const ranges = axes.filter((axis) => axis.kind === 'random').map((axis) => randomRange(axis.path, axis.values, 'axis'));
		const specification = {
			inputs: system.examples.find((example) => example.name === textOf(form, 'example'))?.inputs ?? {},
			grid: axes.filter((axis) => axis.kind !== 'random').map((axis) => gridAxis(axis.path, axis.values, fields, 'axis')),
			seed: Number(textOf(form, 'seed') || '0'),
			...(ranges.length > 0 && { random: { samples: Number(textOf(form, 'samples') || '20'), ranges } }),
		};
		const sweep = await site.services.queue.addSweep({ system: card.slug, specification, folder: null, userId: visitor.id });
		return redirect(`/sweeps/${sweep.id}`);
	} catch (error) {
		return asFormProblem(error, entriesOf(form));
	}
}

export default function NewSweep() {
	const { slug, title, isSearch, examples, paths, outputs } = useLoaderData<typeof loader>();
	const answer = useActionData<{ problem?: FormProblem; entered?: Record<string, string> }>();
	const problem = answer?.problem;
	const { csrf } = useSite();
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">
					<Link to={`/systems/${slug}`}>{title}</Link>
				</p>
				<h1>{isSearch ? 'New search' : 'New sweep'}</h1>
				<p className="lede">
					{isSearch
						? 'Looks for the inputs with the best outputs: a method says what to run next from what has run. The same search, started again, goes on where it stopped.'
						: 'All combinations of the grids are run, each with as many random draws as you ask for. The same sweep, started again, goes on where it stopped.'}
				</p>
				<p>
					{isSearch ? (
						<Link to="?">Run over all of a range instead</Link>
					) : (
						<Link to="?search">Search for the best inputs instead</Link>
					)}
				</p>
			</header>
			{problem !== undefined && (
				<div className="message bad" role="alert">
					<p>{problem.message}</p>
				</div>
			)}
			{isSearch ? (
				<SearchForm csrf={csrf} examples={examples} outputs={outputs} entered={answer?.entered ?? {}} />
			) : (
				<SweepForm csrf={csrf} examples={examples} />
			)}
			<datalist id="paths">
				{paths.map((field) => (
					<option key={field.path} value={field.path}>
						{field.help}
					</option>
				))}
			</datalist>
			<section className="section">
				<h2>Inputs that can vary</h2>
				<Scroller label="Inputs that can vary">
					<table>
						<thead>
							<tr>
								<th scope="col">Input</th>
								<th scope="col">Values</th>
								<th scope="col">Unit</th>
								<th scope="col">What it is</th>
							</tr>
						</thead>
						<tbody>
							{paths.map((field) => (
								<tr key={field.path}>
									<td>
										<code>{field.path}</code>
									</td>
									<td>{field.range}</td>
									<td>{field.unit}</td>
									<td>{field.help}</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroller>
			</section>
		</>
	);
}

function SweepForm({ csrf, examples }: { readonly csrf: string; readonly examples: readonly { readonly name: string }[] }) {
	return (
		<Form method="post">
			<input type="hidden" name="csrf" value={csrf} />
			<div className="field">
				<label htmlFor="example">Around the example</label>
				<select id="example" name="example">
					{examples.map((example) => (
						<option key={example.name} value={example.name}>
							{example.name}
						</option>
					))}
				</select>
			</div>
			{AXES.map((number) => (
				<fieldset key={number} className="row axis">
					<legend className="hidden-visually">Axis {number}</legend>
					<label>
						Input {number} <input name={`path${number}`} list="paths" autoComplete="off" />
					</label>
					<label>
						varies over{' '}
						<select name={`kind${number}`}>
							<option value="grid">a grid</option>
							<option value="random">random draws</option>
						</select>
					</label>
					<label>
						values{' '}
						<input
							name={`values${number}`}
							placeholder={number === 1 ? '40,53.3,100 or 10..40:5' : '1..100:log'}
							maxLength={2000}
						/>
					</label>
				</fieldset>
			))}
			<div className="row">
				<label>
					Random draws <input type="number" name="samples" min={1} max={100000} defaultValue={20} className="seed" />
				</label>
				<label>
					Seed <input type="number" name="seed" min={0} max={4294967295} defaultValue={0} className="seed" />
				</label>
				<button type="submit" className="primary">
					Start
				</button>
			</div>
		</Form>
	);
}
