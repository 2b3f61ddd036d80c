import type { Panel, PlotPanel } from '@assay/contract';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { reportFiles } from './folder.ts';
import { formatBytes, formatDuration, formatNumber } from './format.ts';
import { isDrawn } from './plot-size.ts';
import { panelSvg } from './svg.ts';
import { textReport, textTable, wrap } from './text.ts';

const xs = [1, 2, 4, 8, 16];
const panels: readonly Panel[] = [
	{ kind: 'text', title: 'Answer', paragraphs: ['Buy <ten> & be happy.'] },
	{
		kind: 'table',
		title: 'Table',
		columns: [
			{ key: 'name', label: 'Name' },
			{ key: 'power', label: 'Power', unit: 'W' },
		],
		rows: [
			{ name: 'a,"b"', power: 1234.5678 },
			{ name: 'c', power: null },
		],
	},
	{
		kind: 'plot',
		title: 'Lines',
		note: 'They rise.',
		x: { label: 'Rate', unit: 'requests/s', scale: 'log' },
		y: { label: 'Latency', unit: 's', zero: true },
		color: { label: 'Design' },
		marks: [
			{
				mark: 'line',
				data: xs.flatMap((x) => ['A', 'B'].map((design) => ({ x, y: x * (design === 'A' ? 1 : 2), design }))),
				x: 'x',
				y: 'y',
				color: 'design',
			},
			{ mark: 'rule', y: 6, label: 'limit' },
		],
	},
	{
		kind: 'plot',
		title: 'Heat map',
		note: 'Cells.',
		x: { label: 'Prompt', scale: 'band' },
		y: { label: 'Token', scale: 'band' },
		color: { label: 'Cost', unit: '$/h' },
		marks: [{ mark: 'cell', data: xs.flatMap((x) => xs.map((y) => ({ x, y, cost: x * y }))), x: 'x', y: 'y', value: 'cost' }],
	},
	{
		kind: 'plot',
		title: 'Contour',
		note: 'Hills.',
		x: { label: 'x' },
		y: { label: 'y' },
		color: { label: 'Height' },
		marks: [
			{
				mark: 'contour',
				data: Array.from({ length: 100 }, (_, i) => ({ x: i % 10, y: Math.floor(i / 10), h: (i % 10) * Math.floor(i / 10) })),
				x: 'x',
				y: 'y',
				value: 'h',
			},
		],
	},
	{
		kind: 'plot',
		title: 'Spans and bars',
		note: 'Work.',
		x: { label: 'Time', unit: 's' },
		y: { label: 'Machine', scale: 'band' },
		marks: [{ mark: 'span', data: [{ from: 0, to: 2, machine: 'm0' }], x1: 'from', x2: 'to', y: 'machine' }],
	},
	{
		kind: 'flow',
		title: 'Flow',
		note: 'Bytes.',
		unit: 'B/s',
		nodes: ['a', 'b', 'c'].map((id) => ({ id, label: id.toUpperCase() })),
		links: [
			{ source: 'a', target: 'c', value: 3 },
			{ source: 'b', target: 'c', value: 0 },
		],
	},
	{
		kind: 'parallel',
		title: 'Parallel',
		note: 'Each line a run.',
		axes: [
			{ key: 'batch', label: 'Batch', scale: 'log' },
			{ key: 'mode', label: 'Mode' },
			{ key: 'cost', label: 'Cost', unit: '$' },
		],
		rows: [
			{ batch: 1, mode: 'a<b', cost: 4, kind: 'beaten' },
			{ batch: 4, mode: 'c', cost: null, kind: 'beaten' },
			{ batch: 16, mode: 'd', cost: 2, kind: 'on the front' },
		],
		color: 'kind',
	},
	{ kind: 'file', title: 'File', artifact: 'requests.csv', note: 'One row a request.' },
];
const head = { title: 'T', headline: 'H', facts: [['Seed', '1']] as const, command: 'assay run x', inputs: { a: 1 } };

