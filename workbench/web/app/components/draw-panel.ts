/** Draws plots, parallel coordinates and flows in a browser. A module of its own: it brings the plotting library along. */
import { flowSvg } from '@assay/report/flow';
import { parallelSvg } from '@assay/report/parallel';
import { type PlotSize, plotSvg } from '@assay/report/plot';
import type { DrawnPanel } from '@assay/report/plot-size';

export function drawPanel(panel: DrawnPanel, size: PlotSize): Element {
	const drawing = elementOf(panel, size);
	// The drawing as a whole is named and described; its parts are not to be read one by one.
	for (const part of drawing.children) part.setAttribute('aria-hidden', 'true');
	return drawing;
}

function elementOf(panel: DrawnPanel, size: PlotSize): Element {
	if (panel.kind === 'plot') return plotSvg(panel, document, size);
	const markup = panel.kind === 'flow' ? flowSvg(panel, size) : parallelSvg(panel, size);
	const parsed = new DOMParser().parseFromString(markup, 'image/svg+xml');
	return document.importNode(parsed.documentElement, true);
}
