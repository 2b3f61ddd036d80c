/**
 * The part of a network that differs where one layer is quantized: the layer and all behind it. What it reads from before is the same whichever layer is
 * quantized, and is fed in.
 */
import { tensorsRead } from '@assay/models/onnx';
import { type FloatModel, withoutDeadParts } from '../model/float-model.ts';

export interface ChangedPart {
	/** With those of the outputs asked for that change. */
	readonly model: FloatModel;
	/** Tensors of float32 that it reads; the network's own input where all of it is kept. */
	readonly inputs: readonly string[];
}

/** `model`: a float network with a layer quantized; `float`: without. */
export function changedPart(model: FloatModel, float: FloatModel, outputs: readonly string[]): ChangedPart {
	const changed = new Set<string>();
	const nodes = model.nodes.filter((node) => {
		const isChanged = node.output.some((name) => !float.shapes.has(name)) || tensorsRead(node).some((name) => changed.has(name));
		if (isChanged) for (const name of node.output) changed.add(name);
		return isChanged;
	});
	const part = withoutDeadParts({ ...model, nodes, outputs: outputs.filter((name) => changed.has(name)) });
	const read = new Set(part.nodes.flatMap((node) => [...tensorsRead(node)]));
	const inputs = [...read].filter((name) => !changed.has(name) && !model.weights.has(name));
	// Shapes that are computed are no floats to be fed in.
	if (inputs.some((name) => model.otherTypes.has(name)))
		return { model: withoutDeadParts({ ...model, outputs: part.outputs }), inputs: [model.input] };
	return { model: part, inputs };
}