test('a report is a self-contained page, with an SVG and a CSV for every plot and a CSV for every table', () => {
	const files = reportFiles(head, panels);
	expect([...files.keys()]).toEqual(
		expect.arrayContaining([
			'report.html',
			'02-table.csv',
			'03-lines.svg',
			'03-lines.csv',
			'04-heat-map.svg',
			'05-contour.svg',
			'07-flow.svg',
		]),
	);
	expect(files.get('02-table.csv')).toBe('name,power [W]\r\n"a,""b""",1234.5678\r\nc,\r\n');
	const page = files.get('report.html') ?? '';
	expect(page).toContain('Buy &lt;ten&gt; &amp; be happy.');
	expect(page).not.toMatch(/(?:src|href)="https?:/);
});

test('SVG files are well-formed, and each series, cell and link is drawn', () => {
	for (const panel of panels) {
		if (!isDrawn(panel)) continue;
		expect(XMLValidator.validate(panelSvg(panel)), panel.title).toBe(true);
	}
	const count = (svg: string, tag: string): number => svg.split(`<${tag}`).length - 1;
	const [lines, heat, flow] = [panels[2], panels[3], panels[6]].map((panel) =>
		panel !== undefined && isDrawn(panel) ? panelSvg(panel) : '',
	);
	const legend = JSON.stringify(new XMLParser().parse(lines ?? ''));
	for (const series of ['A', 'B', 'limit']) expect(legend).toContain(`"${series}"`);
	expect(count(heat ?? '', 'rect')).toBeGreaterThanOrEqual(25);
	expect(count(flow ?? '', 'path')).toBe(1);
});

test('parallel coordinates lead each line through its values, from the foot of an axis to its head, and break where there is none', () => {
	const panel = panels.find((one) => one.kind === 'parallel');
	const svg = panel === undefined ? '' : panelSvg(panel);
	const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d = '']) =>
		[...d.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map((at) => Number(at[2])),
	);
	expect(paths.map(({ length }) => length)).toEqual([3, 2, 3]);
	const [foot, top] = [paths[0]?.[0] ?? 0, paths[2]?.[0] ?? 0];
	expect(foot).toBeGreaterThan(top);
	// Four is half-way between one and sixteen on a scale of orders of magnitude.
	expect(paths[1]?.[0]).toBeCloseTo((foot + top) / 2, 0);
	expect([paths[0]?.[1], paths[2]?.[1]]).toEqual([foot, top]);
	expect([paths[0]?.[2], paths[2]?.[2]]).toEqual([top, foot]);
	for (const text of ['beaten', 'on the front', 'a&lt;b', 'Cost ($)', '16']) expect(svg).toContain(`>${text}<`);
	expect(reportFiles(head, panels).get('08-parallel.csv')).toMatch(
		/^batch,mode,cost \[\$\],kind\r\n1,a<b,4,beaten\r\n4,c,,beaten/,
	);
});

test('an interval is a line between its ends in the band of its bar', () => {
	const data = [{ name: 'a', share: 0.6, low: 0.5, high: 0.7 }];
	const svg = panelSvg({
		kind: 'plot',
		title: 'Shares',
		note: '',
		x: { label: 'Share', zero: true },
		y: { label: 'Input', scale: 'band' },
		marks: [
			{ mark: 'bar', data, x: 'share', y: 'name', along: 'x' },
			{ mark: 'interval', data, x1: 'low', x2: 'high', y: 'name' },
		],
	});
	expect(XMLValidator.validate(svg)).toBe(true);
	expect(svg).toMatch(/aria-label="tick"/);
});

/** A heat map of so many columns and rows. */
function heatMap(columns: readonly (number | string)[], rows: readonly (number | string)[]): PlotPanel {
	const data = columns.flatMap((x) => rows.map((y) => ({ x, y, value: 1 })));
	const axis = { label: 'Place', scale: 'band' } as const;
	return {
		kind: 'plot',
		title: 'Map',
		note: '',
		x: axis,
		y: axis,
		marks: [{ mark: 'cell', data, x: 'x', y: 'y', value: 'value' }],
	};
}

/** Labels of an axis with their places along it, in pixels. */
function axisLabels(panel: PlotPanel, axis: 'x' | 'y'): { place: number; text: string }[] {
	const group = new RegExp(`aria-label="${axis}-axis tick label".*?</g>`, 's').exec(panelSvg(panel))?.[0] ?? '';
	return [...group.matchAll(/translate\(([\d.]+),([\d.]+)\)[^>]*>([^<]*)</g)].map(([, x, y, text = '']) => ({
		place: Number(axis === 'x' ? x : y),
		text,
	}));
}

