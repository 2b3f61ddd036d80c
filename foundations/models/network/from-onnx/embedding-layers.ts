/** Look-ups of an ONNX graph. */
import { elementCount, type InferredOperator } from '../../onnx/shapes/index.ts';
import type { Layer, Tensor } from '../network.ts';
import { namedLayer, outputsOf, tensorOf, weightsAt, weightTensor } from './tensors.ts';

/** Rows picked out of a table of weights are an embedding; any other look-up moves data. */
export function lookUpLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const table = operator.node.opType === 'Gather' ? weightsAt(inferred, [0])[0] : undefined;
	if (table === undefined) return namedLayer(inferred, { kind: 'data-movement' });
	const { shape } = operator.input(0);
	const rows = shape[operator.axis(operator.int('axis', 0), shape.length)] ?? 1;
	const width = rows === 0 ? 0 : elementCount(shape) / rows;
	return namedLayer(inferred, { kind: 'embedding', rows, width, lookups: elementCount(operator.input(1).shape) }, [table]);
}

/** Words, positions and token types, looked up, added and normalised. */
export function embeddingLayers(inferred: InferredOperator): Layer[] {
	const { operator, name } = inferred;
	const tokens = operator.input(0);
	const sum = outputsOf(inferred)[0];
	if (sum === undefined) throw operator.fail('no output', 'an output');
	const tables = [
		{ part: 'words', table: 2, indices: 0 },
		{ part: 'positions', table: 3, indices: 8 },
		{ part: 'types', table: 4, indices: 1 },
	];
	const parts: Tensor[] = [];
	const layers = tables.flatMap(({ part, table: at, indices }): Layer[] => {
		const table = operator.optional(at);
		if (table === null) return [];
		const read = operator.optional(indices);
		const output = { ...sum, name: `${name}/${part}` };
		parts.push(output);
		const [rows = 0, width = 0] = table.shape;
		const lookups = elementCount(tokens.shape);
		const inputs = read === null ? [] : [tensorOf(read)];
		return [
			{
				kind: 'embedding',
				rows,
				width,
				lookups,
				name: output.name,
				operator: 'Gather',
				inputs,
				weights: [weightTensor(table)],
				outputs: [output],
			},
		];
	});
	const weights = weightsAt(inferred, [5, 6]);
	const norm: Layer = {
		kind: 'normalisation',
		name,
		operator: 'EmbedLayerNormalization',
		inputs: parts,
		weights,
		outputs: outputsOf(inferred),
	};
	return [...layers, norm];
}
