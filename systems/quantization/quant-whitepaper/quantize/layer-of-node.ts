/** Which operators are layers: products with constant weights. */
import type { OnnxNode } from '@assay/models/onnx';
import { integer, real } from '../model/attributes.ts';
import { elements, type FloatModel } from '../model/float-model.ts';
import type { LayerUnit } from './units.ts';

/** The layer of a node, or why it stays float; undefined for operators that are no layers. */
export function layerOf(model: FloatModel, node: OnnxNode): LayerUnit | string | undefined {
	if (!['Conv', 'Gemm', 'MatMul'].includes(node.opType)) return undefined;
	const [input = '', weightName = '', biasName = ''] = node.input;
	const [output = ''] = node.output;
	const weights = model.weights.get(weightName);
	if (weights === undefined || weights.elementType !== 'float32')
		return `a product of two computed tensors${node.opType === 'MatMul' ? ' (attention)' : ''}`;
	if (model.weights.has(input)) return 'computed from constants alone';
	const bias = biasName === '' ? undefined : model.weights.get(biasName);
	if (biasName !== '' && bias === undefined) return 'a bias that is computed';
	const common = { kind: 'layer', name: output, node, activation: undefined, input, output, weights: weightName } as const;
	if (node.opType === 'Conv') {
		if (weights.dims.length !== 4) return `a convolution over ${weights.dims.length - 2} dimensions`;
		const [outputs = 0, perGroup = 0] = weights.dims;
		const isDepthwise = perGroup === 1 && integer(node, 'group', 1) > 1;
		return { ...common, type: isDepthwise ? 'depthwise' : 'convolution', bias: bias?.name, outputs, isTransposed: false };
	}
	if (weights.dims.length !== 2) return `a product with weights of ${weights.dims.length} dimensions`;
	if (node.opType === 'MatMul')
		return { ...common, type: 'dense', bias: undefined, outputs: weights.dims[1] as number, isTransposed: true };
	if (integer(node, 'transA', 0) !== 0 || real(node, 'alpha', 1) !== 1 || real(node, 'beta', 1) !== 1)
		return 'a product with factors of its own';
	const isTransposed = integer(node, 'transB', 0) === 0;
	const outputs = weights.dims[isTransposed ? 1 : 0] as number;
	if (bias !== undefined && elements(bias.dims) !== outputs) return 'a sum that is no bias';
	return { ...common, type: 'dense', bias: bias?.name, outputs, isTransposed };
}
