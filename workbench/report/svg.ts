/** Panels to SVG files, outside a browser. */
import type { FlowPanel, PlotPanel } from '@assay/contract';
import { parseHTML } from 'linkedom';
import { flowSvg } from './flow.ts';
import { plotSvg } from './plot.ts';
import { flowHeight, PLOT_SIZE, plotHeight } from './plot-size.ts';

/** A stand-alone SVG file of a plot or flow panel. */
export function panelSvg(panel: PlotPanel | FlowPanel): string {
	if (panel.kind === 'flow') return flowSvg(panel, { width: PLOT_SIZE.width, height: flowHeight(panel) });
	const { document } = parseHTML('<!doctype html><html><body></body></html>');
	const markup = plotSvg(panel, document, {
		width: PLOT_SIZE.width,
		height: plotHeight(panel),
	}).outerHTML;
	return markup.includes('xmlns="http://www.w3.org/2000/svg"')
		? markup
		: markup.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** The style sheets that plots bring along inside their SVG: a page that shows plots must allow these and no others. */
export function plotStyles(): string[] {
	const { document } = parseHTML('<!doctype html><html><body></body></html>');
	const panel: PlotPanel = { kind: 'plot', title: '', note: '', x: { label: '' }, y: { label: '' }, marks: [] };
	return [...plotSvg(panel, document, PLOT_SIZE).querySelectorAll('style')].map((style) => style.textContent ?? '');
}
