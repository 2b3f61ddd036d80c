/** Starts a run from the form on a system's or a paper's page. */
import { findSystem } from '@assay/catalog';
import { formatPath, InputError, parseInputs } from '@assay/contract';
import type { User } from '@assay/feed';
import { prepareRun } from '@assay/runs';
import { type RequestContext, takeFromBudget, textOf } from '@assay/server';
import { data, redirect } from 'react-router';
import { inputsFromForm } from './run-form.server.ts';

/** Goes to the run's page, or back to the form with what is wrong. */
export async function startRun(site: RequestContext, visitor: User, slug: string, form: FormData) {
	takeFromBudget(site, 'run');
	const { store, queue } = site.services;
	const { card, load } = findSystem(slug);
	try {
		const system = await load();
		const inputs = await inputsFromForm(system, form, store);
		parseInputs(system, inputs);
		const request = await prepareRun(store, { system: card.slug, inputs, seed: seedOf(textOf(form, 'seed')), folder: null });
		return redirect(`/runs/${(await queue.add(request, visitor.id)).id}`);
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		return data({ runProblem: { message: error.message, field: formatPath(error.path) } }, { status: 422 });
	}
}

function seedOf(text: string): number {
	const seed = Number(text === '' ? '0' : text);
	if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
	throw new InputError({ path: ['seed'], found: text, expected: 'an integer from 0 to 4294967295' });
}
