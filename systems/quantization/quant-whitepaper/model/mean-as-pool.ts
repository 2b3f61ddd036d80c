/** A mean over height and width as the pooling that it is, for which integer kernels exist. */
import { onnxNode } from '@assay/models/onnx';
import { integer, integers } from './attributes.ts';
import { type FloatModel, integersWeight, numbersOf, shapeOf } from './float-model.ts';

export function meanAsPool(model: FloatModel): FloatModel {
	const weights = new Map(model.weights);
	const shapes = new Map(model.shapes);
	const nodes = model.nodes.flatMap((node) => {
		if (node.opType !== 'ReduceMean') return [node];
		const [input = '', axesName] = node.input;
		const shape = shapeOf(model, input);
		const axesWeight = weights.get(axesName ?? '');
		const axes = integers(node, 'axes') ?? (axesWeight === undefined ? [] : numbersOf(axesWeight));
		const places = axes.map((axis) => (axis < 0 ? axis + shape.length : axis)).toSorted((a, b) => a - b);
		if (shape.length !== 4 || places.join() !== '2,3') return [node];
		const [output = ''] = node.output;
		if (integer(node, 'keepdims', 1) !== 0) return [onnxNode('GlobalAveragePool', [input], [output])];
		const pooled = `${output}/pooled`;
		const target = integersWeight(`${output}/shape`, shape.slice(0, 2));
		weights.set(target.name, target);
		shapes.set(pooled, [...shape.slice(0, 2), 1, 1]);
		return [onnxNode('GlobalAveragePool', [input], [pooled]), onnxNode('Reshape', [pooled, target.name], [output])];
	});
	return { ...model, nodes, weights, shapes };
}
