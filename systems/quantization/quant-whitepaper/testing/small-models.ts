/** Small models made by hand, for tests. */
import { createRandom } from '@assay/contract';
import { memorySource, type OnnxNode, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { elements, type FloatModel } from '../model/float-model.ts';
import { modelFromOnnx } from '../model/model-from-onnx.ts';

export interface SmallGraph {
	readonly nodes: readonly OnnxNode[];
	/** Sizes by name; values are drawn, or given. */
	readonly weights: Readonly<
		Record<string, readonly number[] | { readonly dims: readonly number[]; readonly values: readonly number[] }>
	>;
	readonly integers?: Readonly<Record<string, readonly number[]>>;
	readonly input: readonly (number | string | null)[];
	readonly output: string;
	readonly opset?: number;
}

/** A file whose input is `x`. */
export function smallFile({ nodes, weights, integers = {}, input, output, opset = 13 }: SmallGraph): Uint8Array {
	const random = createRandom('small models');
	const initializer = Object.entries(weights).map(([name, spec]) => {
		const dims = 'dims' in spec ? spec.dims : spec;
		const positive = /variance/.test(name);
		const values =
			'dims' in spec
				? Float32Array.from(spec.values)
				: Float32Array.from({ length: elements(dims) }, () => (positive ? 0.5 + random.uniform() : 0.5 * random.normal()));
		return tensorMessage(name, 'float32', dims, new Uint8Array(values.buffer));
	});
	for (const [name, values] of Object.entries(integers))
		initializer.push(
			tensorMessage(name, 'int64', [values.length], new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)),
		);
	return writeOnnxModel({
		irVersion: 8,
		opsetImport: [{ domain: '', version: opset }],
		graph: {
			name: 'small',
			node: [...nodes],
			initializer,
			input: [valueMessage({ name: 'x', elementType: 'float32', dims: input })],
			output: [valueMessage({ name: output, elementType: 'float32', dims: null })],
		},
	});
}

export function smallModel(graph: SmallGraph): Promise<FloatModel> {
	return modelFromOnnx(memorySource('small.onnx', smallFile(graph)));
}

/** Seeded normal values. */
export function normalValues(count: number, seed: string | number): Float32Array {
	const random = createRandom(seed);
	return Float32Array.from({ length: count }, () => random.normal());
}
