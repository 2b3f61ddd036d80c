/** Bars: where the time of an iteration goes, and where the memory of a device goes. */
import type { Panel, Row } from '@assay/contract';
import type { EvaluatedOutput, Outputs } from './outputs.ts';

const GIBIBYTE = 2 ** 30;
const MOST_RANKED = 5;

/** The best settings and what others chose, named for a bar chart. */
function compared({ ranking, rivals }: Outputs): { readonly name: string; readonly choice: EvaluatedOutput }[] {
	return [
		...ranking.slice(0, MOST_RANKED).map((choice, index) => ({ name: `${index + 1}: ${choice.label}`, choice })),
		...rivals.flatMap(({ rival, choice }) => (choice === null ? [] : [{ name: `${rival}: ${choice.label}`, choice }])),
	];
}

/** Time by part. */
export function timeBars(outputs: Outputs): Panel[] {
	const rows = compared(outputs).flatMap(({ name, choice: { time } }): Row[] => [
		{ name, part: 'arithmetic and memory', seconds: time.computeSeconds },
		{ name, part: 'tensor parallel', seconds: time.tensorParallelSeconds },
		{ name, part: 'bubble', seconds: time.bubbleSeconds },
		{ name, part: 'pipeline messages', seconds: time.pipelineSeconds },
		{ name, part: 'data parallel', seconds: time.dataParallelSeconds },
		{ name, part: 'optimizer', seconds: time.stepSeconds },
	]);
	if (rows.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'Where the time goes',
			note: 'One iteration, part by part; the parts of a bar add up to the iteration.',
			x: { label: 'Time', unit: 's', zero: true },
			y: { label: 'Setting', scale: 'band' },
			color: { label: 'Part' },
			marks: [{ mark: 'bar', data: rows, x: 'seconds', y: 'name', along: 'x', color: 'part' }],
		},
	];
}

/** Memory by class, against the limit. */
export function memoryBars(outputs: Outputs): Panel[] {
	const rows = compared(outputs).flatMap(({ name, choice: { memory } }): Row[] => [
		{ name, part: 'weights', gibibytes: memory.weightBytes / GIBIBYTE },
		{ name, part: 'gradients', gibibytes: memory.gradientBytes / GIBIBYTE },
		{ name, part: 'optimizer', gibibytes: memory.optimizerBytes / GIBIBYTE },
		{ name, part: 'activations', gibibytes: memory.activationBytes / GIBIBYTE },
		{ name, part: 'logits', gibibytes: memory.logitBytes / GIBIBYTE },
		{ name, part: 'layer at work', gibibytes: memory.workingBytes / GIBIBYTE },
	]);
	if (rows.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'Where the memory goes',
			note: 'One device of the fuller of the first and the last stage, by formula. Beyond the line a setting does not fit.',
			x: { label: 'Memory', unit: 'GiB', zero: true },
			y: { label: 'Setting', scale: 'band' },
			color: { label: 'Class' },
			marks: [
				{ mark: 'bar', data: rows, x: 'gibibytes', y: 'name', along: 'x', color: 'part' },
				{ mark: 'rule', x: outputs.cluster.limitBytes / GIBIBYTE, label: 'limit' },
			],
		},
	];
}
