/** Small graphs around operators that the two networks do not have. */
import type { OnnxElementType } from '../element-type.ts';
import type { GivenDimensions } from '../shapes/dimensions.ts';
import { GraphWriter, oneNumber } from './graph-writer.ts';

export interface SmallGraph {
	readonly title: string;
	readonly opset: number;
	readonly write: (g: GraphWriter) => void;
	readonly dimensions?: GivenDimensions;
}

const MICROSOFT = 'com.microsoft';

/** Operators of one input of shape [2, 6, 4, 5] that need nothing else. */
const UNARY =
	'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Log ' +
	'LogSoftmax Hardmax Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ' +
	'ThresholdedRelu IsInf IsNaN Gelu LpNormalization MeanVarianceNormalization Size Shape EyeLike RandomNormalLike ' +
	'RandomUniformLike Bernoulli GlobalMaxPool GlobalAveragePool GlobalLpPool';

const REDUCTIONS = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map(
	(name) => `Reduce${name}`,
);

const image = (g: GraphWriter, type: OnnxElementType = 'float32', dims: readonly number[] = [2, 6, 4, 5]): string =>
	g.input(`x${g.nodes.length}`, dims, type);

function quantised(g: GraphWriter) {
	const scale = g.scalar(0.1);
	const zero = g.scalar(3, 'uint8');
	return { scale, zero, triple: (x: string) => [x, scale, zero] };
}

