/** Plot panels to SVG through Observable Plot, on a document that need not be a browser's. */

import type { Mark, PlotPanel, Row, Value } from '@assay/contract';
import * as Plot from '@observablehq/plot';
import { formatNumber, formatValue, labelWithUnit } from './format.ts';
import { isBand } from './plot-size.ts';

export interface PlotSize {
	readonly width: number;
	readonly height: number;
}

const SVG = 'http://www.w3.org/2000/svg';
/** Colour of marks that belong to no series; reads on light and dark. */
const PLAIN = '#4269d0';
/** Room that labels of 12 pixels take. */
const LETTER_WIDTH = 6.6;
const LINE_HEIGHT = 15;
const MARGIN_TOP = 28;
/** Observable Plot's own. */
const MARGIN_RIGHT = 20;
const FONT = '13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

/**
 * A panel as one SVG element, legend included. `document` is a browser's or linkedom's. Lines and text follow the page
 * through `currentColor`, so the same SVG reads on light and dark. An interactive one shows the figures under the pointer.
 */
export function plotSvg(panel: PlotPanel, document: Document, size: PlotSize, isInteractive = false): Element {
	const sequential = panel.marks.some((mark) => mark.mark === 'cell' || mark.mark === 'contour');
	const coloured = panel.marks.some(
		(mark) =>
			mark.mark !== 'rule' &&
			mark.mark !== 'interval' &&
			mark.mark !== 'cell' &&
			mark.mark !== 'contour' &&
			mark.color !== undefined,
	);
	const bands = (channel: 'x' | 'y'): boolean => isBand(panel, channel);
	const xLabels = bands('x') ? longestLabel(panel, 'x') : 0;
	const slanted = xLabels > 9;
	// Bands with names need no further name, and one across theirs could not be read.
	const named = (channel: 'x' | 'y'): boolean => bands(channel) && !numeric(panel, channel);
	const marginLeft = bands('y')
		? Math.min(300, (named('y') ? 24 : 48) + LETTER_WIDTH * longestLabel(panel, 'y'))
		: Math.max(64, slanted ? 5 * xLabels : 0);
	const marginBottom = slanted ? Math.min(150, 30 + 4.5 * xLabels) : 44;
	const figure = Plot.plot({
		document,
		width: size.width,
		height: size.height,
		marginLeft,
		marginBottom,
		marginTop: MARGIN_TOP,
		style: { font: FONT, fontSize: '12px', background: 'transparent', color: 'currentColor', overflow: 'visible' },
		ariaLabel: panel.title,
		ariaDescription: panel.note,
		x: {
			label: named('x') ? null : labelWithUnit(panel.x.label, panel.x.unit),
			...scaleOf(panel, 'x'),
			...bandLabels(panel, 'x', size.width - marginLeft - MARGIN_RIGHT, slanted ? LINE_HEIGHT : LETTER_WIDTH * (xLabels + 2)),
			...(slanted && { tickRotate: -35 }),
		},
		fx: { label: null },
		fy: { label: null },
		y: {
			label: named('y') ? null : labelWithUnit(panel.y.label, panel.y.unit),
			grid: !bands('y'),
			...scaleOf(panel, 'y'),
			...bandLabels(panel, 'y', size.height - MARGIN_TOP - marginBottom, LINE_HEIGHT),
		},
		color: sequential
			? { scheme: 'viridis', label: labelWithUnit(panel.color?.label ?? '', panel.color?.unit) }
			: { scheme: 'observable10', ...(panel.color !== undefined && { label: panel.color.label }) },
		marks: [
			// Inside another SVG only what is painted feels the pointer: a ground makes the whole frame feel it.
			...(isInteractive ? [Plot.frame({ fill: 'transparent', stroke: 'none', pointerEvents: 'all' })] : []),
			...panel.marks.flatMap((mark) => marksOf(mark, panel)),
			...(isInteractive ? panel.marks.flatMap(pointerTips) : []),
			...(bands('x') || bands('y') ? [] : [Plot.frame({ strokeOpacity: 0.15 })]),
		],
	});
	figure.setAttribute('role', 'img');
	const color = sequential || coloured ? figure.scale('color') : undefined;
	return color === undefined
		? figure
		: withLegend(
				figure,
				sequential
					? rampLegend(color, labelWithUnit(panel.color?.label ?? '', panel.color?.unit), document)
					: swatchLegend(color, document, size.width),
				document,
				size,
			);
}

