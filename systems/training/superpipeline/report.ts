/** The answer, then the panels of the kind of run. */
import type { Panel } from '@assay/contract';
import type { Outputs } from './outputs.ts';
import { planPanels } from './report/report-plan.ts';
import { runPanels } from './report/report-run.ts';
import { trainingPanels } from './report/report-training.ts';

export function report(outputs: Outputs): Panel[] {
	const { answer, notes, planned, ran, trained, units } = outputs;
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...notes] },
		...(planned === null ? [] : planPanels(planned)),
		...(ran === null ? [] : runPanels(ran)),
		...(trained === null ? [] : trainingPanels(trained)),
		...(units.length === 0 ? [] : [unitTable(units)]),
		...(planned === null && ran === null
			? []
			: [
					{
						kind: 'file' as const,
						title: 'Schedule',
						artifact: 'schedule.json',
						note: 'Which units stay, which travel, and through how many slots.',
					},
				]),
	];
}

function unitTable(units: Outputs['units']): Panel {
	return {
		kind: 'table',
		title: 'Units',
		columns: [
			{ key: 'name', label: 'Unit' },
			{ key: 'weightMegabytes', label: 'Weights', unit: 'MB' },
			{ key: 'gigaflops', label: 'Work', unit: 'GFLOP' },
			{ key: 'milliseconds', label: 'Time', unit: 'ms' },
			{ key: 'outputMegabytes', label: 'Hands on', unit: 'MB' },
			{ key: 'carries', label: 'Tensors' },
		],
		rows: alike(units).map(({ first, last, unit: { weightBytes, flops, seconds, outputBytes, carries } }) => ({
			name: first === last ? first : `${first} to ${last}`,
			weightMegabytes: weightBytes / 1e6,
			gigaflops: flops === null ? null : flops / 1e9,
			milliseconds: 1e3 * seconds,
			outputMegabytes: outputBytes / 1e6,
			carries,
		})),
	};
}

/** Runs of units with the same figures, by the names of the first and the last. */
function alike(units: Outputs['units']): { first: string; last: string; unit: Outputs['units'][number] }[] {
	const figures = ({ name: _, ...rest }: Outputs['units'][number]): string => JSON.stringify(rest);
	const runs: ReturnType<typeof alike> = [];
	for (const unit of units) {
		const run = runs.at(-1);
		if (run !== undefined && figures(run.unit) === figures(unit)) run.last = unit.name;
		else runs.push({ first: unit.name, last: unit.name, unit });
	}
	return runs;
}
