/** Flow panels to SVG: a Sankey diagram laid out by d3-sankey. */
import type { FlowPanel } from '@assay/contract';
import { sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { formatNumber } from './format.ts';

/** Colours of what belongs together, in the order of Observable Plot's own; they read on light and dark. */
export const PALETTE = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951', '#ff8ab7', '#a463f2', '#97bbf5', '#9c6b4e'];

interface FlowNode {
	readonly id: string;
	readonly label: string;
}
interface FlowLink {
	readonly value: number;
}

/** An SVG document of the diagram. Links without any flow are left out; what touches none is not drawn. */
export function flowSvg(panel: FlowPanel, size: { readonly width: number; readonly height: number }): string {
	const links = panel.links.filter((link) => link.value > 0);
	const touched = new Set(links.flatMap((link) => [link.source, link.target]));
	const nodes = panel.nodes.filter((node) => touched.has(node.id));
	if (nodes.length === 0)
		return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="40"><text x="8" y="24">no flow</text></svg>`;
	const layout = sankey<FlowNode, FlowLink>()
		.nodeId((node) => node.id)
		.nodeWidth(12)
		.nodePadding(9)
		.extent([
			[4, 8],
			[size.width - 4, size.height - 8],
		]);
	const graph = layout({ nodes: nodes.map((node) => ({ ...node })), links: links.map((link) => ({ ...link })) });
	const colour = new Map(graph.nodes.map((node, index) => [node.id, PALETTE[index % PALETTE.length] ?? '#4269d0']));
	const path = sankeyLinkHorizontal<FlowNode, FlowLink>();
	const drawnLinks = graph.links.map((link) => {
		const from = typeof link.source === 'object' ? link.source : undefined;
		const to = typeof link.target === 'object' ? link.target : undefined;
		const title = `${from?.label ?? ''} → ${to?.label ?? ''}: ${formatNumber(link.value)} ${panel.unit}`;
		return `<path d="${path(link) ?? ''}" fill="none" stroke="${colour.get(from?.id ?? '') ?? '#888'}" stroke-opacity="0.38" stroke-width="${Math.max(0.75, link.width ?? 0).toFixed(2)}"><title>${escapeMarkup(title)}</title></path>`;
	});
	const drawnNodes = graph.nodes.map((node) => {
		const { x0 = 0, x1 = 0, y0 = 0, y1 = 0 } = node;
		const title = `${node.label}: ${formatNumber(node.value ?? 0)} ${panel.unit}`;
		const last = (node.sourceLinks ?? []).length === 0;
		return (
			`<rect x="${x0.toFixed(1)}" y="${y0.toFixed(1)}" width="${(x1 - x0).toFixed(1)}" height="${Math.max(1, y1 - y0).toFixed(1)}" fill="${colour.get(node.id) ?? '#888'}"><title>${escapeMarkup(title)}</title></rect>` +
			`<text x="${last ? (x0 - 5).toFixed(1) : (x1 + 5).toFixed(1)}" y="${((y0 + y1) / 2).toFixed(1)}" dy="0.35em" text-anchor="${last ? 'end' : 'start'}" fill="currentColor" font-size="11">${escapeMarkup(node.label)}</text>`
		);
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="system-ui, sans-serif" role="img" aria-label="${escapeMarkup(panel.title)}"><desc>${escapeMarkup(panel.note)}</desc>${drawnLinks.join('')}${drawnNodes.join('')}</svg>`;
}

export function escapeMarkup(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
