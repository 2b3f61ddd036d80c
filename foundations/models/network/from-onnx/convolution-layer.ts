/** Convolutions, poolings and recurrent layers of an ONNX graph. */
import {
	CONVOLUTION_WEIGHT_INPUT,
	convolutionShape,
	type InferredOperator,
	poolingWindows,
	recurrentShape,
} from '../../onnx/shapes/index.ts';
import type { Layer } from '../network.ts';
import { constantsAt, namedLayer } from './tensors.ts';

export function convolutionLayer(inferred: InferredOperator): Layer {
	const { opType } = inferred.operator.node;
	const weights = CONVOLUTION_WEIGHT_INPUT[opType] ?? 1;
	// Input 2 of an integer convolution is a zero point.
	const biases = opType === 'QLinearConv' ? [8] : opType === 'ConvInteger' ? [] : [2];
	return namedLayer(
		inferred,
		{ kind: 'convolution', ...convolutionShape(inferred.operator) },
		constantsAt(inferred, [weights, ...biases]),
	);
}

export function poolingLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const [batch = 1, channels = 1] = operator.input(0).shape;
	const { kernel, stride, padBegin, padEnd, inputSize, outputSize } = poolingWindows(operator);
	return namedLayer(inferred, { kind: 'pooling', batch, channels, kernel, stride, padBegin, padEnd, inputSize, outputSize });
}

export function recurrentLayer(inferred: InferredOperator): Layer {
	const { batch, steps, inputSize, hiddenSize, gates, directions } = recurrentShape(inferred.operator);
	// Input matrices, state matrices, biases and peepholes.
	const weights = constantsAt(inferred, inferred.operator.node.opType === 'LSTM' ? [1, 2, 3, 7] : [1, 2, 3]);
	return namedLayer(inferred, { kind: 'recurrent', batch, steps, inputSize, hiddenSize, gates, directions }, weights);
}
