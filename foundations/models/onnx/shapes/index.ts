/** Shapes of every tensor of an ONNX graph. */
export { attentionShape } from './attention.ts';
export { CONVOLUTION_WEIGHT_INPUT, convolutionShape, poolingWindows } from './convolution.ts';
export { type GivenDimensions, openDimensions, parseDimensions } from './dimensions.ts';
export { einsumShape } from './einsum.ts';
export { type InferredOperator, inferShapes } from './infer-shapes.ts';
export { elementCount, type InferredTensor } from './inferred-tensor.ts';
export { OPERAND_INPUTS, productShape } from './matrix-product.ts';
export { recurrentShape } from './recurrent.ts';
export { coveredOperators } from './registry.ts';
