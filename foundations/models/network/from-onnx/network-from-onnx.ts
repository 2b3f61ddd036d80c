/**
 * An ONNX graph as a network. Operators that only compute shapes, or constants from constants, are no layers: a runtime does them once. What
 * runtimes fuse into one operator (attention, embeddings with their norm) becomes the layers it stands for.
 */
import type { Path } from '@assay/contract';
import type { OnnxGraph } from '../../onnx/graph.ts';
import { type GivenDimensions, type InferredOperator, inferShapes } from '../../onnx/shapes/index.ts';
import type { Layer, Network } from '../network.ts';
import { attentionLayers } from './attention-layers.ts';
import { convolutionLayer, poolingLayer, recurrentLayer } from './convolution-layer.ts';
import { embeddingLayers, lookUpLayer } from './embedding-layers.ts';
import { einsumLayer, matrixProductLayer } from './matrix-product-layer.ts';
import { namedLayer, tensorOf, weightsAt } from './tensors.ts';

/**
 * Infers every shape and turns operators into layers. `dimensions` gives the sizes that the graph leaves open.
 * Raises an `InputError` under `place`; see `inferShapes`.
 */
export function networkFromOnnx(graph: OnnxGraph, dimensions: GivenDimensions = {}, place: Path = ['graph']): Network {
	const inferred = inferShapes(graph, dimensions, place);
	return {
		name: graph.name === '' ? 'network' : graph.name,
		source: graph.producer === '' ? 'ONNX' : `ONNX by ${graph.producer}`,
		inputs: inferred.inputs.map(tensorOf),
		outputs: inferred.outputs.map(tensorOf),
		layers: inferred.operators.filter(isWork).flatMap(layersOf),
	};
}

function isWork({ outputs }: InferredOperator): boolean {
	return outputs.some((output) => output !== null && !output.constant && output.values === null);
}

function layersOf(inferred: InferredOperator): readonly Layer[] {
	switch (inferred.kind) {
		case 'convolution':
			return [convolutionLayer(inferred)];
		case 'pooling':
			return [poolingLayer(inferred)];
		case 'recurrent':
			return [recurrentLayer(inferred)];
		case 'matrix-product':
			return [matrixProductLayer(inferred)];
		case 'einsum':
			return [einsumLayer(inferred)];
		case 'attention':
			return attentionLayers(inferred);
		case 'embedding':
			return embeddingLayers(inferred);
		case 'look-up':
			return [lookUpLayer(inferred)];
		case 'softmax':
			return [softmaxLayer(inferred)];
		case 'normalisation':
			return [namedLayer(inferred, { kind: 'normalisation' }, normalisationWeights(inferred))];
		case 'elementwise':
			return [namedLayer(inferred, { kind: 'elementwise' }, elementwiseWeights(inferred))];
		case 'reduction':
			return [namedLayer(inferred, { kind: 'reduction' })];
		case 'data-movement':
			return [
				namedLayer(
					inferred,
					{ kind: 'data-movement' },
					inferred.operator.node.opType === 'Concat' ? elementwiseWeights(inferred) : [],
				),
			];
		default:
			// Resampling, random numbers, and bodies' own constants.
			return [namedLayer(inferred, { kind: inferred.kind === 'resampling' ? 'data-movement' : 'elementwise' })];
	}
}

/** Before opset 13 everything from the axis on is one row; later only the axis is. */
function softmaxLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const { shape } = operator.input(0);
	const flattens = operator.opset < 13 && operator.node.domain === '';
	const axis = operator.axis(operator.int('axis', flattens ? 1 : -1), Math.max(1, shape.length));
	const columns = flattens ? shape.slice(axis).reduce((all, one) => all * one, 1) : (shape[axis] ?? 1);
	const elements = shape.reduce((all, one) => all * one, 1);
	return namedLayer(inferred, { kind: 'softmax', rows: columns === 0 ? 0 : elements / columns, columns });
}

/** Scale and shift. Running mean and variance (inputs 3 and 4 of a batch norm) fold into them. */
function normalisationWeights(inferred: InferredOperator) {
	const { operator } = inferred;
	const last = operator.node.opType === 'BatchNormalization' ? 3 : operator.inputs.length;
	return weightsAt(
		inferred,
		operator.inputs.flatMap((_, index) => (index > 0 && index < last ? [index] : [])),
	);
}

/** Operands that are weights; single numbers, as of a scale, are none, but for a learned slope. */
function elementwiseWeights(inferred: InferredOperator) {
	const { operator } = inferred;
	const least = operator.node.opType === 'PRelu' ? 1 : 2;
	const weights = weightsAt(
		inferred,
		operator.inputs.map((_, index) => index),
	);
	return weights.filter(({ shape }) => shape.reduce((all, one) => all * one, 1) >= least);
}
