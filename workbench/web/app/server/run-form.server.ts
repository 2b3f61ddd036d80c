/** The form of a system's inputs, read off its schema, and the inputs read back from what a visitor sends. */
import { describeFields, type Field, InputError, nearestName, type System, show } from '@assay/contract';
import { getAt, keepUpload, type RunStore, setAt, settingValue } from '@assay/runs';
import { sources } from '@assay/sources';

export interface FormField {
	/** `trace.requestsPerSecond` */
	readonly name: string;
	readonly label: string;
	readonly kind: Field['kind'];
	readonly help: string;
	readonly unit: string | null;
	readonly min: number | null;
	readonly max: number | null;
	readonly maxLength: number | null;
	readonly choices: readonly string[];
	readonly isOptional: boolean;
	/** What the field shows: text of a number, choice or JSON; `true` or `false`; empty if it is left out. */
	readonly value: string;
	readonly defaultText: string;
}

export interface FormGroup {
	/** Empty for the inputs at the top. */
	readonly name: string;
	readonly fields: readonly FormField[];
}

export interface RunFormData {
	readonly system: string;
	readonly groups: readonly FormGroup[];
	readonly examples: readonly { readonly name: string; readonly says: string }[];
	readonly example: string;
	/** Names of sources that data inputs can take. */
	readonly sources: readonly string[];
	readonly seed: number;
}

/** The form of a system, filled from an example, or from the inputs of an earlier run. */
export function runForm(
	system: System,
	options: { readonly example?: string | undefined; readonly inputs?: unknown; readonly seed?: number },
): RunFormData {
	const names = system.examples.map((example) => example.name);
	const example = system.examples.find((one) => one.name === (options.example ?? names[0]));
	if (example === undefined) {
		const found = options.example ?? '';
		throw new InputError({
			path: ['example'],
			found: show(found),
			expected: `one of ${names.join(', ')}`,
			nearest: nearestName(found, names),
		});
	}
	const filled = options.inputs ?? example.inputs;
	const groups = new Map<string, FormField[]>([['', []]]);
	for (const field of describeFields(system.inputs)) {
		if (field.nested) continue;
		const group = field.path.length > 1 ? (field.path[0] ?? '') : '';
		groups.set(group, [...(groups.get(group) ?? []), formField(field, getAt(filled, field.path.join('.')))]);
	}
	return {
		system: system.card.slug,
		groups: [...groups].filter(([, fields]) => fields.length > 0).map(([name, fields]) => ({ name, fields })),
		examples: system.examples.map(({ name, says }) => ({ name, says })),
		example: example.name,
		sources: sources.map((source) => source.name),
		seed: options.seed ?? 0,
	};
}

function formField(field: Field, given: unknown): FormField {
	const name = field.path.join('.');
	const value = given === undefined ? field.default : given;
	return {
		name,
		label: words(field.path.slice(field.path.length > 1 ? 1 : 0)),
		kind: field.kind,
		help: field.help,
		unit: field.unit === undefined || field.unit === '1' ? null : field.unit,
		min: field.min ?? null,
		max: field.max ?? null,
		maxLength: field.maxLength ?? null,
		choices: field.choices ?? [],
		isOptional: field.optional && field.default === undefined,
		value: textOf(value),
		defaultText: textOf(field.default),
	};
}

function textOf(value: unknown): string {
	if (value === undefined || value === null) return '';
	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Short names that are written in capitals. */
const CAPITALS = new Set([
	'cpu',
	'gpu',
	'hlt',
	'l1',
	'l1t',
	'led',
	'kv',
	'ttft',
	'tbt',
	'e2e',
	'llm',
	'ssd',
	'hbm',
	'fp4',
	'fp8',
	'int8',
]);

/** `Requests per second` of `requestsPerSecond`, `GPU HLT` of `gpuHlt`. */
function words(path: readonly string[]): string {
	const steps = path.map((step) =>
		step
			.replace(/([a-z0-9])([A-Z])/g, '$1 $2')
			.toLowerCase()
			.split(/[ -]/)
			.map((word) => (CAPITALS.has(word) ? word.toUpperCase() : word))
			.join(' '),
	);
	const text = steps.join(': ');
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The inputs that a form says, over the example it started from. Files are kept in the store and named by their content. */
export async function inputsFromForm(system: System, form: FormData, store: RunStore): Promise<unknown> {
	let inputs: unknown = {};
	for (const field of describeFields(system.inputs)) {
		if (field.nested) continue;
		const name = field.path.join('.');
		if (field.kind === 'data') {
			const file = form.get(`${name}.file`);
			if (file instanceof File && file.size > 0) {
				inputs = setAt(inputs, name, await keepUpload(store.blobs, file, name, field.mediaTypes));
				continue;
			}
		}
		const text = form.get(name);
		if (typeof text !== 'string') continue;
		if (text.trim() === '' && field.kind !== 'text') continue;
		if (text === '' && field.default === undefined) continue;
		// The schema knows its defaults; saying them would also say that an optional group is there.
		if (text === textOf(field.default)) continue;
		inputs = setAt(inputs, name, field.kind === 'boolean' ? text === 'true' : settingValue(text, field));
	}
	return inputs;
}
