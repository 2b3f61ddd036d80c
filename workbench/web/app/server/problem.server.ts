/** Mistakes in a form, sent back to the page it was on. */
import { formatPath, InputError } from '@assay/contract';
import { data } from 'react-router';

/** An InputError as the answer of an action, with the field it is about and what was entered; anything else is thrown on. */
export function asFormProblem(error: unknown, entered: Readonly<Record<string, string>> = {}) {
	if (!(error instanceof InputError)) throw error;
	return data({ problem: { message: error.message, field: formatPath(error.path) }, entered }, { status: 422 });
}
