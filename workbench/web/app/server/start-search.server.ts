/** A search as a form describes it. */
import { describeFields, InputError, type System } from '@assay/contract';
import { searchRange } from '@assay/runs';
import { textOf } from '@assay/server';
import { SEARCH_ROWS } from '../components/search-form.tsx';

/** The specification that a form's fields stand for, to be checked like any other. Raises an InputError where something is left out. */
export function searchOfForm(system: System, form: FormData): Record<string, unknown> {
	const text = (name: string): string => textOf(form, name).trim();
	const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
	const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
	const vary = numbers(SEARCH_ROWS.vary).flatMap((at) => {
		const [path, values] = [text(`path${at}`), text(`values${at}`)];
		return path === '' || values === '' ? [] : [searchRange(path, values, fields, 'vary')];
	});
	if (vary.length === 0)
		throw new InputError({ path: ['vary'], found: 'nothing to vary', expected: 'an input and its range or values' });
	const objectives = numbers(SEARCH_ROWS.objectives).flatMap((at) => {
		const path = text(`objective${at}`);
		return path === '' ? [] : [{ path, goal: text(`goal${at}`) }];
	});
	if (objectives.length === 0)
		throw new InputError({ path: ['objectives'], found: 'nothing', expected: 'an output that is wanted small or large' });
	const constraints = numbers(SEARCH_ROWS.constraints).flatMap((at) => {
		const [path, bound] = [text(`constraint${at}`), text(`bound${at}`)];
		return path === '' ? [] : [{ path, relation: text(`relation${at}`), bound: bound === '' ? undefined : Number(bound) }];
	});
	return {
		inputs: system.examples.find(({ name }) => name === text('example'))?.inputs ?? {},
		method: text('method'),
		vary,
		objectives,
		constraints,
		evaluations: Number(text('evaluations') || '100'),
		population: Number(text('population') || '20'),
		seed: Number(text('seed') || '0'),
	};
}

/** What was written into a form, to be shown again beside what is wrong with it. */
export function entriesOf(form: FormData): Record<string, string> {
	return Object.fromEntries(
		[...form].flatMap(([name, value]) => (typeof value === 'string' && name !== 'csrf' ? [[name, value]] : [])),
	);
}
