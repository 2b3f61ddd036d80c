/** Convolutions, quantised and fused ones included, and pooling. */
import type { OnnxElementType } from '../element-type.ts';
import { type Operator, type ShapeRule, shapeText, unknown } from './operator.ts';
import { transposedWindowsOf, type Windows, windowsOf } from './windows.ts';

/** A convolution's dimensions. */
export interface ConvolutionShape extends Windows {
	readonly batch: number;
	readonly inputChannels: number;
	readonly outputChannels: number;
	readonly groups: number;
	readonly transposed: boolean;
}

/** Where the weights stand among the inputs of each operator that convolves. */
export const CONVOLUTION_WEIGHT_INPUT: Readonly<Record<string, number>> = {
	Conv: 1,
	FusedConv: 1,
	ConvInteger: 1,
	ConvTranspose: 1,
	QLinearConv: 3,
};

/** Reads a convolution off its inputs and attributes. */
export function convolutionShape(operator: Operator): ConvolutionShape {
	const data = operator.inputOfRank(0, 3);
	const weights = operator.input(CONVOLUTION_WEIGHT_INPUT[operator.node.opType] ?? 1);
	const rank = data.shape.length - 2;
	const [batch, inputChannels] = data.shape as [number, number];
	if (weights.shape.length !== rank + 2)
		throw operator.fail(`weights of shape ${shapeText(weights.shape)}`, `${rank + 2} dimensions`);
	const groups = operator.int('group', 1);
	const transposed = operator.node.opType === 'ConvTranspose';
	const [first, second] = weights.shape as [number, number];
	const outputChannels = transposed ? second * groups : first;
	const expectedInputs = transposed ? first : second * groups;
	if (!(groups >= 1) || expectedInputs !== inputChannels || outputChannels % groups !== 0) {
		throw operator.fail(
			`${inputChannels} channels, weights of shape ${shapeText(weights.shape)} and ${groups} groups`,
			`weights for ${inputChannels} channels`,
		);
	}
	const kernel = weights.shape.slice(2);
	const size = data.shape.slice(2);
	const windows = transposed ? transposedWindowsOf(operator, size, kernel) : windowsOf(operator, size, kernel, false);
	return { ...windows, batch, inputChannels, outputChannels, groups, transposed };
}

const convolution =
	(typeOf: (operator: Operator) => OnnxElementType | null): ShapeRule =>
	(operator) => {
		const { batch, outputChannels, outputSize } = convolutionShape(operator);
		return [unknown(typeOf(operator), [batch, outputChannels, ...outputSize])];
	};

const likeInput = (operator: Operator) => operator.input(0).elementType;

/** Windows of a pooling; a global one has one window over everything. */
export function poolingWindows(operator: Operator): Windows {
	const data = operator.inputOfRank(0, 3);
	const size = data.shape.slice(2);
	if (operator.node.opType.includes('Global')) {
		const ones = size.map(() => 1);
		const none = size.map(() => 0);
		return { kernel: size, stride: ones, dilation: ones, padBegin: none, padEnd: none, inputSize: size, outputSize: ones };
	}
	return windowsOf(operator, size, operator.ints('kernel_shape') ?? [], operator.int('ceil_mode', 0) === 1);
}

const pooling: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 3);
	const shape = [...data.shape.slice(0, 2), ...poolingWindows(operator).outputSize];
	return [unknown(data.elementType, shape), unknown('int64', shape)];
};

/** Undoes a max pooling: the shape it had, given or computed backwards. */
const maxUnpool: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 3);
	const given = operator.knownOptional(2, 'the output shape');
	if (given !== null) return [unknown(data.elementType, given)];
	const { outputSize } = transposedWindowsOf(operator, data.shape.slice(2), operator.ints('kernel_shape') ?? []);
	return [unknown(data.elementType, [...data.shape.slice(0, 2), ...outputSize])];
};

export const convolutionRules: Record<string, ShapeRule> = {
	Conv: convolution(likeInput),
	ConvTranspose: convolution(likeInput),
	ConvInteger: convolution(() => 'int32'),
	QLinearConv: convolution((operator) => operator.input(7).elementType),
};

export const fusedConvolutionRules: Record<string, ShapeRule> = { FusedConv: convolution(likeInput) };

export const poolingRules: Record<string, ShapeRule> = {
	MaxPool: pooling,
	AveragePool: pooling,
	LpPool: pooling,
	GlobalMaxPool: pooling,
	GlobalAveragePool: pooling,
	GlobalLpPool: pooling,
};

export const unpoolingRules: Record<string, ShapeRule> = { MaxUnpool: maxUnpool };

export const quantisedPoolingRules: Record<string, ShapeRule> = {
	QLinearAveragePool: pooling,
	QLinearGlobalAveragePool: pooling,
};
