/** A run in tables and plots. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import type { MeasuredOutput, Outputs, PlanOutput } from './outputs.ts';

export function report({ answer, plan, measured }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...(plan === null ? [] : notes(plan))] },
		...(plan === null ? [] : planPanels(plan)),
		...(measured === null ? [] : measuredPanels(measured)),
	];
}

function notes({ arrays, computeBoundFrom, step, model }: PlanOutput): string[] {
	return [
		`${arrays} arrays compute; a step reads ${(model.storedBytes / 1e9).toPrecision(3)} GB of weights. ${
			computeBoundFrom === null
				? 'No batch up to 1,024 makes products wait for the arrays.'
				: `From a batch of ${computeBoundFrom} on products wait for the arrays and not for memory.`
		}`,
		`A prompt as long as the context takes ${step.promptSeconds.toPrecision(3)} s; a million tokens cost $${step.dollarsPerMillionTokens.toPrecision(3)}.`,
	];
}

function planPanels(plan: PlanOutput): Panel[] {
	return [
		partsTable(plan),
		baselineTable(plan),
		productTable(plan),
		batchPlot(plan),
		widthPlot(plan),
		rowPlot(plan),
		groupTable(plan),
		bandwidthPlot(plan),
		arrayPlot(plan),
		rooflinePlot(plan),
	];
}

function partsTable({ step }: PlanOutput): Panel {
	const parts: [string, number][] = [
		['reading weights', step.loadSeconds],
		['transposing them', step.fillSeconds],
		['building tables', step.buildSeconds],
		['looking up', step.lookupSeconds],
		['converting to floats', step.conversionSeconds],
		['adding partial sums (cores)', step.reductionSeconds],
		['attention and element-wise work (cores)', step.vectorSeconds],
		['reading keys and values', step.cacheReadSeconds],
		['the whole step', step.seconds],
	];
	return {
		kind: 'table',
		title: 'A step in its parts',
		note: 'Each part as if it ran alone. Reading, transposing and computing overlap; so do attention and reading keys and values.',
		columns: [
			{ key: 'part', label: 'Part' },
			{ key: 'milliseconds', label: 'Time', unit: 'ms' },
		],
		rows: parts.map(([part, seconds]) => ({ part, milliseconds: 1000 * seconds })),
	};
}

function baselineTable({ baselines, step }: PlanOutput): Panel {
	return {
		kind: 'table',
		title: 'Against others',
		note: `The cache reaches ${step.tokensPerSecond.toPrecision(3)} tokens/s. Cores that unpack weights: published pace of one Cortex-A76 core, scaled to as many cores. The V100 is a bound from its bandwidth. Neither grows slower with the context, so long contexts count against the cache alone.`,
		columns: [
			{ key: 'name', label: 'What' },
			{ key: 'tokensPerSecond', label: 'Pace', unit: 'tokens/s' },
			{ key: 'speedup', label: 'The cache over it', unit: 'x' },
			{ key: 'tokensPerDollar', label: 'For a dollar', unit: 'tokens' },
			{ key: 'perDollar', label: 'The cache over it, for a dollar', unit: 'x' },
		],
		rows: baselines,
	};
}

function productTable({ products }: PlanOutput): Panel {
	return {
		kind: 'table',
		title: 'Products with weights',
		note: 'One of each. As many slices of the inner dimension work at once as it takes to keep up with memory.',
		columns: [
			{ key: 'name', label: 'Product' },
			{ key: 'depth', label: 'Inner dimension' },
			{ key: 'columns', label: 'Outputs' },
			{ key: 'times', label: 'Times' },
			{ key: 'weightBits', label: 'Bits' },
			{ key: 'group', label: 'Weights a table' },
			{ key: 'chunks', label: 'Chunks of tokens' },
			{ key: 'slices', label: 'Slices' },
			{ key: 'arrays', label: 'Arrays' },
			{ key: 'load', label: 'Reading', unit: 'µs' },
			{ key: 'array', label: 'Computing', unit: 'µs' },
		],
		rows: products.map(({ loadSeconds, arraySeconds, seconds: _, ...rest }) => ({
			...rest,
			load: 1e6 * loadSeconds,
			array: 1e6 * arraySeconds,
		})),
	};
}

function batchPlot({ batches }: PlanOutput): PlotPanel {
	const row = (series: string, milliseconds: (point: PlanOutput['batches'][number]) => number): Row[] =>
		batches.map((point) => ({ batch: point.batch, milliseconds: 1000 * milliseconds(point), series }));
	return {
		kind: 'plot',
		title: 'A step by batch',
		note: 'Weights are read once for the whole batch; lookups and attention grow with it.',
		x: { label: 'Sequences at once', scale: 'log' },
		y: { label: 'Time', unit: 'ms', scale: 'log' },
		color: { label: 'Part' },
		marks: [
			{
				mark: 'line',
				data: [
					...row('reading weights', ({ loadSeconds }) => loadSeconds),
					...row('arrays', ({ arraySeconds }) => arraySeconds),
					...row('attention', ({ vectorSeconds }) => vectorSeconds),
					...row('step', ({ productSeconds, vectorSeconds }) => productSeconds + vectorSeconds),
				],
				x: 'batch',
				y: 'milliseconds',
				color: 'series',
			},
		],
	};
}

function widthPlot({ widths }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Speed-up over unpacking, by width and batch',
		note: 'Unpacking gains nothing from a batch, the cache reads weights once for all of it.',
		x: { label: 'Width of a weight', unit: 'bit', scale: 'band' },
		y: { label: 'Speed-up', unit: 'x', zero: true },
		color: { label: 'Sequences at once' },
		marks: [
			{
				mark: 'line',
				data: widths.map(({ bits, batch, speedup }) => ({ bits, batch: `${batch} at once`, speedup })),
				x: 'bits',
				y: 'speedup',
				color: 'batch',
			},
		],
	};
}

function rowPlot({ rows }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Rows of an array',
		note: 'What the word lines hold while queries are computed.',
		x: { label: 'Row', zero: true },
		y: { label: 'Array', scale: 'band' },
		color: { label: 'Holds' },
		marks: [
			{
				mark: 'span',
				data: rows.map(({ holds, from, to }) => ({ holds, from, to, array: 'rows' })),
				x1: 'from',
				x2: 'to',
				y: 'array',
				color: 'holds',
			},
		],
	};
}

function groupTable({ groups }: PlanOutput): Panel {
	return {
		kind: 'table',
		title: 'Weights that share a table',
		note: 'Larger tables take fewer lookups and more building. Patterns are those of the activations.',
		columns: [
			{ key: 'group', label: 'Weights a table' },
			{ key: 'rows', label: 'Rows for one token' },
			{ key: 'cyclesPerRow', label: 'Cycles a row of weights' },
			{ key: 'merged', label: 'Saved by merging signs', unit: '%' },
			{ key: 'zero', label: 'Patterns of zeros', unit: '%' },
			{ key: 'repeated', label: 'Repeated patterns', unit: '%' },
			{ key: 'cycles', label: 'Lookup cycles left', unit: '%' },
		],
		rows: groups.map(({ mergedShare, zeroShare, repeatedShare, cycleShare, ...rest }) => ({
			...rest,
			merged: 100 * mergedShare,
			zero: 100 * zeroShare,
			repeated: 100 * repeatedShare,
			cycles: 100 * cycleShare,
		})),
	};
}

function bandwidthPlot({ bandwidths }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Pace by memory bandwidth',
		note: 'As long as reading weights is the limit, twice the bandwidth is nearly twice the pace.',
		x: { label: 'Bandwidth', unit: 'GB/s', scale: 'log' },
		y: { label: 'Pace', unit: 'tokens/s', scale: 'log' },
		marks: [
			{
				mark: 'line',
				data: bandwidths.map(({ bandwidth, tokensPerSecond }) => ({ bandwidth: bandwidth / 1e9, tokensPerSecond })),
				x: 'bandwidth',
				y: 'tokensPerSecond',
			},
		],
	};
}

function arrayPlot({ arrayCounts }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Pace by arrays that compute',
		note: 'Flat where the arrays wait for memory: so many fewer would do.',
		x: { label: 'Arrays', scale: 'log' },
		y: { label: 'Pace', unit: 'tokens/s', scale: 'log' },
		marks: [
			{
				mark: 'line',
				data: arrayCounts.map(({ arrays, tokensPerSecond }) => ({ arrays, tokensPerSecond })),
				x: 'arrays',
				y: 'tokensPerSecond',
			},
		],
	};
}

/** Operations of the products, a multiply-add counting two, by batch: what memory and arrays would allow alone, and what both give. */
function rooflinePlot({ batches, model }: PlanOutput): PlotPanel {
	const points = batches.map(({ batch, loadSeconds, arraySeconds, productSeconds }) => {
		const operations = 2 * model.weights * batch;
		return { intensity: operations / model.storedBytes, operations, loadSeconds, arraySeconds, productSeconds };
	});
	const line = (series: string, secondsOf: (point: (typeof points)[number]) => number): Row[] =>
		points.flatMap((point) =>
			secondsOf(point) > 0 ? [{ series, intensity: point.intensity, rate: point.operations / secondsOf(point) / 1e12 }] : [],
		);
	return {
		kind: 'plot',
		title: 'Roofline of the products',
		note: 'Each point is a batch: with more sequences a byte of weights is used for more operations, until the arrays are the roof.',
		x: { label: 'Operations a byte of weights', unit: 'op/B', scale: 'log' },
		y: { label: 'Rate', unit: 'Top/s', scale: 'log' },
		color: { label: 'Bound' },
		marks: [
			{
				mark: 'line',
				data: [
					...line('memory alone', ({ loadSeconds }) => loadSeconds),
					...line('arrays alone', ({ arraySeconds }) => arraySeconds),
				],
				x: 'intensity',
				y: 'rate',
				color: 'series',
			},
			{
				mark: 'dot',
				data: line('reached', ({ productSeconds }) => productSeconds),
				x: 'intensity',
				y: 'rate',
				color: 'series',
			},
		],
	};
}

