/** What a user asks about, from names and files to the subject that systems are shown. */
import { type DataFile, InputError, type Path, type Subject, show } from '@assay/contract';
import { catalogueWith, describeCluster, parseMachineFile, resolveMachine } from '@assay/machines';
import { resolveModel } from '@assay/models';
import { listNetworks } from '@assay/models/network';
import { z } from 'zod';

/** Largest config.json or machine file that is read. */
const MAX_FILE_BYTES = 1 << 20;

/** Goals that advice is given for. */
export const goals = ['serve', 'train', 'fine-tune', 'edge', 'design-chip'] as const satisfies readonly Subject['goal'][];

const reference = z.string().min(1).max(1024);

/** A question as it comes from a command line, a form or the API: names, or references to files. */
export const questionSchema = z.strictObject({
	model: z.string().min(1).max(200).optional().meta({ description: 'A known model; left out where a file is given.' }),
	modelFile: reference.optional().meta({ description: 'A Hugging Face config.json or a model description.' }),
	machine: z.string().min(1).max(200).optional().meta({
		description: 'A known machine such as 64xh100 or rtx-4090, or one of the machine file; its first one if left out.',
	}),
	machineFile: reference.optional().meta({ description: 'Your own machines, YAML or JSON.' }),
	goal: z.enum(goals).default('train').meta({ description: 'What is to be done with the model on the machine.' }),
	trace: reference.optional().meta({ description: 'Requests to serve: a CSV file, or the name of a source.' }),
	budget: z
		.string()
		.regex(/^\$?\d+(\.\d+)?\$?(\/h)?$/, { message: 'an amount such as 40$/h or 2000$' })
		.max(30)
		.optional()
		.meta({ description: 'Most you would pay: 40$/h of rent, or 2000$ once.' }),
});

/** A question, checked. */
export type Question = z.output<typeof questionSchema>;

/** Reads the files of a question. Raises an `InputError` that names the option or the place in the file. */
export async function subjectOf(question: Question, open: (reference: string) => Promise<DataFile>): Promise<Subject> {
	const { goal, trace, budget } = question;
	return {
		...(await modelOf(question, open)),
		...(await machineOf(question, open)),
		goal,
		...(trace !== undefined && { trace }),
		...(budget !== undefined && { budget: budgetOf(budget) }),
	};
}

/** Raises an `InputError` unless a name is that of a known model or of a built-in network. */
function requireKnown(model: string): void {
	const isNetwork = listNetworks().some(({ name }) => name === model.trim().toLowerCase());
	if (!isNetwork) resolveModel(model, ['model']);
}

async function modelOf(
	{ model, modelFile }: Question,
	open: (reference: string) => Promise<DataFile>,
): Promise<Pick<Subject, 'model' | 'modelFile'>> {
	if (modelFile !== undefined) {
		const file = await open(modelFile);
		const content = parseJson(await file.text(MAX_FILE_BYTES), [file.name]);
		resolveModel(content, [file.name]);
		return { model: content, modelFile };
	}
	if (model === undefined) return {};
	requireKnown(model);
	return { model };
}

async function machineOf(
	{ machine, machineFile }: Question,
	open: (reference: string) => Promise<DataFile>,
): Promise<Pick<Subject, 'machine' | 'machineFile'>> {
	if (machineFile !== undefined) {
		const file = await open(machineFile);
		const own = parseMachineFile(await file.text(MAX_FILE_BYTES), file.name);
		const name = machine ?? own.clusters[0]?.name ?? own.devices[0]?.name;
		if (name === undefined) throw new InputError({ path: [file.name], found: 'no machine', expected: 'devices or clusters' });
		const cluster = catalogueWith(own).resolveMachine(name, ['machine']);
		return { machine: describeCluster(cluster), machineFile: { reference: machineFile, name } };
	}
	if (machine === undefined) return {};
	resolveMachine(machine, ['machine']);
	return { machine };
}

function budgetOf(text: string): NonNullable<Subject['budget']> {
	const dollars = Number(text.replace(/[$/h]/g, ''));
	return text.endsWith('/h') ? { dollarsPerHour: dollars } : { dollars };
}

function parseJson(text: string, path: Path): Record<string, unknown> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new InputError({
			path,
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'JSON as in a Hugging Face config.json',
		});
	}
	if (typeof json !== 'object' || json === null || Array.isArray(json))
		throw new InputError({ path, found: show(json), expected: 'an object, as in a Hugging Face config.json' });
	return Object.fromEntries(Object.entries(json));
}

/** The subject in a few words: `llama-3-70b on 64xh100, to train`. */
export function subjectText(subject: Subject): string {
	const name = (value: Subject['model'], fallback: string): string => {
		if (typeof value === 'string') return value;
		const named = value?.['name'] ?? value?.['_name_or_path'];
		return typeof named === 'string' && named !== '' ? named : fallback;
	};
	const model = subject.model === undefined ? 'no model' : name(subject.model, 'your model');
	const machine =
		subject.machine === undefined ? '' : ` on ${subject.machineFile?.name ?? name(subject.machine, 'your machine')}`;
	const goal: Record<Subject['goal'], string> = {
		serve: 'to serve',
		train: 'to train',
		'fine-tune': 'to fine-tune',
		edge: 'at the edge',
		'design-chip': 'to design hardware for',
	};
	return `${model}${machine}, ${goal[subject.goal]}`;
}
