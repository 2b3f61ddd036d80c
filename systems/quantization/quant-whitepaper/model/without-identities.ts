/** Operators that hand a tensor on under another name are taken out; names of outputs stay. */
import { type FloatModel, withoutDeadParts } from './float-model.ts';

export function withoutIdentities(model: FloatModel): FloatModel {
	const made = new Set(model.nodes.flatMap(({ output }) => output));
	const outputs = new Set(model.outputs);
	const names = new Map<string, string>();
	const nameOf = (name: string): string => names.get(name) ?? name;
	const dropped = new Set<string>();
	for (const node of model.nodes) {
		const [from = '', to = ''] = [node.input[0], node.output[0]];
		if (node.opType !== 'Identity') continue;
		const source = nameOf(from);
		if (!outputs.has(to)) names.set(to, source);
		// The output's name goes to the tensor itself, unless that has one to keep.
		else if (made.has(source) && !outputs.has(source)) {
			for (const [name, of] of names) if (of === source) names.set(name, to);
			names.set(source, to);
		} else continue;
		dropped.add(to);
	}
	if (dropped.size === 0) return model;
	const nodes = model.nodes
		.filter(({ opType, output }) => opType !== 'Identity' || !dropped.has(output[0] ?? ''))
		.map((node) => ({ ...node, input: node.input.map(nameOf), output: node.output.map(nameOf) }));
	return withoutDeadParts({ ...model, nodes });
}