interface Legend {
	readonly element: Element;
	readonly height: number;
}

/** Sets a legend above a figure, both inside one SVG. */
function withLegend(figure: Element, legend: Legend, document: Document, size: PlotSize): Element {
	const svg = document.createElementNS(SVG, 'svg');
	const height = size.height + legend.height;
	setAttributes(svg, {
		xmlns: SVG,
		width: size.width,
		height,
		viewBox: `0 0 ${size.width} ${height}`,
		role: 'img',
		fill: 'currentColor',
	});
	for (const name of ['aria-label', 'aria-description']) {
		const text = figure.getAttribute(name);
		if (text !== null) svg.setAttribute(name, text);
	}
	setAttributes(figure, { y: legend.height });
	svg.append(legend.element, figure);
	return svg;
}

/** Colour steps from the least to the greatest value, with both ends and the middle named. (Plot's own ramp needs a canvas.) */
function rampLegend(color: Plot.Scale, label: string, document: Document): Legend {
	const group = legendGroup(document);
	const ends = [...(color.domain ?? [])].map(Number);
	const [low, high] = [ends[0] ?? 0, ends.at(-1) ?? 0];
	const [left, width, steps] = [64, 320, 40];
	group.append(textAt(document, label, left, 12, 'start'));
	for (let step = 0; step < steps; step++) {
		const rect = document.createElementNS(SVG, 'rect');
		const fill = String(color.apply(low + ((step + 0.5) / steps) * (high - low)));
		setAttributes(rect, { x: left + (step / steps) * width, y: 18, width: width / steps + 0.5, height: 10, fill });
		group.append(rect);
	}
	for (const [share, anchor] of [
		[0, 'start'],
		[0.5, 'middle'],
		[1, 'end'],
	] as const) {
		group.append(textAt(document, formatNumber(low + share * (high - low), 3), left + share * width, 42, anchor));
	}
	return { element: group, height: 52 };
}

function legendGroup(document: Document): Element {
	const group = document.createElementNS(SVG, 'g');
	setAttributes(group, { 'font-family': 'system-ui, sans-serif', 'font-size': 12 });
	return group;
}

function textAt(document: Document, content: string, x: number, y: number, anchor: 'start' | 'middle' | 'end'): Element {
	const text = document.createElementNS(SVG, 'text');
	setAttributes(text, { x, y, 'text-anchor': anchor });
	text.textContent = content;
	return text;
}

function swatchLegend(color: Plot.Scale, document: Document, width: number): Legend {
	const group = legendGroup(document);
	let x = 64;
	let y = 6;
	for (const name of color.domain ?? []) {
		const label = String(name);
		const space = 26 + label.length * 7;
		if (x + space > width && x > 64) {
			x = 64;
			y += 20;
		}
		const swatch = document.createElementNS(SVG, 'rect');
		setAttributes(swatch, { x, y, width: 12, height: 12, fill: String(color.apply(name)) });
		group.append(swatch, textAt(document, label, x + 17, y + 10.5, 'start'));
		x += space;
	}
	return { element: group, height: y + 22 };
}

