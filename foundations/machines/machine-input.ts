/** The machine among a system's inputs: a known one by name, or one of the user's own file; and the machine a user asks advice about. */
import { dataReference, InputError, type RunContext, type Subject, text } from '@assay/contract';
import { z } from 'zod';
import type { Cluster } from './cluster.ts';
import { parseMachineFile } from './machine-file.ts';
import { catalogueWith, resolveMachine } from './resolve.ts';

/** Largest machine file that is read. */
const MAX_FILE_BYTES = 1 << 20;

/** The input field `machine`: a name, looked up in the user's file first where there is one. */
export function machineInput(standard: string) {
	return z
		.strictObject({
			name: text({
				default: standard,
				help: 'A known machine, or a number of them: rtx-4090, 8xh100, 4xdgx-a100 (`assay machines`); or one of the file’s.',
			}),
			file: dataReference({
				help: 'Your own machines: a YAML or JSON file with devices and clusters.',
				mediaTypes: ['application/yaml', 'application/json'],
			}).optional(),
		})
		.prefault({});
}

/** What {@link machineInput} parses to. */
export type MachineInput = z.output<ReturnType<typeof machineInput>>;

/** The machine of a run. Raises an `InputError` that names the input or the place in the file. */
export async function readMachine(input: MachineInput, context: Pick<RunContext, 'open'>): Promise<Cluster> {
	const place = ['machine', 'name'];
	if (input.file === undefined) return resolveMachine(input.name, place);
	const file = await context.open(input.file);
	return catalogueWith(parseMachineFile(await file.text(MAX_FILE_BYTES), file.name)).resolveMachine(input.name, place);
}

/** The machine that advice is asked about, and the input that gives it to a run; or why there is none. */
export function subjectMachine(
	subject: Subject,
): { readonly cluster: Cluster; readonly input: z.input<ReturnType<typeof machineInput>> } | { readonly reason: string } {
	if (subject.machine === undefined) return { reason: 'no machine is named' };
	try {
		const cluster = resolveMachine(subject.machine);
		if (typeof subject.machine === 'string') return { cluster, input: { name: subject.machine } };
		const file = subject.machineFile;
		if (file !== undefined) return { cluster, input: { name: file.name, file: file.reference } };
		return { reason: 'the machine comes without a file that a run could open' };
	} catch (error) {
		if (error instanceof InputError) return { reason: error.message };
		throw error;
	}
}
