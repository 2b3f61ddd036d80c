/** How large plots are drawn. */
import type { FlowPanel, Panel, ParallelPanel, PlotPanel } from '@assay/contract';

/** What is drawn, with its figures behind it. */
export type DrawnPanel = PlotPanel | ParallelPanel | FlowPanel;

export function isDrawn(panel: Panel): panel is DrawnPanel {
	return panel.kind === 'plot' || panel.kind === 'parallel' || panel.kind === 'flow';
}

export const PLOT_SIZE = { width: 760, height: 380 };

/** Pixels of height that suit a panel at its usual width. */
export function drawnHeight(panel: DrawnPanel): number {
	if (panel.kind === 'parallel') return PARALLEL_HEIGHT;
	return panel.kind === 'flow' ? flowHeight(panel) : plotHeight(panel);
}

const PARALLEL_HEIGHT = 480;

function flowHeight(panel: FlowPanel): number {
	return Math.max(260, Math.min(900, panel.nodes.length * 26));
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

/** Whether an axis has bands: where it says so, and always under cells. */
export function isBand(panel: PlotPanel, channel: 'x' | 'y'): boolean {
	return panel[channel].scale === 'band' || panel.marks.some((mark) => mark.mark === 'cell');
}
