/** Panels of sizing. */
import type { Panel } from '@assay/contract';
import type { SizingOutput } from '../outputs.ts';

export function reportSizing(sizing: SizingOutput): Panel[] {
	const { device, own } = sizing;
	const ridge = (device.achievableTeraflops * 1e3) / Math.max(device.streamGigabytesPerSecond, 1e-12);
	const roof = Array.from({ length: 61 }, (_, i) => {
		const intensity = ridge * 10 ** (i / 20 - 2);
		return { intensity, teraflops: Math.min(device.achievableTeraflops, (intensity * device.streamGigabytesPerSecond) / 1e3) };
	});
	const positive = (one: { readonly intensity: number; readonly teraflops: number }): boolean =>
		one.intensity > 0 && one.teraflops > 0;
	return [
		{
			kind: 'table',
			title: 'Rules',
			note: 'What vendors and the paper advise, against this model and batch.',
			columns: [
				{ key: 'verdict', label: 'Verdict' },
				{ key: 'rule', label: 'Rule' },
				{ key: 'found', label: 'Found' },
				{ key: 'wanted', label: 'Wanted' },
				{ key: 'from', label: 'From' },
			],
			rows: sizing.rules,
		},
		{
			kind: 'table',
			title: 'Other widths',
			note: `The first row is the model itself; the others are the fastest of ${sizing.withinBudget} shapes within the budget, of ${sizing.tried} tried. Quality is not judged: shapes of equal size may learn differently.`,
			columns: [
				{ key: 'layers', label: 'Layers' },
				{ key: 'hidden', label: 'Width' },
				{ key: 'heads', label: 'Heads' },
				{ key: 'kvHeads', label: 'KV heads' },
				{ key: 'feedForward', label: 'Inner width' },
				{ key: 'experts', label: 'Experts' },
				{ key: 'totalBillions', label: 'Parameters', unit: '1e9' },
				{ key: 'activeBillions', label: 'Active', unit: '1e9' },
				{ key: 'trainingMicroseconds', label: 'Training', unit: 'us/token' },
				{ key: 'decodeMilliseconds', label: 'Decoding', unit: 'ms/token' },
				{ key: 'efficiency', label: 'Of the achievable rate' },
			],
			rows: [own, ...sizing.alternatives].map((one) => ({
				layers: one.layers,
				hidden: one.hidden,
				heads: one.heads,
				kvHeads: one.kvHeads,
				feedForward: one.feedForward,
				experts: one.experts,
				totalBillions: one.totalParameters / 1e9,
				activeBillions: one.activeParameters / 1e9,
				trainingMicroseconds: one.trainingSecondsPerToken * 1e6,
				decodeMilliseconds: one.decodeSecondsPerToken * 1e3,
				efficiency: one.efficiency,
			})),
		},
		{
			kind: 'table',
			title: 'Matrix products of a micro-batch',
			note: `On ${device.name}: ${device.achievableTeraflops.toPrecision(4)} of ${device.peakTeraflops.toPrecision(4)} TFLOP/s for large products, ${device.streamGigabytesPerSecond.toPrecision(4)} GB/s of memory, ${device.computeUnits ?? 'an unknown number of'} compute units.`,
			columns: [
				{ key: 'name', label: 'Product' },
				{ key: 'pass', label: 'Pass' },
				{ key: 'm', label: 'M' },
				{ key: 'n', label: 'N' },
				{ key: 'k', label: 'K' },
				{ key: 'groups', label: 'Groups' },
				{ key: 'layers', label: 'Layers' },
				{ key: 'tile', label: 'Tile' },
				{ key: 'waves', label: 'Waves' },
				{ key: 'waveEfficiency', label: 'Wave efficiency' },
				{ key: 'bound', label: 'Bound by' },
				{ key: 'teraflops', label: 'Rate', unit: 'TFLOP/s' },
				{ key: 'totalMilliseconds', label: 'All layers', unit: 'ms' },
			],
			rows: sizing.products,
		},
		{
			kind: 'plot',
			title: 'Roofline',
			note: 'Each product by its operations per byte; below the line lie waves that are not full and launches.',
			x: { label: 'Operations per byte', unit: 'FLOP/B', scale: 'log' },
			y: { label: 'Rate', unit: 'TFLOP/s', scale: 'log' },
			color: { label: 'Pass' },
			marks: [
				{ mark: 'line', data: roof.filter(positive), x: 'intensity', y: 'teraflops' },
				{ mark: 'dot', data: sizing.products.filter(positive), x: 'intensity', y: 'teraflops', color: 'pass' },
			],
		},
		...(sizing.measured.length === 0
			? []
			: [
					{
						kind: 'table',
						title: 'Measured products',
						columns: [
							{ key: 'shape', label: 'M x N x K' },
							{ key: 'measuredMicroseconds', label: 'Measured', unit: 'us' },
							{ key: 'predictedMicroseconds', label: 'Predicted', unit: 'us' },
							{ key: 'measuredTeraflops', label: 'Measured rate', unit: 'TFLOP/s' },
						],
						rows: sizing.measured,
					} satisfies Panel,
				]),
	];
}
