/** The model among a system's inputs: a known one by name, or the user's own file; and the model a user asks advice about. */
import { dataReference, InputError, type RunContext, type Subject, text } from '@assay/contract';
import { z } from 'zod';
import type { TransformerModel } from './transformer.ts';
import { resolveModel } from './zoo.ts';

/** Largest config.json that is read. */
const MAX_CONFIG_BYTES = 1 << 20;

/** The input field `model`: a name, or a file that wins over it. */
export function modelInput(standard: string) {
	return z
		.strictObject({
			name: text({ default: standard, help: 'A known model (`assay models`).' }),
			config: dataReference({
				help: 'Your own model: a Hugging Face config.json or a model description. Wins over the name.',
				mediaTypes: ['application/json'],
			}).optional(),
		})
		.prefault({});
}

/** What {@link modelInput} parses to. */
export type ModelInput = z.output<ReturnType<typeof modelInput>>;

/** The model of a run. Raises an `InputError` that names the input or the file. */
export async function readModel(input: ModelInput, context: Pick<RunContext, 'open'>): Promise<TransformerModel> {
	if (input.config === undefined) return resolveModel(input.name, ['model', 'name']);
	const file = await context.open(input.config);
	const content = await file.text(MAX_CONFIG_BYTES);
	let json: unknown;
	try {
		json = JSON.parse(content);
	} catch (error) {
		throw new InputError({
			path: [file.name],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'JSON as in a Hugging Face config.json',
		});
	}
	return resolveModel(json, [file.name]);
}

/** The model that advice is asked about, and the input that gives it to a run; or why there is none. */
export function subjectModel(
	subject: Subject,
): { readonly model: TransformerModel; readonly input: z.input<ReturnType<typeof modelInput>> } | { readonly reason: string } {
	if (subject.model === undefined) return { reason: 'no model is named' };
	try {
		const model = resolveModel(subject.model);
		if (typeof subject.model === 'string') return { model, input: { name: subject.model } };
		if (subject.modelFile !== undefined) return { model, input: { config: subject.modelFile } };
		return { reason: 'the model comes without a file that a run could open' };
	} catch (error) {
		if (error instanceof InputError) return { reason: error.message };
		throw error;
	}
}
