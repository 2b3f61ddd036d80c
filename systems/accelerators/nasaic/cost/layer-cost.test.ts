import { describe, expect, test } from 'vitest';
import { resnet9 } from '../networks/resnet9.ts';
import { squareConvolution } from '../networks/task-network.ts';
import { uNet } from '../networks/u-net.ts';
import { dataMissing, referenceRows } from '../test-data.ts';
import { chipArea } from './area.ts';
import { BUILT_IN_MAPPINGS, type BuiltInDataflow } from './built-in-mappings.ts';
import { layerMacs } from './convolution-layer.ts';
import { type LayerCost, layerCost } from './layer-cost.ts';

const quantile = (values: readonly number[], q: number): number =>
	[...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))] as number;

function ranks(values: readonly number[]): number[] {
	const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
	const rank = new Array<number>(values.length);
	for (let i = 0; i < order.length; ) {
		let j = i;
		while (j < order.length && values[order[j] as number] === values[order[i] as number]) j++;
		for (let k = i; k < j; k++) rank[order[k] as number] = (i + j - 1) / 2;
		i = j;
	}
	return rank;
}

function correlation(a: readonly number[], b: readonly number[]): number {
	const centre = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const [ca, cb] = [centre(a), centre(b)];
	const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
	const [da, db] = [(i: number) => (a[i] as number) - ca, (i: number) => (b[i] as number) - cb];
	return sum((i) => da(i) * db(i)) / Math.sqrt(sum((i) => da(i) ** 2) * sum((i) => db(i) ** 2));
}

describe.skipIf(dataMissing)(`1,008 layers that MAESTRO costed${dataMissing === undefined ? '' : ` (${dataMissing})`}`, () => {
	const rows = dataMissing === undefined ? referenceRows() : [];
	const ours = rows.map(
		(row) =>
			layerCost(
				row.layer,
				{ mapping: BUILT_IN_MAPPINGS[row.dataflow], elements: row.elements, bandwidth: row.bandwidth },
				'maestro',
			) as LayerCost,
	);
	const errors = (dataflow: BuiltInDataflow): number[] =>
		rows.flatMap((row, i) => (row.dataflow === dataflow ? [Math.abs((ours[i] as LayerCost).cycles / row.cycles - 1)] : []));

	test.for([
		['dla', 0.02, 0.1],
		['shi', 0.1, 0.1],
		['rs', 0.1, 0.15],
	] as const)('cycles of %s', ([dataflow, median, worst]) => {
		expect(quantile(errors(dataflow), 0.5)).toBeLessThanOrEqual(median);
		expect(quantile(errors(dataflow), 1)).toBeLessThanOrEqual(worst);
	});

	test('cycles of all rows in the same order', () => {
		expect(correlation(ranks(ours.map(({ cycles }) => cycles)), ranks(rows.map(({ cycles }) => cycles)))).toBeGreaterThanOrEqual(
			0.98,
		);
	});

	test('multiply-accumulates are the layer’s own; MAESTRO counts more on four rows', () => {
		expect(ours.every(({ macs }, i) => macs === layerMacs((rows[i] as (typeof rows)[number]).layer))).toBe(true);
		const different = rows.filter(({ macs }, i) => macs !== (ours[i] as LayerCost).macs);
		expect(
			different.map(({ dataflow, elements, layer, macs }) => [dataflow, elements, layer.name, macs > layerMacs(layer)]),
		).toEqual(Array.from({ length: 4 }, () => ['rs', 64, 'un_enc2', true]));
	});

	test('elements at work agree on at least 95 % of rows', () => {
		// The table has six digits.
		const same = rows.filter(
			({ activeElements }, i) => Math.abs((ours[i] as LayerCost).activeElements - activeElements) <= 5e-5 * activeElements,
		);
		expect(same.length / rows.length).toBeGreaterThanOrEqual(0.95);
	});

	test('accesses of the shared buffer, all together and each count, are within 10 % on at least 90 %', () => {
		const counts = ours.map(({ sharedReads, sharedWrites }) =>
			(['input', 'weight', 'output'] as const).flatMap((tensor) => [sharedReads[tensor], sharedWrites[tensor]]),
		);
		const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
		const near = (a: number, b: number): boolean => Math.abs(a / b - 1) <= 0.1;
		expect(
			rows.filter(({ shared }, i) => near(total(counts[i] as number[]), total(shared))).length / rows.length,
		).toBeGreaterThanOrEqual(0.9);
		const each = rows.flatMap(({ shared }, i) => shared.map((value, k) => near((counts[i] as number[])[k] as number, value)));
		expect(each.filter(Boolean).length / each.length).toBeGreaterThanOrEqual(0.9);
	});

	test('a closed form is within 5 % of dla', () => {
		for (const { dataflow, elements, bandwidth, layer } of rows) {
			if (dataflow !== 'dla') continue;
			const clusters = Math.floor(elements / 64);
			const { outputChannels, inputChannels, outputRows } = layer;
			const inCluster = Math.min(inputChannels, 64);
			const form =
				Math.ceil(outputChannels / clusters) *
				Math.ceil(inputChannels / 64) *
				((Math.min(outputChannels, clusters) * inCluster * 9) / bandwidth +
					outputRows * outputRows * 9 * (1 + (2 * inCluster) / bandwidth));
			const cost = layerCost(layer, { mapping: BUILT_IN_MAPPINGS.dla, elements, bandwidth }, 'maestro');
			expect(Math.abs(form / (cost?.cycles ?? 0) - 1)).toBeLessThanOrEqual(0.05);
		}
	});
});

