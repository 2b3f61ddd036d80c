/** How large plots are drawn. */
import type { FlowPanel, PlotPanel } from '@assay/contract';

export const PLOT_SIZE = { width: 760, height: 380 };

export function flowHeight(panel: FlowPanel): number {
	return Math.max(260, Math.min(900, panel.nodes.length * 26));
}

/** Room for every band along y; the usual height otherwise. */
export function plotHeight(panel: PlotPanel): number {
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