function measuredPanels({ depth, columns, points, threads }: MeasuredOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Kernels on this computer',
			note: `${depth} x ${columns} weights, one token, one thread, the fastest of several runs. “vector” and “scalar” unpack weights and multiply.`,
			columns: [
				{ key: 'bits', label: 'Bits' },
				{ key: 'way', label: 'Kernel' },
				{ key: 'milliseconds', label: 'Time', unit: 'ms' },
				{ key: 'bandwidth', label: 'Weights read', unit: 'GB/s' },
				{ key: 'rate', label: 'Pace', unit: 'GOP/s' },
				{ key: 'overVector', label: 'Against vector', unit: 'x' },
				{ key: 'isExact', label: 'Exact' },
			],
			rows: points.map(({ bits, way, seconds, weightBytesPerSecond, opsPerSecond, overVector, isExact }) => ({
				bits,
				way,
				milliseconds: 1000 * seconds,
				bandwidth: weightBytesPerSecond / 1e9,
				rate: opsPerSecond / 1e9,
				overVector,
				isExact: isExact ? 'yes' : 'no',
			})),
		},
		{
			kind: 'plot',
			title: 'Time of a product by width',
			note: 'Tables take time for every bit; unpacking takes about the same for all widths.',
			x: { label: 'Width of a weight', unit: 'bit', scale: 'band' },
			y: { label: 'Time', unit: 'ms', scale: 'log' },
			color: { label: 'Kernel' },
			marks: [
				{
					mark: 'line',
					data: points.map(({ bits, way, seconds }) => ({ bits, way, milliseconds: 1000 * seconds })),
					x: 'bits',
					y: 'milliseconds',
					color: 'way',
				},
			],
		},
		...(threads.length === 0
			? []
			: [
					{
						kind: 'table' as const,
						title: 'Tables on several threads',
						note: 'Each thread has a block of columns. A run lasts from the start of the first thread to the end of the last, waiting included.',
						columns: [
							{ key: 'bits', label: 'Bits' },
							{ key: 'threads', label: 'Threads' },
							{ key: 'milliseconds', label: 'Time', unit: 'ms' },
							{ key: 'overOne', label: 'Against one', unit: 'x' },
							{ key: 'isExact', label: 'Exact' },
						],
						rows: threads.map(({ bits, threads: count, seconds, overOne, isExact }) => ({
							bits,
							threads: count,
							milliseconds: 1000 * seconds,
							overOne,
							isExact: isExact ? 'yes' : 'no',
						})),
					},
				]),
	];
}
