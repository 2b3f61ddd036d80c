/** A TensorFlow.js model, of layers or of operators, as a model here. */
import type { GivenDimensions } from '@assay/models/onnx';
import type { TfjsModel } from '@assay/models/tfjs';
import type { FloatModel } from './float-model.ts';
import { modelFromKeras } from './model-from-keras.ts';
import { modelFromTensorflowGraph } from './model-from-tensorflow-graph.ts';

/** `dimensions`: sizes that the file leaves open, by the input's name. Raises an InputError that names the layer or operator. */
export function modelFromTfjs(file: TfjsModel, fileName: string, dimensions: GivenDimensions): FloatModel {
	return file.kind === 'layers'
		? modelFromKeras(file, fileName, dimensions)
		: modelFromTensorflowGraph(file, fileName, dimensions);
}
