import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layerMacs, networkCounts } from '../counts.ts';
import { findNetwork } from '../zoo.ts';
import { readTopology } from './read-topology.ts';
import { writeTopology } from './write-topology.ts';

const heading = 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';

describe('reading', () => {
	test('AlexNet as SCALE-Sim ships it, with the multiply-accumulates that its own formula gives', () => {
		const rows = [
			'Conv1 ,224 ,224 ,11 ,11 ,3 ,96 ,4 ,',
			'Conv2, 27, 27, 5, 5, 96, 256, 1,',
			'',
			'Conv3, 13, 13, 3, 3, 256, 384, 1,',
		];
		const network = readTopology([heading, ...rows].join('\r\n'), 'alexnet.csv');
		expect(network.name).toBe('alexnet');
		// ⌈(image − filter + stride) / stride⌉ along each axis: 55, 23 and 11.
		const macs = [55 * 55 * 11 * 11 * 3 * 96, 23 * 23 * 5 * 5 * 96 * 256, 11 * 11 * 3 * 3 * 256 * 384];
		expect(network.layers.map((layer) => layerMacs(layer))).toEqual(macs);
	});

	test('a stride for each axis, depthwise layers by their name, groups by a column, dense sparsity', () => {
		const two = readTopology(`${heading}\nA, 10, 20, 3, 3, 4, 8, 1, 2,\n`, 't.csv');
		expect(two.layers[0]?.outputs[0]?.shape).toEqual([1, 8, 8, 10]);
		const depthwise = readTopology(`${heading}\nConv2DP, 10, 10, 3, 3, 32, 1, 1,\n`, 't.csv');
		expect(depthwise.layers[0]).toMatchObject({ groups: 32, outputChannels: 32 });
		expect(networkCounts(depthwise).macs).toBe(8 * 8 * 9 * 32);
		const grouped = readTopology(
			`${heading.replace('Strides,', 'Stride height, Stride width, Groups,')}\nA, 5, 5, 1, 1, 8, 16, 1, 1, 4,\n`,
			't.csv',
		);
		expect(grouped.layers[0]).toMatchObject({ groups: 4 });
		const dense = readTopology(`${heading} Sparsity,\nA, 5, 5, 1, 1, 8, 16, 1, 4:4,\n`, 't.csv');
		expect(networkCounts(dense).macs).toBe(25 * 8 * 16);
	});

	test('matrix products by M, N and K', () => {
		const network = readTopology('Layer, M, N, K,\nTF0, 31999, 84, 1024,\nTF0, 2, 3, 4,\n', 'gemm.csv');
		expect(network.layers.map(({ name }) => name)).toEqual(['TF0', 'TF0#2']);
		expect(network.layers[0]).toMatchObject({ kind: 'matrix-product', m: 31_999, n: 84, k: 1024, secondOperand: 'weight' });
	});

	test.each([
		['no layers', `${heading}\n`, /t\.csv: found 0 layers/],
		[
			'a word for a number',
			`${heading}\nA, 10, ten, 3, 3, 4, 8, 1,\n`,
			/t\.csv, line 2, IFMAP width: found ten, expected a whole number from 1/,
		],
		['a missing number', `${heading}\nA, 10, 10, 3, 3, 4,\n`, /line 2, Num filter: found nothing/],
		[
			'a filter larger than its image',
			`${heading}\nA, 10, 2, 3, 3, 4, 8, 1,\n`,
			/line 2, Filter width: found 3, expected at most the image's 2/,
		],
		[
			'groups that do not fit',
			`${heading.replace('Strides,', 'Strides, Groups,')}\nA, 5, 5, 1, 1, 8, 16, 1, 3,\n`,
			/Groups: found 3, expected a divisor of 8 channels/,
		],
		[
			'weights that are partly left out',
			`${heading} Sparsity,\nA, 5, 5, 1, 1, 8, 16, 1, 1:2,\n`,
			/Sparsity: found 1:2, expected a dense layer/,
		],
	])('%s is one InputError with its line', (_, text, expected) => {
		expect(() => readTopology(text, 't.csv')).toThrow(InputError);
		expect(() => readTopology(text, 't.csv')).toThrow(expected);
	});

	test('any text is a network or an InputError', () => {
		fc.assert(
			fc.property(
				fc.string(),
				fc.array(fc.array(fc.oneof(fc.nat(40).map(String), fc.string({ maxLength: 4 })), { maxLength: 11 })),
				(first, rows) => {
					for (const start of [first, heading, 'Layer, M, N, K,']) {
						try {
							readTopology([start, ...rows.map((row) => row.join(','))].join('\n'), 'fuzz.csv');
						} catch (error) {
							if (!(error instanceof InputError)) throw error;
						}
					}
				},
			),
			{ numRuns: 2000 },
		);
	});
});

describe('writing', () => {
	test.each([
		'alexnet',
		'vgg-16',
		'resnet-50',
		'resnext-50-32x4d',
		'mobilenet-v1',
		'squeezenet-1.0',
		'googlenet',
		'bert-base',
		't5-small',
	])('%s is read back with as many multiply-accumulates', (name) => {
		const network = findNetwork(name);
		const back = readTopology(writeTopology(network), 'back.csv');
		expect(networkCounts(back).macs).toBe(networkCounts(network).macs);
	});

	test('the first layers of ResNet-50, as one would write them', () => {
		expect(writeTopology(findNetwork('resnet-50')).split('\n').slice(1, 4)).toEqual([
			'conv1.conv, 229, 229, 7, 7, 3, 64, 2, 2,',
			'layer1.0.1.conv, 56, 56, 1, 1, 64, 64, 1, 1,',
			'layer1.0.2.conv, 58, 58, 3, 3, 64, 64, 1, 1,',
		]);
	});

	test('what SCALE-Sim has no words for is named', () => {
		expect(() => writeTopology(findNetwork('u-net'))).toThrow(
			/up4\.up: found a transposed convolution, expected a convolution in one or two/,
		);
	});
});
