/** Two or more runs side by side. */
import { flatten, type Scalar } from './flatten.ts';
import type { Run } from './run-record.ts';

export interface ComparedFigure {
	readonly path: string;
	/** One value a run, in the order given; null where a run has no such figure. */
	readonly values: readonly Scalar[];
	readonly differs: boolean;
	/** Last over first, where both are numbers and the first is not 0. */
	readonly ratio: number | null;
}

/** The runs' inputs and outputs, figure by figure. */
export function compareRuns(runs: readonly Run[]): { readonly inputs: ComparedFigure[]; readonly outputs: ComparedFigure[] } {
	return { inputs: compare(runs.map((run) => flatten(run.inputs))), outputs: compare(runs.map((run) => flatten(run.outputs))) };
}

function compare(sides: readonly Map<string, Scalar>[]): ComparedFigure[] {
	const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))];
	return paths.map((path) => {
		const values = sides.map((side) => side.get(path) ?? null);
		const first = values[0] ?? null;
		const last = values.at(-1) ?? null;
		return {
			path,
			values,
			differs: values.some((value) => value !== first),
			ratio: typeof first === 'number' && typeof last === 'number' && first !== 0 ? last / first : null,
		};
	});
}
