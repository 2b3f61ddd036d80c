/** Panels to SVG files, outside a browser. */
import type { FlowPanel, PlotPanel } from '@assay/contract';
import { parseHTML } from 'linkedom';
import { flowSvg } from './flow.ts';
import { plotSvg } from './plot.ts';

export const PLOT_SIZE = { width: 760, height: 380 };

/** A stand-alone SVG file of a plot or flow panel. */
export function panelSvg(panel: PlotPanel | FlowPanel): string {
	if (panel.kind === 'flow')
		return flowSvg(panel, { width: PLOT_SIZE.width, height: Math.max(260, Math.min(900, panel.nodes.length * 26)) });
	const { document } = parseHTML('<!doctype html><html><body></body></html>');
	const markup = plotSvg(panel, document, {
		width: PLOT_SIZE.width,
		height: Math.max(PLOT_SIZE.height, Math.min(1200, 80 + bandCount(panel) * 22)),
	}).outerHTML;
	return markup.includes('xmlns="http://www.w3.org/2000/svg"')
		? markup
		: markup.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** Different values along y, where y is a scale of bands. */
function bandCount(panel: PlotPanel): number {
	if (panel.y.scale !== 'band') return 0;
	return new Set(
		panel.marks.flatMap((mark) => (mark.mark === 'rule' || !('y' in mark) ? [] : mark.data.map((row) => row[mark.y]))),
	).size;
}
