/** The submission form. It works offline: an arXiv id is checked by its syntax only. */
import { InputError, nearestName, show } from '@assay/contract';
import { z } from 'zod';
import { parseArxivId } from './arxiv-id.ts';
import { type Import, titledPaper } from './import.ts';
import { cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText, cleanUrl } from './values.ts';

const field = (limit: number) => z.string().max(limit, `at most ${limit} characters`).default('');

/** The fields of the form, all as text; an empty field says nothing. */
export const submissionSchema = z.strictObject({
	title: field(500),
	abstract: field(10_000),
	/** An id, or any URL of arXiv. */
	arxiv: field(200),
	doi: field(300),
	publishedOn: field(20),
	/** One a line, or separated by semicolons. */
	authors: field(20_000),
	organisation: field(300),
	tags: field(1_000),
	code: field(2_000),
	project: field(2_000),
});
export type Submission = z.input<typeof submissionSchema>;

/** Reads a submission as a paper to be listed on `today`. Raises an InputError that names the first field that cannot be read. */
export function parseSubmission(form: unknown, today: string): Import {
	const parsed = submissionSchema.safeParse(form);
	if (!parsed.success) throw formError(parsed.error, form);
	const fields = parsed.data;
	const title = cleanText(fields.title);
	if (title === null) throw new InputError({ path: ['title'], found: 'nothing', expected: 'the title of the paper' });
	const checked = <Value>(name: keyof typeof fields, read: (text: string) => Value | null, expected: string): Value | null => {
		const value = fields[name].trim() === '' ? null : read(fields[name]);
		if (value === null && fields[name].trim() !== '') throw new InputError({ path: [name], found: show(fields[name]), expected });
		return value;
	};
	const list = (value: string): string[] | null => cleanNames(value.split(/\s*[;\n]\s*/));
	const authors = list(fields.authors);
	const publishedOn = checked('publishedOn', cleanDay, 'a day such as 2025-12-26');
	const paper = {
		...titledPaper(title, null),
		abstract: cleanText(fields.abstract),
		arxivId: checked('arxiv', parseArxivId, 'an arXiv id such as 2407.00123 or cs/0112017')?.id ?? null,
		doi: checked('doi', cleanDoi, 'a DOI such as 10.1063/5.0232456'),
		publishedOn,
		yearInferred: publishedOn === null ? null : false,
		listedOn: today,
		authorsCount: authors?.length ?? null,
		authors,
		organisations: cleanNames([fields.organisation]),
		tags: list(fields.tags),
		links: cleanLinks({
			code: checked('code', cleanUrl, 'an http or https address'),
			project: checked('project', cleanUrl, 'an http or https address'),
		}),
	};
	return { papers: [paper], messages: [], listing: null };
}

function formError(error: z.ZodError, form: unknown): InputError {
	const [issue] = error.issues;
	const path = (issue?.path ?? []).filter((step) => typeof step !== 'symbol');
	if (issue?.code === 'unrecognized_keys') {
		const known = Object.keys(submissionSchema.shape);
		const key = issue.keys[0] ?? '';
		return new InputError({
			path: [key],
			found: 'an unknown field',
			expected: known.join(', '),
			nearest: nearestName(key, known),
		});
	}
	return new InputError({
		path: path.length > 0 ? path : ['form'],
		found: show(valueAt(form, path)),
		expected: issue?.message ?? 'a form',
	});
}

function valueAt(form: unknown, path: readonly PropertyKey[]): unknown {
	return path.reduce<unknown>(
		(value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
		form,
	);
}
