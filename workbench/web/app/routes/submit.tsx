/** Submits a paper by hand. */
import { importPapers, parseSubmission, submitPaper, titleKey } from '@assay/feed';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import { type ActionFunctionArgs, Form, type LoaderFunctionArgs, redirect, useActionData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { asFormProblem } from '../server/problem.server.ts';

const FIELDS = [
	{ name: 'title', label: 'Title', help: 'As printed on the paper.', rows: 1, isRequired: true },
	{
		name: 'arxiv',
		label: 'arXiv',
		help: 'An id such as 2407.00123, or any address of the paper on arXiv.',
		rows: 1,
		isRequired: false,
	},
	{ name: 'doi', label: 'DOI', help: 'Such as 10.1063/5.0232456.', rows: 1, isRequired: false },
	{ name: 'publishedOn', label: 'Published on', help: 'YYYY-MM-DD.', rows: 1, isRequired: false },
	{ name: 'authors', label: 'Authors', help: 'In order, one a line.', rows: 3, isRequired: false },
	{ name: 'organisation', label: 'Organisation', help: 'If the paper is one organisation’s.', rows: 1, isRequired: false },
	{ name: 'abstract', label: 'Abstract', help: 'Plain text.', rows: 7, isRequired: false },
	{ name: 'tags', label: 'Topics', help: 'Separated by semicolons.', rows: 1, isRequired: false },
	{ name: 'code', label: 'Code', help: 'Address of the authors’ code.', rows: 1, isRequired: false },
	{ name: 'project', label: 'Project page', help: 'Its address.', rows: 1, isRequired: false },
] as const;

export const meta = () => pageMeta('Submit a paper', 'Adds a paper to the feed.');

export function loader({ context, request }: LoaderFunctionArgs) {
	requireVisitor(context.get(requestContext), request);
	return null;
}

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	const { database } = site.services;
	try {
		const batch = parseSubmission(
			Object.fromEntries(FIELDS.map(({ name }) => [name, textOf(form, name)])),
			site.now.toISOString().slice(0, 10),
		);
		const [paper] = batch.papers;
		if (paper === undefined) throw new TypeError('a submission made no paper');
		takeFromBudget(site, 'submission');
		const add = async (): Promise<number> => {
			const report = await importPapers(database, batch, { source: 'submission', now: site.now, submittedBy: visitor.id });
			const [entry] = report.entries;
			if (entry === undefined) throw new TypeError('a submission made no entry');
			return entry.paperId;
		};
		const submitted = await submitPaper(
			database,
			visitor,
			{ arxivId: paper.arxivId, doi: paper.doi, titleKey: titleKey(paper.title) },
			add,
			site.now,
		);
		return redirect(`/papers/${submitted.slug}${submitted.duplicate ? '?known=1' : ''}`);
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Submit() {
	const problem = useActionData<{ readonly problem?: FormProblem }>()?.problem;
	const { csrf } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Submit a paper</h1>
				<p className="lede">A paper that is here already is shown instead of being added twice.</p>
			</header>
			{problem !== undefined && (
				<div className="message bad" role="alert">
					<p>{problem.message}</p>
				</div>
			)}
			<Form method="post">
				<input type="hidden" name="csrf" value={csrf} />
				{FIELDS.map(({ name, label, help, rows, isRequired }) => (
					<div className="field wide" key={name}>
						<label htmlFor={name}>{label}</label>
						{rows > 1 ? (
							<textarea id={name} name={name} rows={rows} aria-describedby={`${name}-help`} />
						) : (
							<input
								id={name}
								name={name}
								required={isRequired}
								aria-describedby={`${name}-help`}
								aria-invalid={problem?.field === name ? true : undefined}
							/>
						)}
						<span className="help" id={`${name}-help`}>
							{help}
						</span>
					</div>
				))}
				<button type="submit" className="primary">
					Submit
				</button>
			</Form>
		</div>
	);
}
