/** What matters most for a figure of a sweep, in a sentence and as bars. */
import type { PlotPanel } from '@assay/contract';
import { type RunStore, sweepSensitivity } from '@assay/runs';
import { sensitivityBasis, sensitivitySentence } from '@assay/sensitivity';
import type { SweepFigure } from './sweep-figures.server.ts';

/** Inputs that have a bar. */
const MOST_BARS = 12;

export interface SensitivityView {
	readonly output: string;
	/** What matters most, with names between backquotes. */
	readonly says: string;
	/** How that was found. */
	readonly found: string;
	readonly panel: PlotPanel | null;
}

export async function sensitivityView(store: RunStore, sweep: string, { name }: SweepFigure): Promise<SensitivityView> {
	const result = await sweepSensitivity(store, sweep, name);
	const found = sensitivityBasis(result);
	const view = { output: name, says: sensitivitySentence(result, name), found };
	if (!result.isKnown) return { ...view, panel: null };
	const data = result.factors.slice(0, MOST_BARS).map(({ name: input, alone, total }) => ({
		input,
		// No share is below nothing, though an estimate may be.
		share: 100 * Math.max(0, total.value),
		low: 100 * Math.max(0, total.low),
		high: 100 * Math.max(0, total.high),
		...(alone !== null && { byItself: 100 * alone.value }),
	}));
	const more = result.factors.length > data.length ? ` The ${data.length} largest of ${result.factors.length} are shown.` : '';
	const isExact = result.basis === 'grid';
	return {
		...view,
		panel: {
			kind: 'plot',
			title: `What matters for ${name}`,
			note: `Share of what varies in ${name} that each input accounts for, by itself and together with others.${isExact ? '' : ' Thin lines are 95 % intervals.'}${more}`,
			x: { label: 'Share of the variance', unit: '%', zero: true },
			y: { label: 'Input', scale: 'band' },
			marks: [
				{ mark: 'bar', data, x: 'share', y: 'input', along: 'x' },
				...(isExact ? [] : [{ mark: 'interval' as const, data, x1: 'low', x2: 'high', y: 'input' }]),
			],
		},
	};
}
