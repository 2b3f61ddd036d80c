/** What a sweep's page needs to know of its settings and figures: which there are, their units, and the two that are weighed against each other. */
import { describeFields, type System } from '@assay/contract';
import { keptSearch, listResultColumns, type RunStore } from '@assay/runs';
import type { Direction } from '@assay/search';

export interface SweepFigure {
	/** As in conditions: `inputs.` or `outputs.` and the path. */
	readonly path: string;
	/** The path alone. */
	readonly name: string;
	readonly unit: string | null;
}

/** A figure that is wanted large (1) or small (-1). */
export interface Objective extends SweepFigure {
	readonly towards: Direction;
}

export interface SweepFigures {
	/** Inputs in which the runs differ. */
	readonly settings: readonly SweepFigure[];
	/** Numbers among the outputs in which the runs differ. */
	readonly figures: readonly SweepFigure[];
	/** None where no run has a figure. */
	readonly objectives: readonly [Objective, Objective] | null;
}

/** `wanted` are output paths, with a minus before what is better small; where they are none, a search's own objectives or the first figures. */
export async function sweepFigures(
	store: RunStore,
	system: System,
	sweep: string,
	wanted: { readonly x: string | null; readonly y: string | null },
): Promise<SweepFigures> {
	const columns = (await listResultColumns(store.database, sweep)).filter(({ varies }) => varies);
	const side = (prefix: string, units: ReadonlyMap<string, string>, ofNumbers: boolean): SweepFigure[] =>
		columns.flatMap(({ path, isNumeric }) => {
			if (!path.startsWith(prefix) || (ofNumbers && !isNumeric)) return [];
			const name = path.slice(prefix.length);
			return [{ path, name, unit: units.get(name) ?? null }];
		});
	const figures = side('outputs.', unitsOf(system, 'output'), true);
	const search = await keptSearch(store, sweep);
	const sought = (search?.specification.objectives ?? []).map(({ path, goal }) => `${goal === 'minimize' ? '-' : ''}${path}`);
	const objective = (place: 0 | 1): Objective | null => {
		for (const text of [place === 0 ? wanted.x : wanted.y, sought[place] ?? null]) {
			const figure = figures.find(({ name }) => name === text?.replace(/^-/, ''));
			if (figure !== undefined) return { ...figure, towards: text?.startsWith('-') === true ? -1 : 1 };
		}
		const figure = figures[Math.min(place, figures.length - 1)];
		return figure === undefined ? null : { ...figure, towards: 1 };
	};
	const [x, y] = [objective(0), objective(1)];
	return {
		settings: side('inputs.', unitsOf(system, 'input'), false),
		figures,
		objectives: x === null || y === null ? null : [x, y],
	};
}

function unitsOf(system: System, side: 'input' | 'output'): ReadonlyMap<string, string> {
	const fields = describeFields(side === 'input' ? system.inputs : system.outputs, side);
	return new Map(
		fields.flatMap((field) =>
			field.unit === undefined || field.unit === '1' ? [] : [[field.path.join('.'), field.unit] as const],
		),
	);
}