test.for([
	['ResNet9', [32, 128, 2, 256, 2, 256, 2], 2_082_170, 2.94e9, 7_773_073],
	['ResNet9', [64, 128, 2, 256, 2, 512, 2], 2_876_077, 4.26e9, 14_170_385],
	['ResNet9', [8, 32, 0, 32, 0, 32, 0], 85_234, 5.1e7, 101_703],
	['U-Net', [2, 4], 815_140, 1.54e8, 294_184],
	['U-Net', [4, 16], 4_856_885, 4.9e9, 10_481_070],
] as const)(
	'layers of %j %j: whole networks as MAESTRO costs them, within 2 %',
	([name, values, dlaCycles, dlaEnergy, shiCycles]) => {
		const backbone = name === 'U-Net' ? uNet : resnet9;
		const sum = (dataflow: BuiltInDataflow, elements: number, bandwidth: number, figure: 'cycles' | 'energy'): number =>
			backbone
				.build(values)
				.layers.reduce(
					(total, layer) =>
						total + (layerCost(layer, { mapping: BUILT_IN_MAPPINGS[dataflow], elements, bandwidth }, 'maestro')?.[figure] ?? 0),
					0,
				);
		expect(Math.abs(sum('dla', 576, 56, 'cycles') / dlaCycles - 1)).toBeLessThan(0.02);
		expect(Math.abs(sum('dla', 576, 56, 'energy') / dlaEnergy - 1)).toBeLessThan(0.02);
		expect(Math.abs(sum('shi', 1984, 16, 'cycles') / shiCycles - 1)).toBeLessThan(0.02);
	},
);

test('each dataflow has its own layers to which it gives work', () => {
	const active = (dataflow: BuiltInDataflow, channels: number, side: number): number | undefined =>
		layerCost(
			squareConvolution('', channels, channels, side),
			{ mapping: BUILT_IN_MAPPINGS[dataflow], elements: 1024, bandwidth: 64 },
			'maestro',
		)?.activeElements;
	expect((['dla', 'shi', 'rs'] as const).map((dataflow) => active(dataflow, 256, 8))).toEqual([1024, 64, 24]);
	expect(active('shi', 16, 128)).toBe(1024);
	expect(active('dla', 16, 128)).toBe(256);
});

test.for([
	{ kernel: 1, stride: 1, isDepthwise: false },
	{ kernel: 5, stride: 1, isDepthwise: false },
	{ kernel: 3, stride: 2, isDepthwise: false },
	{ kernel: 3, stride: 1, isDepthwise: true },
	{ kernel: 7, stride: 2, isDepthwise: false },
])(
	'%j: every multiply-accumulate is done once on every dataflow, and overlapping transfers is no slower',
	({ kernel, stride, isDepthwise }) => {
		const layer = { ...squareConvolution('', 48, isDepthwise ? 1 : 40, 19, kernel), stride, isDepthwise };
		for (const mapping of Object.values(BUILT_IN_MAPPINGS)) {
			const accelerator = { mapping, elements: 448, bandwidth: 16 };
			const [waiting, overlapped] = [layerCost(layer, accelerator, 'maestro'), layerCost(layer, accelerator, 'overlapped')];
			expect(waiting?.macs).toBe(layerMacs(layer));
			expect(waiting?.cycles).toBeGreaterThanOrEqual(layerMacs(layer) / 448);
			expect(overlapped?.cycles).toBeLessThanOrEqual(waiting?.cycles ?? 0);
		}
	},
);

test('an accelerator smaller than a cluster runs nothing', () => {
	expect(
		layerCost(squareConvolution('', 8, 8, 8), { mapping: BUILT_IN_MAPPINGS.dla, elements: 32, bandwidth: 8 }, 'maestro'),
	).toBeNull();
});

test.for([
	[2112, 1984, 4.71e9],
	[1088, 2368, 3.82e9],
	[576, 1792, 2.03e9],
	[2368, 1728, 4.83e9],
	[2112, 1536, 3.86e9],
	[2112, 1184, 3.34e9],
] as const)('%d and %d elements take the area of the published design within 2 %', ([a, b, area]) => {
	expect(Math.abs(chipArea([{ elements: a }, { elements: b }]) / area - 1)).toBeLessThanOrEqual(0.02);
});
