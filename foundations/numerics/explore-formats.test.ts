import type { Panel } from '@assay/contract';
import { expect, test } from 'vitest';
import { formatPanels } from './explore-formats.ts';
import { parseFormat } from './format-name.ts';
import { Philox } from './philox.ts';

const rowsOf = (panel: Panel | undefined) =>
	panel?.kind === 'table'
		? panel.rows
		: panel?.kind === 'plot'
			? panel.marks.flatMap((mark) => ('data' in mark ? mark.data : []))
			: [];
const named = (panels: readonly Panel[], title: string) => rowsOf(panels.find((panel) => panel.title === title));

test('a uniform integer has the signal to noise that 6.02 dB a bit predict', () => {
	const philox = new Philox(1);
	const values = Float32Array.from({ length: 100_000 }, (_, i) => 2 * (philox.uint32(i) / 2 ** 32) - 1);
	const rows = named(formatPanels([parseFormat('int8'), parseFormat('int4')], values, 'uniform numbers'), 'Formats');
	// Signal 1/3, noise step^2 / 12 with step 1/127 or 1/7.
	expect(rows[0]?.['asTheyAre']).toBeCloseTo(10 * Math.log10(4 * 127 ** 2), 1);
	expect(rows[1]?.['asTheyAre']).toBeCloseTo(10 * Math.log10(4 * 7 ** 2), 1);
});

test('every value is on the line, and rounding is as fine as the fraction is long', () => {
	const panels = formatPanels([parseFormat('e2m1'), parseFormat('fp16')], Float32Array.of(1, 2.6, 1e-3, 7), 'four numbers');
	const line = named(panels, 'Every value that there is').map((row) => row['value']);
	expect(line).toEqual([-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6].map((value) => value / 6));
	const fine = named(panels, 'How finely each rounds').filter((row) => row['format'] === 'fp16' && row['magnitude'] === 1);
	expect(fine[0]?.['error']).toBeCloseTo(100 * 2 ** -11, 12);
	const [e2m1] = named(panels, 'Formats');
	expect(e2m1).toMatchObject({ clipped: 25, vanished: 25, largest: 6, smallest: 0.5 });
});

test('zeros, and values that are exact, give panels all the same', () => {
	for (const values of [new Float32Array(4), Float32Array.of(1, 0.5)])
		for (const panel of formatPanels([parseFormat('mxfp4'), parseFormat('posit(8,1)')], values, 'x')) JSON.stringify(panel);
	expect(named(formatPanels([parseFormat('fp32')], Float32Array.of(0.1), 'x'), 'Formats')[0]?.['asTheyAre']).toBeNull();
});
