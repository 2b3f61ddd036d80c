/** Panels to SVG files, outside a browser. */
import type { PlotPanel } from '@assay/contract';
import { parseHTML } from 'linkedom';
import { flowSvg } from './flow.ts';
import { parallelSvg } from './parallel.ts';
import { plotSvg } from './plot.ts';
import { type DrawnPanel, drawnHeight, PLOT_SIZE } from './plot-size.ts';

/** A stand-alone SVG file of a drawn panel. */
export function panelSvg(panel: DrawnPanel): string {
	const size = { width: PLOT_SIZE.width, height: drawnHeight(panel) };
	if (panel.kind === 'flow') return flowSvg(panel, size);
	if (panel.kind === 'parallel') return parallelSvg(panel, size);
	const { document } = parseHTML('<!doctype html><html><body></body></html>');
	const markup = plotSvg(panel, document, size).outerHTML;
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
