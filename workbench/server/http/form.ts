/** The forms of our pages. */
import { isCsrfTokenValid } from '@assay/feed';
import type { RequestContext } from '../request-context.ts';
import { HttpError } from './problem.ts';

/** Reads a form and makes sure that one of our pages made it. */
export async function readForm(request: Request, context: RequestContext): Promise<FormData> {
	const type = request.headers.get('content-type') ?? '';
	if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) throw new HttpError(415, 'Expected a form.');
	let form: FormData;
	try {
		form = await request.formData();
	} catch (error) {
		throw new HttpError(400, `The form could not be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	const token = form.get('csrf');
	if (typeof token !== 'string' || !isCsrfTokenValid(context.services.secrets, context.session, token))
		throw new HttpError(403, 'This form has expired. Load the page again and repeat what you did.');
	return form;
}

/** A text field of a form; empty if it is missing or a file. */
export function textOf(form: FormData, name: string): string {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
}