test('a heat map’s labels are as many as fit: short ones in a row, long ones slanted, none over another', () => {
	const numbers = (count: number, factor: number) => Array.from({ length: count }, (_, i) => i * factor);
	const names = (count: number) => Array.from({ length: count }, (_, i) => `transformer layer ${i}`);
	for (const count of [5, 30, 128, 600])
		for (const [panel, needs] of [
			[heatMap(numbers(count, 1), [1]), (text: string) => 6 * text.length],
			[heatMap(numbers(count, 1 / 3), [1]), (text: string) => 6 * text.length],
			[heatMap(names(count), [1]), () => 12],
		] as const) {
			const labels = axisLabels(panel, 'x').sort((a, b) => a.place - b.place);
			expect(labels.length).toBeGreaterThan(3);
			for (const [index, { place, text }] of labels.slice(1).entries())
				expect(place - (labels[index]?.place ?? 0), text).toBeGreaterThan(needs(text));
		}
	for (const count of [5, 40, 400]) {
		const labels = axisLabels(heatMap([1], names(count)), 'y').sort((a, b) => a.place - b.place);
		expect(labels.length).toBeGreaterThan(3);
		for (const [index, { place }] of labels.slice(1).entries()) expect(place - (labels[index]?.place ?? 0)).toBeGreaterThan(12);
	}
	// Where all fit, all are there.
	expect(axisLabels(heatMap(numbers(12, 1), names(12)), 'x')).toHaveLength(12);
	expect(axisLabels(heatMap(numbers(12, 1), names(12)), 'y')).toHaveLength(12);
});

test('every drawing is an image with a name for those who cannot see it', () => {
	for (const panel of panels) {
		if (!isDrawn(panel)) continue;
		const root = /<svg[^>]*>/.exec(panelSvg(panel))?.[0] ?? '';
		expect(root, panel.title).toContain('role="img"');
		expect(root, panel.title).toContain(`aria-label="${panel.title}"`);
	}
});

test('an empty plot and a flow without flow still make an SVG', () => {
	const empty: Panel = {
		kind: 'plot',
		title: 'None',
		note: 'Nothing.',
		x: { label: 'x' },
		y: { label: 'y' },
		marks: [{ mark: 'line', data: [], x: 'x', y: 'y' }],
	};
	expect(panelSvg(empty)).toContain('<svg');
	expect(panelSvg({ kind: 'flow', title: 'None', note: '', unit: 'B', nodes: [], links: [] })).toContain('no flow');
});

test('a level line has an axis with length, whose numbers are short; a bar alone still starts at zero', () => {
	const level = (mark: 'line' | 'bar') =>
		panelSvg({
			kind: 'plot',
			title: 'Level',
			note: '',
			x: { label: 'x' },
			y: { label: 'y' },
			marks:
				mark === 'line'
					? [{ mark, data: [1, 2].map((x) => ({ x, y: 58_548 })), x: 'x', y: 'y' }]
					: [{ mark, along: 'y', data: [{ x: 'a', y: 58_548 }], x: 'x', y: 'y' }],
		});
	const numbers = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([\d.,]+k?)<\/text>/g)].map((match) => match[1] ?? '');
	expect(new Set(numbers(level('line'))).size).toBeGreaterThan(3);
	for (const text of numbers(level('line'))) expect(text.length).toBeLessThan(8);
	expect(numbers(level('bar'))).toContain('0');
});

test('tables align numbers right and texts left', () => {
	const table = textTable(
		[
			{ key: 'a', label: 'Name' },
			{ key: 'b', label: 'Value', unit: 's' },
		],
		[
			{ a: 'long name', b: 1.5 },
			{ a: 'x', b: 12000 },
		],
	);
	expect(table.split('\n')).toEqual([
		'Name       Value (s)',
		'─────────  ─────────',
		'long name        1.5',
		'x             12,000',
	]);
	expect(textReport(panels)).toContain('Lines');
	expect(wrap('aa bb cc', 5)).toBe('aa bb\ncc');
});

test('numbers, durations and sizes read as people write them', () => {
	expect([0, 1234567, 0.000123456, 2.71234, 12345678, -2.5].map((value) => formatNumber(value))).toEqual([
		'0',
		'1,234,567',
		'1.235e-4',
		'2.712',
		'1.235e7',
		'-2.5',
	]);
	expect([0.25, 12.34, 119.7, 250, 7500, 7200].map(formatDuration)).toEqual([
		'250 ms',
		'12.3 s',
		'2 min',
		'4 min 10 s',
		'2 h 5 min',
		'2 h',
	]);
	expect([512, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['512 B', '1.5 KiB', '5 GiB']);
});
