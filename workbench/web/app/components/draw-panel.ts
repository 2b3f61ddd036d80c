/** Draws plots and flows in a browser. A module of its own: it brings the plotting library along. */
import type { FlowPanel, PlotPanel } from '@assay/contract';
import { flowSvg } from '@assay/report/flow';
import { type PlotSize, plotSvg } from '@assay/report/plot';

export function drawPanel(panel: PlotPanel | FlowPanel, size: PlotSize): Element {
	const drawing = panel.kind === 'plot' ? plotSvg(panel, document, size) : flow(panel, size);
	// The drawing as a whole is named and described; its parts are not to be read one by one.
	for (const part of drawing.children) part.setAttribute('aria-hidden', 'true');
	return drawing;
}

function flow(panel: FlowPanel, size: PlotSize): Element {
	const parsed = new DOMParser().parseFromString(flowSvg(panel, size), 'image/svg+xml');
	return document.importNode(parsed.documentElement, true);
}
