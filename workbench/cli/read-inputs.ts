/** Inputs from a command line: an example, then a file, then single settings, the later over the earlier. */
import { dirname, resolve } from 'node:path';
import { describeFields, type Field, InputError, nearestName, type System, show } from '@assay/contract';
import { setAt } from '@assay/runs/input-path';
import { openFile } from '@assay/sources';

export interface InputOptions {
	readonly example?: string;
	readonly inputs?: string;
	readonly set: readonly string[];
	readonly seed: string;
}

export interface RawInputs {
	readonly inputs: unknown;
	/** Folder that relative paths in the inputs start from: the file's own, or where the command was given. */
	readonly folder: string;
}

/** Where the user stood: npm scripts run in the project's folder and tell the user's own. */
export function workingFolder(): string {
	return process.env['npm_lifecycle_event'] === 'start' ? (process.env['INIT_CWD'] ?? process.cwd()) : process.cwd();
}

/** Raw inputs of a system from options and from flags such as `--trace.rate 70`. */
export async function readInputs(system: System, options: InputOptions, flags: readonly string[] = []): Promise<RawInputs> {
	let folder = workingFolder();
	let inputs: unknown = exampleInputs(system, options.example);
	if (options.inputs !== undefined) {
		const file = resolve(folder, options.inputs);
		inputs = await readStructuredFile(file);
		folder = dirname(file);
	}
	// With its parser of lists and tables, which most verbs have no use for.
	const { settingValue } = await import('@assay/runs/setting-value');
	const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
	for (const [path, text] of [...options.set.map(splitSetting), ...splitFlags(flags, fields)]) {
		inputs = setAt(inputs, path, settingValue(text, fields.get(path)));
	}
	return { inputs, folder };
}

function exampleInputs(system: System, name: string | undefined): unknown {
	if (name === undefined) return system.examples[0].inputs;
	const found = system.examples.find((example) => example.name === name);
	if (found !== undefined) return found.inputs;
	const names = system.examples.map((example) => example.name);
	throw new InputError({
		path: ['example'],
		found: show(name),
		expected: `one of ${names.join(', ')}`,
		nearest: nearestName(name, names),
	});
}

/** A JSON or YAML file, at most 16 MiB, with the line of the first mistake. */
export async function readStructuredFile(path: string): Promise<unknown> {
	const file = await openFile(path);
	const text = await file.text(16 * 1024 * 1024);
	const { LineCounter, parseDocument } = await import('yaml');
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const mistake = document.errors[0];
	if (mistake !== undefined) {
		const { line, col } = lines.linePos(mistake.pos[0]);
		throw new InputError({ path: [file.name, `line ${line}, column ${col}`], found: mistake.message, expected: 'JSON or YAML' });
	}
	return document.toJS({ maxAliasCount: 100 });
}

function splitSetting(setting: string): [string, string] {
	const at = setting.indexOf('=');
	if (at <= 0) throw new InputError({ path: ['--set'], found: show(setting), expected: 'path=value' });
	return [setting.slice(0, at), setting.slice(at + 1)];
}

/** `--path value`, `--path=value`, and `--path` alone for a yes. */
function splitFlags(flags: readonly string[], fields: ReadonlyMap<string, Field>): [string, string][] {
	const settings: [string, string][] = [];
	for (let i = 0; i < flags.length; i++) {
		const flag = flags[i] ?? '';
		if (!flag.startsWith('--'))
			throw new InputError({
				path: ['command line'],
				found: show(flag),
				expected: 'an option such as --seed 1, or an input such as --path value',
			});
		const equals = flag.indexOf('=');
		const path = flag.slice(2, equals < 0 ? undefined : equals);
		const field = fields.get(path);
		if (field === undefined) {
			throw new InputError({
				path: ['command line', flag],
				found: 'an unknown option',
				expected: 'an option of `assay run` or the path of an input',
				nearest: nearestName(path, [...fields.keys(), 'example', 'inputs', 'set', 'seed', 'out', 'threads', 'json']),
			});
		}
		if (equals >= 0) settings.push([path, flag.slice(equals + 1)]);
		else if (field.kind === 'boolean' && (flags[i + 1] ?? '--').startsWith('--')) settings.push([path, 'true']);
		else settings.push([path, flags[++i] ?? '']);
	}
	return settings;
}

/** A whole number from an option's text. */
export function integerOption(text: string, name: string, min: number, max: number): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
		throw new InputError({ path: [`--${name}`], found: show(text), expected: `an integer from ${min} to ${max}` });
	}
	return value;
}
