import { createRandom, InputError } from '@assay/contract';
import { parseTfjs } from '@assay/models/tfjs';
import { expect, test } from 'vitest';
import { openSession } from '../runtime.ts';
import { channelsFirst } from '../samples/sample-set.ts';
import { elements, shapeOf, writeModel } from './float-model.ts';
import { modelFromTfjs } from './model-from-tfjs.ts';
import { prepareModel } from './prepare-model.ts';

const random = createRandom(9);
const [HEIGHT, WIDTH, CHANNELS, FILTERS, CLASSES] = [5, 6, 3, 4, 2];
type Values = { readonly shape: readonly number[]; readonly values: Float32Array };
const normal = (...shape: number[]): Values => ({
	shape,
	values: Float32Array.from({ length: elements(shape) }, () => random.normal()),
});
const kernel = normal(3, 3, CHANNELS, FILTERS);
const depthwise = normal(3, 3, FILTERS, 1);
const classes = normal(FILTERS, CLASSES);
const bias = normal(CLASSES);
const gamma = normal(FILTERS);
const beta = normal(FILTERS);
const mean = normal(FILTERS);
const variance: Values = { shape: [FILTERS], values: Float32Array.of(0.5, 1, 2, 3) };
const EPSILON = 0.001;
const image = normal(1, HEIGHT, WIDTH, CHANNELS).values;

/** A window of 3 x 3 at stride 2 with TensorFlow's padding "same", from its definition. */
function windows(
	input: ArrayLike<number>,
	height: number,
	width: number,
	channels: number,
	outs: number,
	tap: (at: number, c: number, o: number) => number,
) {
	const before = (size: number) => Math.floor(Math.max(0, (Math.ceil(size / 2) - 1) * 2 + 3 - size) / 2);
	const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
	const out: number[] = [];
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++)
			for (let o = 0; o < outs; o++) {
				let sum = 0;
				for (let i = 0; i < 9; i++) {
					const [y, x] = [2 * row + Math.floor(i / 3) - before(height), 2 * column + (i % 3) - before(width)];
					if (y < 0 || y >= height || x < 0 || x >= width) continue;
					for (let c = 0; c < channels; c++) sum += input[(y * width + x) * channels + c]! * tap(i, c, o);
				}
				out.push(sum);
			}
	return out;
}

/** Convolution, norm, relu6, depthwise convolution, mean over the image, dense, softmax: as sums over the definitions, channels last. */
function expected(): number[] {
	const sums = windows(image, HEIGHT, WIDTH, CHANNELS, FILTERS, (i, c, o) => kernel.values[(i * CHANNELS + c) * FILTERS + o]!);
	const normed = sums.map((value, at) => {
		const o = at % FILTERS;
		const scaled = (gamma.values[o]! * (value - mean.values[o]!)) / Math.sqrt(variance.values[o]! + EPSILON) + beta.values[o]!;
		return Math.min(6, Math.max(0, scaled));
	});
	const deep = windows(normed, 3, 3, FILTERS, FILTERS, (i, c, o) => (c === o ? depthwise.values[i * FILTERS + o]! : 0));
	const pooled = Array.from(
		{ length: FILTERS },
		(_, o) => deep.reduce((sum, value, at) => (at % FILTERS === o ? sum + value : sum), 0) / 4,
	);
	const logits = Array.from({ length: CLASSES }, (_, k) =>
		pooled.reduce((sum, value, o) => sum + value * classes.values[o * CLASSES + k]!, bias.values[k]!),
	);
	const powers = logits.map((value) => Math.exp(value - Math.max(...logits)));
	return powers.map((power) => power / powers.reduce((a, b) => a + b));
}

function fileOf(modelTopology: object, weights: Readonly<Record<string, Values>>) {
	const list = Object.entries(weights);
	const bytes = Uint8Array.from(list.flatMap(([, { values }]) => [...new Uint8Array(values.buffer)]));
	const manifest = [{ paths: ['w.bin'], weights: list.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })) }];
	return parseTfjs(JSON.stringify({ modelTopology, weightsManifest: manifest }), 'model.json').load(new Map([['w.bin', bytes]]));
}

