import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { sweepPlots } from './sweep-plots.server.ts';

const figure = (name: string) => ({ path: `outputs.${name}`, name, unit: null });

test('the front is that of the runs within the bounds: each is compared with all of them', () => {
	const random = createRandom(1);
	const draw = () => Array.from({ length: 200 }, () => random.integer(21));
	const [cost, gain, heat]: (number | null)[][] = [draw(), draw(), draw()];
	// A run without a bounded figure keeps no bound.
	if (heat !== undefined) heat[7] = null;
	const cells = new Map([
		['outputs.cost', cost ?? []],
		['outputs.gain', gain ?? []],
		['outputs.heat', heat ?? []],
	]);
	const columns = { positions: Int32Array.from({ length: 200 }, (_, index) => 3 * index), cells };
	const at = (name: string, row: number): number => cells.get(`outputs.${name}`)?.[row] ?? Number.NaN;
	const { front, panels } = sweepPlots(
		columns,
		[],
		[
			{ ...figure('cost'), towards: -1 },
			{ ...figure('gain'), towards: 1 },
		],
		[{ path: 'outputs.heat', relation: 'at most', bound: 9 }],
	);
	const rows = Array.from({ length: 200 }, (_, row) => row).filter((row) => at('heat', row) <= 9);
	const beats = (a: number, b: number): boolean =>
		at('cost', a) <= at('cost', b) &&
		at('gain', a) >= at('gain', b) &&
		(at('cost', a) < at('cost', b) || at('gain', a) > at('gain', b));
	const expected = rows.filter((row) => !rows.some((other) => beats(other, row)));
	expect([...front].sort((a, b) => a - b)).toEqual(expected.map((row) => 3 * row));
	const plot = panels[0];
	const drawn = plot?.kind === 'plot' && plot.marks[0]?.mark === 'dot' ? plot.marks[0].data : [];
	expect(drawn.filter(({ kind }) => kind === 'outside the bounds')).toHaveLength(200 - rows.length);
});