export const smallGraphs: readonly SmallGraph[] = [
	{
		title: 'functions of one input',
		opset: 20,
		write: (g) => {
			const x = image(g);
			for (const name of UNARY.split(' ')) if (name !== 'EyeLike') g.add(name, [x]);
			g.add('EyeLike', [image(g, 'float32', [3, 4])]);
			g.add('Not', [image(g, 'bool')]);
			g.add('BitwiseNot', [image(g, 'int32')]);
			g.add('CastLike', [x, image(g, 'int32')]);
			g.add('CumSum', [x, g.scalar(1, 'int64')]);
			g.add('RandomNormal', [], { attributes: { shape: [2, 3] } });
			g.add('RandomUniform', [], { attributes: { shape: [4] } });
			g.add('Shape', [x], { attributes: { start: -3, end: -1 } });
		},
	},
	{
		title: 'operands that stretch',
		opset: 18,
		write: (g) => {
			const [a, b, c] = [image(g, 'float32', [2, 1, 4, 5]), g.input('b', [6, 1, 1]), g.input('c', [5])];
			for (const name of ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal'])
				g.add(name, [a, b]);
			for (const name of ['Min', 'Max', 'Sum', 'Mean']) g.add(name, [a, b, c]);
			g.add('Mod', [a, b], { attributes: { fmod: 1 } });
			g.add('PRelu', [a, c]);
			const [p, q] = [g.input('p', [3, 1], 'bool'), g.input('q', [4], 'bool')];
			for (const name of ['And', 'Or', 'Xor']) g.add(name, [p, q]);
			g.add('Where', [p, g.input('y', [3, 4]), g.input('z', [2, 1, 1])]);
			const [i, j] = [g.input('i', [3, 1], 'uint8'), g.input('j', [4], 'uint8')];
			for (const name of ['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']) g.add(name, [i, j]);
			g.add('BitShift', [i, j], { attributes: { direction: 'LEFT' } });
		},
	},
	...[11, 18].map((opset) => ({
		title: `reductions of operator set ${opset}`,
		opset,
		write: (g: GraphWriter) => {
			const x = image(g);
			for (const name of REDUCTIONS) {
				const axes = (values: number[]) => (opset < 13 ? [] : [g.integers(values)]);
				const asAttribute = (values: number[]) => (opset < 13 ? { axes: values } : {});
				g.add(name, [x, ...axes([1, -1])], { attributes: { ...asAttribute([1, -1]), keepdims: 0 } });
				g.add(name, [x, ...axes([2])], { attributes: asAttribute([2]) });
				g.add(name, [x]);
				if (opset >= 18) g.add(name, [x], { attributes: { noop_with_empty_axes: 1 } });
			}
			for (const name of ['ArgMax', 'ArgMin']) {
				g.add(name, [x], { attributes: { axis: -2 } });
				g.add(name, [x], { attributes: { axis: 1, keepdims: 0 } });
			}
		},
	})),
	{
		title: 'layout and look-up',
		opset: 18,
		write: (g) => {
			const x = image(g);
			g.add('Reshape', [x, g.integers([0, -1, 5])]);
			g.add('Flatten', [x], { attributes: { axis: -2 } });
			g.add('Transpose', [x]);
			g.add('Tile', [x, g.integers([1, 2, 3, 1])]);
			g.add('Expand', [g.input('e', [3, 1]), g.integers([2, 1, 4])]);
			g.add('Split', [x], { attributes: { axis: 3, num_outputs: 3 }, outputs: 3 });
			g.add('Split', [x], { attributes: { axis: 2, num_outputs: 2 }, outputs: 2 });
			g.add('SpaceToDepth', [x], { attributes: { blocksize: 1 } });
			g.add('CenterCropPad', [x, g.integers([3, 9])], { attributes: { axes: [2, 3] } });
			g.add('ReverseSequence', [x, g.integers([1, 2, 2, 1, 2, 1])], { attributes: { batch_axis: 1, time_axis: 0 } });
			g.add('GatherElements', [x, g.input('ge', [2, 3, 4, 5], 'int64')], { attributes: { axis: 1 } });
			g.add('Gather', [x, g.input('ga', [3, 2], 'int64')], { attributes: { axis: -2 } });
			g.add('GatherND', [x, g.input('gn', [2, 7, 2], 'int64')], { attributes: { batch_dims: 1 } });
			g.add('GatherND', [x, g.input('gm', [3, 4], 'int64')]);
			g.add('ScatterND', [x, g.input('sn', [3, 2], 'int64'), g.input('su', [3, 4, 5])]);
			g.add('ScatterElements', [x, g.input('si', [1, 1, 1, 1], 'int64'), g.input('sv', [1, 1, 1, 1])]);
			g.add('OneHot', [g.input('oh', [2, 3], 'int64'), g.scalar(4, 'int64'), g.floats([0, 1])], { attributes: { axis: 1 } });
			g.add('TopK', [x, g.integers([3])], { outputs: 2 });
			g.add('Compress', [x, g.add('Cast', [g.integers([1, 0, 1])], { attributes: { to: 9 } })], { attributes: { axis: 1 } });
			g.add('NonZero', [g.floats([1, 0, 2, 3])]);
			g.add('Constant', [], { attributes: { value_ints: [1, 2, 3] } });
			g.add('Constant', [], { attributes: { value_int: 3 } });
			g.add('Constant', [], { attributes: { value_floats: { floats: [1, 2] } } });
			g.add('Constant', [], { attributes: { value_float: { float: 1 } } });
			g.add('Constant', [], { attributes: { value: { tensor: oneNumber(2) } } });
			g.add('ConstantOfShape', [g.integers([])]);
			const pooled = g.add('MaxPool', [image(g, 'float32', [1, 2, 8, 8])], {
				attributes: { kernel_shape: [2, 2], strides: [2, 2] },
				outputs: 2,
			});
			g.add('MaxUnpool', [pooled, `${pooled}_1`], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
		},
	},
	{
		title: 'operators of operator set 9',
		opset: 9,
		write: (g) => {
			const x = image(g);
			g.add('Scatter', [x, g.input('si', [1, 1, 1, 1], 'int64'), g.input('sv', [1, 1, 1, 1])]);
			g.add('TopK', [x], { attributes: { k: 2 }, outputs: 2 });
			g.add('Split', [x], { attributes: { axis: 1 }, outputs: 3 });
			g.add('Softmax', [x], { attributes: { axis: 2 } });
			g.add('MaxRoiPool', [x, g.input('rois', [7, 5])], { attributes: { pooled_shape: [2, 3] } });
		},
	},
	{
		title: 'resampling',
		opset: 20,
		write: (g) => {
			const x = image(g);
			g.add('GridSample', [x, g.input('grid', [2, 7, 3, 2])]);
			g.add('AffineGrid', [g.input('theta', [2, 2, 3]), g.integers([2, 6, 7, 8])]);
			g.add('RoiAlign', [x, g.input('rois', [7, 4]), g.input('which', [7], 'int64')], {
				attributes: { output_height: 3, output_width: 2 },
			});
			g.add('Resize', [x, g.floats([0, 0, 0.1, 0, 1, 1, 0.9, 1]), g.floats([1, 1, 2.5, 1.3])], {
				attributes: { coordinate_transformation_mode: 'tf_crop_and_resize', mode: 'linear' },
			});
			g.add('Resize', [x, '', g.floats([1.7, 0.6])], { attributes: { axes: [3, 2], mode: 'nearest' } });
			g.add('Resize', [x, '', '', g.integers([9, 17])], {
				attributes: { axes: [2, 3], mode: 'nearest', keep_aspect_ratio_policy: 'not_smaller' },
			});
		},
	},
	{
		title: 'convolutions in one and three dimensions, pooling',
		opset: 18,
		write: (g) => {
			const [line, volume] = [g.input('line', [2, 4, 31]), g.input('volume', [1, 2, 5, 6, 7])];
			g.add('Conv', [line, g.weight([8, 2, 5])], { attributes: { group: 2, strides: [3], pads: [2, 1], dilations: [2] } });
			g.add('ConvTranspose', [line, g.weight([4, 3, 4])], { attributes: { strides: [2], pads: [1, 1] } });
			g.add('Conv', [volume, g.weight([4, 2, 3, 3, 3])], { attributes: { pads: [1, 1, 1, 1, 1, 1], strides: [1, 2, 2] } });
			g.add('MaxPool', [volume], { attributes: { kernel_shape: [2, 2, 2], ceil_mode: 1, strides: [2, 2, 2] } });
			g.add('LpPool', [image(g)], { attributes: { kernel_shape: [2, 2] } });
			g.add('MaxPool', [image(g)], { attributes: { kernel_shape: [2, 2], dilations: [2, 2] } });
		},
	},
	{
		title: 'matrix products',
		opset: 17,
		write: (g) => {
			const [a, b, v] = [g.input('a', [2, 1, 3, 4]), g.input('b', [5, 4, 6]), g.input('v', [4])];
			g.add('MatMul', [a, b]);
			g.add('MatMul', [a, v]);
			g.add('MatMul', [v, b]);
			g.add('MatMul', [v, v]);
			g.add('Gemm', [g.input('ga', [4, 3]), g.input('gb', [5, 4]), g.input('gc', [5])], { attributes: { transA: 1, transB: 1 } });
			g.add('Einsum', [g.input('ea', [2, 3, 4]), g.input('eb', [4, 5])], { attributes: { equation: 'bij,jk->bik' } });
			g.add('Einsum', [g.input('ec', [2, 7, 3, 4]), g.input('ed', [2, 7, 5, 4])], {
				attributes: { equation: '...id,...jd->...ij' },
			});
			g.add('Einsum', [g.input('ee', [3, 4])], { attributes: { equation: 'ij->ji' } });
			g.add('Einsum', [g.input('ef', [3, 4]), g.input('eg', [4, 5])], { attributes: { equation: 'ij, jk' } });
		},
	},
	...(['forward', 'bidirectional'] as const).map((direction) => ({
		title: `recurrent layers, ${direction}`,
		opset: 14,
		write: (g: GraphWriter) => {
			const ways = direction === 'bidirectional' ? 2 : 1;
			const x = g.input('x', [7, 2, 5]);
			for (const [name, gates, outputs] of [
				['LSTM', 4, 3],
				['GRU', 3, 2],
				['RNN', 1, 2],
			] as const) {
				const weights = [g.weight([ways, gates * 6, 5]), g.weight([ways, gates * 6, 6]), g.weight([ways, 2 * gates * 6])];
				g.add(name, [x, ...weights], { attributes: { hidden_size: 6, direction }, outputs });
			}
		},
	})),
	{
		title: 'normalisations',
		opset: 17,
		write: (g) => {
			const x = image(g);
			g.add('LayerNormalization', [x, g.weight([4, 5]), g.weight([4, 5])], { attributes: { axis: 2 }, outputs: 3 });
			g.add('SimplifiedLayerNormalization', [x, g.weight([5])], { attributes: { axis: -1 } });
			g.add('InstanceNormalization', [x, g.weight([6]), g.weight([6])]);
		},
	},
	{
		title: 'quantised numbers',
		opset: 21,
		write: (g) => {
			const { scale, zero, triple } = quantised(g);
			const x = image(g);
			const q = g.add('QuantizeLinear', triple(x));
			g.add('QuantizeLinear', [x, scale]);
			g.add('DequantizeLinear', triple(q));
			g.add('DynamicQuantizeLinear', [x], { outputs: 3 });
			const weights = g.weight([8, 6, 3, 3], 'uint8');
			g.add('QLinearConv', [...triple(q), ...triple(weights), scale, zero, g.weight([8], 'int32')], {
				attributes: { pads: [1, 1, 1, 1], strides: [2, 1] },
			});
			g.add('ConvInteger', [q, weights, zero]);
			g.add('MatMulInteger', [q, g.weight([5, 7], 'uint8'), zero]);
			g.add('QLinearMatMul', [...triple(q), ...triple(g.weight([5, 7], 'uint8')), scale, zero]);
			const domain = MICROSOFT;
			g.add('QuantizeLinear', triple(x), { domain });
			g.add('DequantizeLinear', triple(q), { domain });
			g.add('QLinearAdd', [...triple(q), ...triple(g.weight([6, 1, 1], 'uint8')), scale, zero], { domain });
			g.add('QLinearMul', [...triple(q), ...triple(g.weight([5], 'uint8')), scale, zero], { domain });
			g.add('QLinearSigmoid', [...triple(q), scale, zero], { domain });
			g.add('QLinearLeakyRelu', [...triple(q), scale, zero], { domain });
			g.add('QLinearSoftmax', [...triple(q), scale, zero], { domain, attributes: { axis: -1, opset: 13 } });
			g.add('QLinearConcat', [scale, zero, ...triple(q), ...triple(g.weight([2, 3, 4, 5], 'uint8'))], {
				domain,
				attributes: { axis: 1 },
			});
			g.add('QLinearAveragePool', [...triple(q), scale, zero], { domain, attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
			g.add('QLinearGlobalAveragePool', [...triple(q), scale, zero], { domain, attributes: { channels_last: 0 } });
			const rows = g.add('QuantizeLinear', triple(g.input('rows', [3, 5])));
			g.add('QGemm', [...triple(rows), ...triple(g.weight([7, 5], 'uint8')), '', scale, zero], {
				domain,
				attributes: { transB: 1 },
			});
			g.add('MatMulIntegerToFloat', [rows, g.weight([5, 7], 'uint8'), scale, scale], { domain });
			g.add('DynamicQuantizeMatMul', [x, g.weight([5, 7], 'uint8'), scale, zero], { domain });
			const packed = g.weight([7, 2, 8], 'uint8');
			g.add('MatMulNBits', [g.input('wide', [2, 3, 32]), packed, g.weight([14])], {
				domain,
				attributes: { K: 32, N: 7, bits: 4, block_size: 16 },
			});
		},
	},
	{
		title: 'fused operators',
		opset: 17,
		write: (g) => {
			const domain = MICROSOFT;
			const x = g.input('x', [2, 3, 8]);
			g.add('FusedMatMul', [g.input('fa', [2, 4, 3]), g.input('fb', [2, 4, 5])], { domain, attributes: { transA: 1 } });
			g.add('TransposeMatMul', [g.input('ta', [2, 3, 4]), g.input('tb', [2, 5, 4])], { domain, attributes: { transB: 1 } });
			g.add('FusedGemm', [g.input('ga', [3, 4]), g.input('gb', [4, 5]), g.input('gc', [5])], {
				domain,
				attributes: { activation: 'Relu' },
			});
			g.add('FusedConv', [image(g), g.weight([8, 6, 3, 3]), g.weight([8])], {
				domain,
				attributes: { activation: 'Relu', pads: [1, 1, 1, 1] },
			});
			g.add('BiasGelu', [x, g.weight([8])], { domain });
			g.add('FastGelu', [x, g.weight([8])], { domain });
			g.add('Gelu', [x], { domain });
			g.add('QuickGelu', [x], { domain });
			g.add('SkipLayerNormalization', [x, g.input('skip', [2, 3, 8]), g.weight([8]), g.weight([8])], { domain });
			g.add('SkipSimplifiedLayerNormalization', [x, g.input('skip2', [2, 3, 8]), g.weight([8])], { domain });
			const attention = [g.weight([8, 24]), g.weight([24])];
			g.add('Attention', [x, ...attention], { domain, attributes: { num_heads: 2, unidirectional: 1 } });
			g.add('Attention', [x, ...attention, '', g.input('past', [2, 2, 2, 5, 4])], {
				domain,
				attributes: { num_heads: 2, unidirectional: 1 },
				outputs: 2,
			});
			g.add('MultiHeadAttention', [x, g.input('key', [2, 5, 8]), g.input('value', [2, 5, 12])], {
				domain,
				attributes: { num_heads: 2 },
			});
			const words = g.input('words', [2, 3], 'int32');
			g.add(
				'EmbedLayerNormalization',
				[
					words,
					g.input('types', [2, 3], 'int32'),
					g.weight([20, 8]),
					g.weight([6, 8]),
					g.weight([2, 8]),
					g.weight([8]),
					g.weight([8]),
				],
				{ domain, outputs: 2 },
			);
			const cache = ['pk', 'pv'].map((name) => g.input(name, [2, 1, 6, 8]));
			const [q, k, v] = [g.input('q', [2, 1, 16]), g.input('k', [2, 1, 8]), g.input('v', [2, 1, 8])];
			const seen = g.add('Cast', [g.integers([5, 5])], { attributes: { to: 6 } });
			const total = g.add('Cast', [g.scalar(6, 'int64')], { attributes: { to: 6 } });
			g.add('GroupQueryAttention', [q, k, v, ...cache, seen, total], {
				domain,
				attributes: { num_heads: 2, kv_num_heads: 1 },
				outputs: 3,
			});
			g.add('RotaryEmbedding', [x, g.input('places', [2, 3], 'int64'), g.weight([10, 2]), g.weight([10, 2])], {
				domain,
				attributes: { num_heads: 2 },
			});
		},
	},
	{
		title: 'quantised attention and recurrent layer',
		opset: 17,
		write: (g) => {
			const domain = MICROSOFT;
			const { scale, zero, triple } = quantised(g);
			const q = g.add('QuantizeLinear', triple(g.input('x', [2, 3, 8])));
			g.add('QAttention', [q, g.weight([8, 24], 'uint8'), g.weight([24]), scale, scale, '', zero, zero], {
				domain,
				attributes: { num_heads: 2 },
			});
			const state = [g.weight([1, 5, 24], 'uint8'), g.weight([1, 6, 24], 'uint8'), g.weight([1, 48])];
			const scales = [g.floats([0.1]), g.weight([1], 'uint8'), g.floats([0.1]), g.weight([1], 'uint8')];
			g.add('DynamicQuantizeLSTM', [g.input('s', [7, 2, 5]), ...state, '', '', '', '', ...scales], {
				domain,
				attributes: { hidden_size: 6 },
				outputs: 3,
			});
		},
	},
	{
		title: 'attention of operator set 23',
		opset: 23,
		write: (g) => {
			const flat = (name: string, width: number, tokens: number) => g.input(name, [2, tokens, width]);
			g.add('Attention', [flat('q', 8, 3), flat('k', 4, 5), flat('v', 6, 5)], {
				attributes: { q_num_heads: 4, kv_num_heads: 2 },
			});
			const byHeads = ['q4', 'k4', 'v4'].map((name) => g.input(name, [2, 4, 3, 8]));
			const past = ['pk', 'pv'].map((name) => g.input(name, [2, 4, 5, 8]));
			g.add('Attention', [...byHeads, '', ...past], { attributes: { is_causal: 1 }, outputs: 3 });
			g.add('RMSNormalization', [g.input('x', [2, 3, 8]), g.weight([8])]);
		},
	},
	{
		title: 'swish of operator set 24',
		opset: 24,
		write: (g) => void g.add('Swish', [image(g)]),
	},
	{
		title: 'sizes that hang on the data, given as they are for zeros',
		opset: 17,
		dimensions: { 'nonzero0[1]': 0, 'compress1[0]': 0, 'unique2[0]': 1, 'unique3[1]': 1, 'nonmaxsuppression5[0]': 2 },
		write: (g) => {
			const x = g.input('x', [2, 3, 4]);
			g.add('NonZero', [x]);
			g.add('Compress', [x, g.input('kept', [24], 'bool')]);
			g.add('Unique', [x], { outputs: 4 });
			g.add('Unique', [x], { attributes: { axis: 1 }, outputs: 4 });
			// Boxes of no size do not overlap: the two that are asked for at most.
			g.add('NonMaxSuppression', [g.input('boxes', [1, 6, 4]), g.input('scores', [1, 1, 6]), g.scalar(2, 'int64')]);
		},
	},
	{
		title: 'a branch, taken by a shape and by a given number',
		opset: 16,
		dimensions: { batch: 3, rate: 16000 },
		write: (g) => {
			const x = g.input('x', ['batch', 4]);
			const rate = g.input('rate', [], 'int64');
			const branches = () => {
				const [yes, no] = [new GraphWriter(16), new GraphWriter(16)];
				const then = yes.body([yes.add('MatMul', [x, yes.weight([4, 2])])]);
				const otherwise = no.body([no.add('Flatten', [x], { attributes: { axis: 0 } })]);
				return { attributes: { then_branch: { graph: then }, else_branch: { graph: otherwise } } };
			};
			const size = g.add('Gather', [g.add('Shape', [x]), g.scalar(0, 'int64')]);
			g.add('If', [g.add('Equal', [size, g.scalar(1, 'int64')])], branches());
			g.add('If', [g.add('Equal', [rate, g.scalar(16000, 'int64')])], branches());
		},
	},
	{
		title: 'a loop',
		opset: 16,
		write: (g) => {
			const x = g.input('x', [3, 4]);
			const body = new GraphWriter(16);
			body.input('trip', [], 'int64');
			body.input('condition', [], 'bool');
			body.input('state', [null, 4]);
			const again = body.add('Identity', ['condition']);
			const next = body.add('Concat', ['state', 'state'], { attributes: { axis: 0 } });
			const left = body.add('MatMul', [x, body.weight([4, 2])]);
			g.add('Loop', [g.scalar(3, 'int64'), '', x], {
				attributes: { body: { graph: body.body([again, next, left]) } },
				outputs: 2,
			});
		},
	},
];
