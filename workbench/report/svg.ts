/** Panels to SVG files, outside a browser. */
import type { FlowPanel, PlotPanel } from '@assay/contract';
import { parseHTML } from 'linkedom';
import { flowSvg } from './flow.ts';
import { isBand, plotSvg } from './plot.ts';

export const PLOT_SIZE = { width: 760, height: 380 };

/** A stand-alone SVG file of a plot or flow panel. */
export function panelSvg(panel: PlotPanel | FlowPanel): string {
	if (panel.kind === 'flow')
		return flowSvg(panel, { width: PLOT_SIZE.width, height: Math.max(260, Math.min(900, panel.nodes.length * 26)) });
	const { document } = parseHTML('<!doctype html><html><body></body></html>');
	const markup = plotSvg(panel, document, {
		width: PLOT_SIZE.width,
		height: plotHeight(panel),
	}).outerHTML;
	return markup.includes('xmlns="http://www.w3.org/2000/svg"')
		? markup
		: markup.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** Room for every band along y; the usual height otherwise. */
function plotHeight(panel: PlotPanel): number {
	if (!isBand(panel, 'y')) return PLOT_SIZE.height;
	const bands = new Set(
		panel.marks.flatMap((mark) => (mark.mark === 'rule' || !('y' in mark) ? [] : mark.data.map((row) => row[mark.y]))),
	).size;
	const cells = panel.marks.some((mark) => mark.mark === 'cell');
	return Math.max(cells ? PLOT_SIZE.height : 120, Math.min(1200, 84 + bands * 22));
}
