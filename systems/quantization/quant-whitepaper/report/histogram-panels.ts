/** Histograms of the costliest layers, with the range and the step of the grid that they are rounded to. */
import type { Panel } from '@assay/contract';
import type { HistogramOutput } from '../outputs.ts';

const MOST = 8;

export function histogramPanels(histograms: readonly HistogramOutput[]): Panel[] {
	return histograms.slice(0, MOST).map(({ of, kind, low, high, counts, gridLow, gridHigh, step }): Panel => {
		const width = counts.length === 0 ? 0 : (high - low) / counts.length;
		const data = counts.map((count, bin) => ({ value: low + (bin + 0.5) * width, count: Math.max(0, count) + 1, none: 1 }));
		return {
			kind: 'plot',
			title: `${kind === 'weights' ? 'Weights' : 'Activations'} of ${of}`,
			note: `The grid runs from ${gridLow.toPrecision(3)} to ${gridHigh.toPrecision(3)} in steps of ${step.toPrecision(3)}${kind === 'weights' ? ' (of the widest channel)' : ''}; a bin is ${step > 0 ? (width / step).toPrecision(2) : 'no'} steps wide. Counts start at 1, so that empty bins can be drawn.`,
			x: { label: 'Value' },
			y: { label: 'Values + 1', scale: 'log' },
			marks: [
				{ mark: 'area', data, x: 'value', y1: 'none', y2: 'count' },
				{ mark: 'rule', x: gridLow, label: 'lowest code' },
				{ mark: 'rule', x: gridHigh, label: 'highest code' },
			],
		};
	});
}