function setAttributes(element: Element, attributes: Readonly<Record<string, string | number>>): void {
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** Bands stand in the order of the data, numbers rising (along y from the bottom, as on a numeric axis). */
function scaleOf(panel: PlotPanel, channel: 'x' | 'y'): Plot.ScaleOptions {
	const axis = panel[channel];
	const values = valuesAlong(panel, channel);
	if (isBand(panel, channel))
		return { type: 'band', domain: bandsOf(panel, channel), ...(channel === 'y' && numeric(panel, 'y') && { reverse: true }) };
	const numbers = values.filter((value) => typeof value === 'number');
	const isOneValue = numbers.length > 0 && numbers.every((value) => value === numbers[0]);
	const startsAtZero = axis.zero === true || panel.marks.some((mark) => mark.mark === 'bar');
	// A map ends where its data ends; rounding its ends up would paint what was never computed.
	const nice = !panel.marks.some((mark) => mark.mark === 'contour');
	return {
		...(axis.scale === 'log' && { type: 'log' }),
		...(axis.zero === true && { zero: true }),
		...(numbers.some((value) => Math.abs(value) >= 1e5) && axis.scale !== 'log' && { tickFormat: '~s' }),
		...(isOneValue && axis.scale !== 'log' ? { domain: around(numbers[0] ?? 0, startsAtZero) } : { nice }),
	};
}

/** A series that is one value throughout would leave a scale without length. */
function around(value: number, startsAtZero: boolean): [number, number] {
	if (value === 0) return [0, 1];
	const room = Math.abs(value) / 10;
	if (startsAtZero) return [Math.min(0, value), Math.max(0, value)];
	return [value - room, value + room];
}

/** Bands in the order they are drawn in; numbers rise. */
function bandsOf(panel: PlotPanel, channel: 'x' | 'y'): Value[] {
	const bands = [...new Set(valuesAlong(panel, channel))];
	return bands.every((band) => typeof band === 'number') ? bands.sort((a, b) => a - b) : bands;
}

/** Labels every band where there is room for it, else every second, third and so on; `each` is what a label takes of `room`, in pixels. */
function bandLabels(panel: PlotPanel, channel: 'x' | 'y', room: number, each: number): Plot.ScaleOptions {
	if (!isBand(panel, channel)) return {};
	const bands = bandsOf(panel, channel);
	const step = Math.ceil((bands.length * each) / Math.max(room, each));
	return {
		...(step > 1 && { ticks: bands.filter((_, index) => index % step === 0) }),
		...(numeric(panel, channel) && { tickFormat: bandText }),
	};
}

/** What is written at a band. */
function bandText(value: Value): string {
	return typeof value === 'number' ? formatNumber(value, 4) : String(value ?? '');
}

function numeric(panel: PlotPanel, channel: 'x' | 'y'): boolean {
	return valuesAlong(panel, channel).every((value) => typeof value === 'number');
}

/** Values of the data along an axis, both ends of what has two. */
function valuesAlong(panel: PlotPanel, channel: 'x' | 'y'): Value[] {
	return panel.marks.flatMap((mark) => {
		if (mark.mark === 'rule') return [];
		const keys: (string | undefined)[] =
			channel === 'x' ? ('x' in mark ? [mark.x] : [mark.x1, mark.x2]) : 'y' in mark ? [mark.y] : [mark.y1, mark.y2];
		return keys.flatMap((key) => (key === undefined ? [] : mark.data.map((row) => row[key] ?? null)));
	});
}

function longestLabel(panel: PlotPanel, channel: 'x' | 'y'): number {
	return valuesAlong(panel, channel).reduce<number>((longest, value) => Math.max(longest, bandText(value).length), 0);
}

function marksOf(mark: Mark, panel: PlotPanel): Plot.Markish[] {
	switch (mark.mark) {
		case 'line':
			return [
				Plot.lineY(mark.data, {
					x: mark.x,
					y: mark.y,
					...series(mark.color, 'stroke'),
					strokeWidth: mark.series === undefined ? 1.8 : 1,
					...((mark.series ?? mark.color) !== undefined && { z: mark.series ?? mark.color }),
				}),
			];
		case 'dot':
			return [Plot.dot(mark.data, { x: mark.x, y: mark.y, ...series(mark.color, 'fill'), r: 3, title: figuresOf })];
		case 'area':
			return [Plot.areaY(mark.data, { x: mark.x, y1: mark.y1, y2: mark.y2, ...series(mark.color, 'fill'), fillOpacity: 0.3 })];
		case 'bar': {
			const channels = { x: mark.x, y: mark.y, ...series(mark.color, 'fill'), title: figuresOf, inset: 0.5 };
			const facet = mark.facet === undefined ? {} : mark.along === 'y' ? { fx: mark.facet } : { fy: mark.facet };
			return mark.along === 'y'
				? [Plot.barY(mark.data, { ...channels, ...facet }), Plot.ruleY([0])]
				: [Plot.barX(mark.data, { ...channels, ...facet }), Plot.ruleX([0])];
		}
		case 'span':
			return [Plot.barX(mark.data, { x1: mark.x1, x2: mark.x2, y: mark.y, ...series(mark.color, 'fill'), title: figuresOf })];
		case 'interval': {
			const line = { stroke: 'currentColor', strokeWidth: 1.5 };
			return [
				Plot.ruleY(mark.data, { x1: mark.x1, x2: mark.x2, y: mark.y, ...line, title: figuresOf }),
				...[mark.x1, mark.x2].map((x) => Plot.tickX(mark.data, { x, y: mark.y, ...line, insetTop: 4, insetBottom: 4 })),
			];
		}
		case 'cell':
			return [
				Plot.cell(mark.data, { x: mark.x, y: mark.y, fill: mark.value, title: figuresOf, inset: 0.5 }),
				...(mark.label === undefined
					? []
					: [
							Plot.text(mark.data, {
								x: mark.x,
								y: mark.y,
								text: mark.label,
								fill: 'white',
								stroke: 'black',
								strokeWidth: 2,
								fontSize: 10,
							}),
						]),
			];
		case 'contour':
			return [
				Plot.contour(mark.data, {
					x: mark.x,
					y: mark.y,
					fill: mark.value,
					interpolate: 'barycentric',
					blur: 0,
					thresholds: 14,
					stroke: 'currentColor',
					strokeOpacity: 0.25,
				}),
			];
		case 'rule': {
			const dashed = { stroke: 'currentColor', strokeDasharray: '4 3', strokeOpacity: 0.7 };
			if (mark.y !== undefined) {
				return [
					Plot.ruleY([mark.y], dashed),
					Plot.text([mark.label], {
						frameAnchor: 'top-right',
						y: mark.y,
						dy: -2,
						lineAnchor: 'bottom',
						textAnchor: 'end',
						fontSize: 10,
					}),
				];
			}
			if (mark.x === undefined) return [];
			return [
				Plot.ruleX([mark.x], dashed),
				Plot.text([mark.label], { frameAnchor: 'top-left', x: mark.x, dx: 4, textAnchor: 'start', fontSize: 10 }),
			];
		}
	}
	return assertNever(mark, panel);
}

/** The figures of the point nearest to the pointer, where points lie on lines or alone. */
function pointerTips(mark: Mark): Plot.Markish[] {
	if (mark.mark !== 'line' && mark.mark !== 'dot') return [];
	return [
		Plot.tip(mark.data, Plot.pointer({ x: mark.x, y: mark.y, title: figuresOf, fill: 'var(--card)', stroke: 'currentColor' })),
	];
}

function figuresOf(row: Row): string {
	return Object.entries(row)
		.map(([key, value]) => `${key}: ${formatValue(value)}`)
		.join('\n');
}

function series(color: string | undefined, channel: 'stroke' | 'fill'): Record<string, string> {
	return { [channel]: color ?? PLAIN };
}

function assertNever(mark: never, panel: PlotPanel): never {
	throw new TypeError(`${panel.title}: unknown mark ${JSON.stringify(mark)}`);
}