async function run(topology: object, weights: Readonly<Record<string, Values>>, dimensions = {}) {
	const model = prepareModel(modelFromTfjs(fileOf(topology, weights), 'model.json', dimensions));
	const shape = shapeOf(model, model.input);
	const session = await openSession(writeModel(model), { name: model.input, shape });
	const found = (await session.run(channelsFirst(image, CHANNELS))).get(model.outputs[0]!)!;
	return { found: Array.from(found), operators: model.nodes.map(({ opType }) => opType) };
}

const layer = (class_name: string, name: string, config: object = {}) => ({ class_name, config: { name, ...config } });
const convolution = { strides: [2, 2], padding: 'same', use_bias: false, activation: 'linear', dilation_rate: [1, 1] };
const features = [
	layer('Conv2D', 'conv', { ...convolution, batch_input_shape: [null, HEIGHT, WIDTH, CHANNELS] }),
	layer('BatchNormalization', 'norm', { axis: -1, epsilon: EPSILON, scale: true, center: true }),
	layer('ReLU', 'relu', { max_value: 6, negative_slope: 0, threshold: 0 }),
	layer('DepthwiseConv2D', 'deep', convolution),
	layer('GlobalAveragePooling2D', 'pool'),
];
const head = [
	layer('Dropout', 'drop', { rate: 0.5 }),
	layer('Dense', 'classes', { units: CLASSES, activation: 'softmax', use_bias: true }),
];
const weights = {
	'conv/kernel': kernel,
	'norm/gamma': gamma,
	'norm/beta': beta,
	'norm/moving_mean': mean,
	'norm/moving_variance': variance,
	'deep/depthwise_kernel': depthwise,
	'classes/kernel': classes,
	'classes/bias': bias,
};
const linked = (layers: readonly { config: { name: string } }[]) =>
	layers.map((one, index) => ({
		...one,
		name: one.config.name,
		inbound_nodes: index === 0 ? [] : [[[layers[index - 1]!.config.name, 0, 0, {}]]],
	}));

test.for([
	['a list of layers', { class_name: 'Sequential', config: { name: 's', layers: [...features, ...head] } }],
	['the oldest list, without a name', { class_name: 'Sequential', config: [...features, ...head] }],
	[
		'lists within a list, as Teachable Machine writes them',
		{
			class_name: 'Sequential',
			config: { name: 's', layers: [layer('Sequential', 'f', { layers: features }), layer('Sequential', 'h', { layers: head })] },
		},
	],
	[
		'a graph of layers, the middle of it a graph of its own',
		{
			model_config: {
				class_name: 'Functional',
				config: {
					name: 'g',
					layers: linked([
						layer('InputLayer', 'x', { batch_input_shape: [null, HEIGHT, WIDTH, CHANNELS] }),
						layer('Functional', 'inner', {
							layers: linked([layer('InputLayer', 'y', { batch_input_shape: [null, HEIGHT, WIDTH, CHANNELS] }), ...features]),
							input_layers: [['y', 0, 0]],
							output_layers: [['pool', 0, 0]],
						}),
						...head,
					]),
					input_layers: [['x', 0, 0]],
					output_layers: [['classes', 0, 0]],
				},
			},
		},
	],
] as const)('Keras layers as %s give what the definitions give', async ([, topology]) => {
	const { found, operators } = await run(topology, weights);
	for (const [k, value] of expected().entries()) expect(found[k]).toBeCloseTo(value, 5);
	expect(operators).toEqual(['Conv', 'Clip', 'Conv', 'GlobalAveragePool', 'Reshape', 'Gemm', 'Softmax']);
});

const text = (value: string) => ({ s: btoa(value) });
const step = { strides: { list: { i: ['1', '2', '2', '1'] } }, padding: text('SAME'), data_format: text('NHWC') };
const shape = { shape: { dim: [-1, HEIGHT, WIDTH, CHANNELS].map((size) => ({ size: String(size) })) } };
const factor = gamma.values.map((value, o) => value / Math.sqrt(variance.values[o]! + EPSILON));
const folded: Values = { shape: kernel.shape, values: kernel.values.map((value, at) => value * factor[at % FILTERS]!) };
const offset: Values = { shape: [FILTERS], values: beta.values.map((value, o) => value - mean.values[o]! * factor[o]!) };
const constants = (...names: string[]) => names.map((name) => ({ name, op: 'Const' }));

