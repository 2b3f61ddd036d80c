/** What a user can say. */
import { choice, count, flag, optionalCount, optionalQuantity, quantity } from '@assay/contract';
import { DATAFLOWS, EYERISS_RELATIVE_ENERGY } from '@assay/machines';
import { networkInput } from '@assay/models/network';
import { z } from 'zod';
import { TRAINABLE_WIDTHS } from './train/small-mobile-net.ts';
import { GROUP_WIDTHS } from './transform/widen-groups.ts';

const array = z
	.strictObject({
		rows: count({ unit: 'elements', min: 1, max: 4096, default: 64, help: 'Rows of processing elements.' }),
		columns: count({ unit: 'elements', min: 1, max: 4096, default: 64, help: 'Columns of processing elements.' }),
		clock: quantity({ unit: 'GHz', min: 0.001, max: 10, default: 1, help: 'Clock of the array.' }),
		dataflow: choice(DATAFLOWS, { default: 'row-stationary', help: 'What stays in place while the rest streams by.' }),
	})
	.prefault({});

const kibibytes = (standard: number, help: string) => quantity({ unit: 'KiB', min: 0.01, max: 1e6, default: standard, help });

const memory = z
	.strictObject({
		valueBytes: count({ unit: 'B', min: 1, max: 8, default: 2, help: 'Bytes of a value.' }),
		globalBuffer: kibibytes(108, 'Buffer of the row-stationary dataflow.'),
		inputBuffer: kibibytes(64, 'Double-buffered, for inputs of the systolic dataflows.'),
		weightBuffer: kibibytes(64, 'The same for weights.'),
		outputBuffer: kibibytes(64, 'The same for outputs.'),
		bandwidth: optionalQuantity({
			unit: 'GB/s',
			min: 1e-3,
			max: 1e5,
			help: 'Bandwidth of DRAM; left out, layers never wait for it.',
		}),
	})
	.prefault({});

const energyOf = (standard: number, help: string) => quantity({ unit: '1', min: 0, max: 1e6, default: standard, help });

const energy = z
	.strictObject({
		multiplyAccumulate: energyOf(
			EYERISS_RELATIVE_ENERGY['multiply-accumulate'],
			'Energy of a multiply-accumulate, the unit of the others.',
		),
		registerFile: energyOf(EYERISS_RELATIVE_ENERGY['register file'], 'Of an access to a register.'),
		array: energyOf(EYERISS_RELATIVE_ENERGY.array, 'Of a transfer between elements.'),
		globalBuffer: energyOf(EYERISS_RELATIVE_ENERGY['global buffer'], 'Of an access to the buffer.'),
		dram: energyOf(EYERISS_RELATIVE_ENERGY.DRAM, 'Of an access to DRAM.'),
	})
	.prefault({});

const change = z
	.strictObject({
		objective: choice(['utilisation', 'latency', 'energy-delay', 'uniform'], {
			default: 'utilisation',
			help: 'What decides on each depthwise layer: reaching a utilisation, fewest cycles, least energy times cycles, or one width for all.',
		}),
		utilisation: quantity({ unit: '1', min: 0, max: 1, default: 0.2, help: 'Utilisation that each layer should reach.' }),
		width: count({
			unit: 'channels',
			min: 1,
			max: GROUP_WIDTHS[GROUP_WIDTHS.length - 1] ?? 32,
			default: 4,
			help: 'Channels per group where one width is for all.',
		}),
		mostMegaMacs: optionalQuantity({
			unit: 'M',
			min: 1e-6,
			max: 1e9,
			help: 'Most multiply-accumulates; channels are scaled down to stay within.',
		}),
		mostWeights: optionalCount({ unit: 'weights', min: 1, max: 1e12, help: 'Most weights, likewise.' }),
	})
	.prefault({});

const train = z
	.strictObject({
		images: count({ unit: 'images', min: 64, max: 100_000, default: 4096, help: 'Generated images to learn from.' }),
		epochs: count({ unit: 'epochs', min: 1, max: 1000, default: 10, help: 'Times that each is seen.' }),
		seeds: count({ unit: 'networks', min: 1, max: 20, default: 3, help: 'Networks of each width, with other first weights.' }),
		learningRate: quantity({ unit: '1', min: 1e-6, max: 10, default: 0.1, help: 'At the start; it falls along a cosine.' }),
		widths: z
			.array(z.union(TRAINABLE_WIDTHS.map((width) => z.literal(width))).meta({ description: 'Channels a group.' }))
			.min(1)
			.max(TRAINABLE_WIDTHS.length)
			.default([...TRAINABLE_WIDTHS])
			.meta({ description: 'Channels per group that are tried.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['evaluate', 'train-here'], {
		default: 'evaluate',
		help: 'Evaluate a network on an array, or train small networks of several widths and see what becomes of accuracy.',
	}),
	network: networkInput('mobilenet-v1'),
	products: flag({ default: false, help: 'Counts matrix products (fully connected layers, attention) too.' }),
	array,
	memory,
	energy,
	change,
	train,
});

export type Inputs = z.output<typeof inputs>;
