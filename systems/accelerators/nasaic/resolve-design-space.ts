/** The design space that some inputs describe. */
import { InputError, type RunContext } from '@assay/contract';
import { resolveNetwork } from '@assay/models/network';
import { readAccuracyTable } from './accuracy/accuracy-table.ts';
import { BUILT_IN_DATAFLOWS, BUILT_IN_MAPPINGS, type BuiltInDataflow } from './cost/built-in-mappings.ts';
import type { Mapping } from './cost/mapping.ts';
import { parseMapping } from './cost/parse-mapping.ts';
import type { Inputs, TaskInput } from './inputs.ts';
import { layersOfNetwork } from './networks/layers-of-network.ts';
import { createDesignSpace, type DesignSpace } from './search/design-space.ts';
import { backboneOf, builtInTask, fixedTask, type Task, tableTask } from './search/task.ts';

const MAX_TEXT_BYTES = 1 << 20;

/** Raises an `InputError` that names the input or the file. */
export async function resolveDesignSpace(inputs: Inputs, context: Pick<RunContext, 'open'>): Promise<DesignSpace> {
	if (inputs.evaluator === 'train') refuseUntrainable(inputs);
	const tasks: Task[] = [];
	for (const key of ['task1', 'task2', 'task3'] as const) {
		const task = await resolveTask(inputs[key], key, context);
		if (task !== null) tasks.push(task);
	}
	if (tasks.length === 0)
		throw new InputError({
			path: ['task1', 'kind'],
			found: 'none, like the others',
			expected: 'at least one task',
			nearest: 'cifar-10',
		});
	const { accelerators, organisation, elements, bandwidth } = inputs.chip;
	return createDesignSpace({
		tasks,
		mappings: await resolveMappings(inputs.chip, context),
		accelerators,
		organisation,
		mostElements: elements,
		mostBandwidth: bandwidth,
	});
}

/** Training here knows ResNet9s on generated shapes. */
function refuseUntrainable(inputs: Inputs): void {
	for (const key of ['task1', 'task2', 'task3'] as const) {
		const { kind, accuracies } = inputs[key];
		if (kind === 'nuclei')
			throw new InputError({
				path: [key, 'kind'],
				found: 'nuclei, with evaluator train',
				expected: 'cifar-10 or stl-10, whose networks can be trained here; the trainer has no up-convolutions for a U-Net',
				nearest: 'cifar-10',
			});
		if (accuracies !== undefined)
			throw new InputError({
				path: [key, 'accuracies'],
				found: 'a table, with evaluator train',
				expected: 'a table or training, not both',
			});
	}
	const kinds = [inputs.task1.kind, inputs.task2.kind, inputs.task3.kind];
	if (!kinds.some((kind) => kind === 'cifar-10' || kind === 'stl-10'))
		throw new InputError({
			path: ['evaluator'],
			found: 'train, with given networks only',
			expected: 'a task cifar-10 or stl-10, whose network is searched',
			nearest: 'surrogate',
		});
}

async function resolveTask(input: TaskInput, key: string, context: Pick<RunContext, 'open'>): Promise<Task | null> {
	const { kind, network, accuracies, weight } = input;
	if (kind === 'none') return null;
	if (kind === 'network') return fixedTask(layersOfNetwork(await resolveNetwork(network, context), [key, 'network']));
	if (accuracies === undefined) return builtInTask(kind, weight);
	const file = await context.open(accuracies);
	const decisions = backboneOf(kind).decisions.map(({ name }) => name);
	return tableTask(kind, weight, readAccuracyTable(await file.text(MAX_TEXT_BYTES), file.name, decisions));
}

async function resolveMappings({ dataflows, mapping }: Inputs['chip'], context: Pick<RunContext, 'open'>): Promise<Mapping[]> {
	const names = dataflows.split(',').map((name) => name.trim());
	const mappings: Mapping[] = [];
	for (const name of new Set(names.filter((one) => one !== ''))) {
		if (!isBuiltIn(name))
			throw new InputError({
				path: ['chip', 'dataflows'],
				found: JSON.stringify(name),
				expected: `names out of ${BUILT_IN_DATAFLOWS.join(', ')}`,
				nearest: 'dla',
			});
		mappings.push(BUILT_IN_MAPPINGS[name]);
	}
	if (mapping !== undefined) {
		const file = await context.open(mapping);
		mappings.push(parseMapping('own', await file.text(MAX_TEXT_BYTES), [file.name]));
	}
	if (mappings.length === 0)
		throw new InputError({
			path: ['chip', 'dataflows'],
			found: 'none',
			expected: `names out of ${BUILT_IN_DATAFLOWS.join(', ')}`,
			nearest: 'dla',
		});
	return mappings;
}

function isBuiltIn(name: string): name is BuiltInDataflow {
	return BUILT_IN_DATAFLOWS.some((one) => one === name);
}