test('operators, fused and plain, give what the definitions give', async () => {
	const fused = (...parts: string[]) => ({ fused_ops: { list: { s: parts.map((part) => btoa(part)) } } });
	const nodes = [
		{ name: 'x', op: 'Placeholder', attr: { shape } },
		...constants('w', 'o', 'd', 'axes', 'c', 'b'),
		{ name: 'conv', op: '_FusedConv2D', input: ['x', 'w', 'o'], attr: { ...step, ...fused('BiasAdd', 'Relu6') } },
		{ name: 'deep', op: 'DepthwiseConv2dNative', input: ['conv', 'd'], attr: step },
		{ name: 'pool', op: 'Mean', input: ['deep', 'axes'] },
		{ name: 'logits', op: '_FusedMatMul', input: ['pool', 'c', 'b'], attr: fused('BiasAdd') },
		{ name: 'shares', op: 'Softmax', input: ['logits'] },
		{ name: 'Identity', op: 'Identity', input: ['shares'] },
	];
	const axes: Values = { shape: [2], values: Float32Array.of(1, 2) };
	const { found, operators } = await run({ node: nodes }, { w: folded, o: offset, d: depthwise, axes, c: classes, b: bias });
	for (const [k, value] of expected().entries()) expect(found[k]).toBeCloseTo(value, 5);
	expect(operators).toEqual(['Conv', 'Clip', 'Conv', 'GlobalAveragePool', 'Reshape', 'Gemm', 'Softmax']);
});

test('transposes keep the source’s meaning of dimensions', async () => {
	const order: Values = { shape: [4], values: Float32Array.of(0, 2, 1, 3) };
	const nodes = [
		{ name: 'x', op: 'Placeholder', attr: { shape } },
		...constants('order', 'flat'),
		{ name: 't', op: 'Transpose', input: ['x', 'order'] },
		{ name: 'y', op: 'Reshape', input: ['t', 'flat'] },
	];
	const { found } = await run({ node: nodes }, { order, flat: { shape: [2], values: Float32Array.of(1, -1) } });
	const at = (row: number, column: number, channel: number) => image[(row * WIDTH + column) * CHANNELS + channel];
	const turned = Array.from(image, (_, i) =>
		at(Math.floor(i / CHANNELS) % HEIGHT, Math.floor(i / CHANNELS / HEIGHT), i % CHANNELS),
	);
	expect(found).toEqual(turned);
});

const open = { ...features[0]!, config: { ...features[0]!.config, batch_input_shape: [null, null, null, CHANNELS] } };
const sequence = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });

test('open sizes are given by the input’s name', async () => {
	const topology = sequence(open, ...features.slice(1), ...head);
	const { found } = await run(topology, weights, { conv: [1, HEIGHT, WIDTH, CHANNELS] });
	for (const [k, value] of expected().entries()) expect(found[k]).toBeCloseTo(value, 5);
});

test.for<[string, object, RegExp]>([
	['an unknown layer', sequence(features[0]!, layer('ConvLSTM2D', 'memory')), /memory: found a layer of the kind ConvLSTM2D/],
	[
		'an unknown activation',
		sequence({ ...features[0]!, config: { ...features[0]!.config, activation: 'selu' } }),
		/conv: found the activation selu/,
	],
	['sizes that nobody gave', sequence(open), /conv: found an input of \[1, \?, \?, 3\].*model\.dimensions/],
	[
		'a missing weight',
		sequence(features[0]!, layer('DepthwiseConv2D', 'other', convolution)),
		/other: found no weight other\/depthwise_kernel/,
	],
	[
		'an unknown operator',
		{
			node: [
				{ name: 'x', op: 'Placeholder', attr: { shape } },
				{ name: 'sorted', op: 'TopKV2', input: ['x'] },
			],
		},
		/sorted \(TopKV2\): found an operator that is not converted/,
	],
	[
		'an unknown part of a fused operator',
		{
			node: [
				{ name: 'x', op: 'Placeholder', attr: { shape } },
				...constants('conv/kernel'),
				{
					name: 'y',
					op: '_FusedConv2D',
					input: ['x', 'conv/kernel'],
					attr: { ...step, fused_ops: { list: { s: [btoa('Elu')] } } },
				},
			],
		},
		/y \(_FusedConv2D\): found Elu joined to it/,
	],
])('%s is refused by name', ([, topology, message]) => {
	const convert = () => modelFromTfjs(fileOf(topology, weights), 'model.json', {});
	expect(convert).toThrow(InputError);
	expect(convert).toThrow(message);
});
