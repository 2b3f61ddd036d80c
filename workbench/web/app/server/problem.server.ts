/** Mistakes in a form, sent back to the page it was on. */
import { formatPath, InputError } from '@assay/contract';
import { data } from 'react-router';

/** An InputError as the answer of an action, with the field it is about; anything else is thrown on. */
export function asFormProblem(error: unknown) {
	if (!(error instanceof InputError)) throw error;
	return data({ problem: { message: error.message, field: formatPath(error.path) } }, { status: 422 });
}
