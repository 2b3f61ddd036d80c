/** Draws plots and flows in a browser. A module of its own: it brings the plotting library along. */
import type { FlowPanel, PlotPanel } from '@assay/contract';
import { flowSvg } from '@assay/report/flow';
import { type PlotSize, plotSvg } from '@assay/report/plot';

export function drawPanel(panel: PlotPanel | FlowPanel, size: PlotSize): Element {
	if (panel.kind === 'plot') return plotSvg(panel, document, size, true);
	const parsed = new DOMParser().parseFromString(flowSvg(panel, size), 'image/svg+xml');
	return document.importNode(parsed.documentElement, true);
}
