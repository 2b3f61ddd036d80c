/** TensorFlow.js models: a `model.json` that holds the network as Keras layers or as a graph of TensorFlow's operators, and names the files of its weights. */
import { InputError, parseOrExplain } from '@assay/contract';
import { z } from 'zod';
import { type GraphNode, graphSchema, readGraph } from './graph-node.ts';
import { type KerasModel, readKeras } from './keras-layer.ts';
import { decodeWeights, type Manifest, manifestSchema, shardName, type TfjsWeight } from './weights.ts';

export type TfjsModel =
	| { readonly kind: 'layers'; readonly network: KerasModel; readonly weights: ReadonlyMap<string, TfjsWeight> }
	| {
			readonly kind: 'graph';
			/** Each after what it reads. */
			readonly nodes: readonly GraphNode[];
			/** Names of outputs, where the file states them. */
			readonly outputs: readonly string[];
			readonly weights: ReadonlyMap<string, TfjsWeight>;
	  };

const signatureSchema = z.object({ outputs: z.record(z.string(), z.object({ name: z.string().optional() })).optional() });

const fileSchema = z.object({
	modelTopology: z.record(z.string(), z.unknown()),
	weightsManifest: manifestSchema,
	signature: signatureSchema.optional(),
	userDefinedMetadata: z.object({ signature: signatureSchema.optional() }).optional(),
});

/** `model.json` before its weights are at hand. */
export interface TfjsFile {
	/** File names of the weights, without folders. */
	readonly shards: readonly string[];
	/** Raises an InputError that names the file, node or layer. */
	load(shards: ReadonlyMap<string, Uint8Array>): TfjsModel;
}

/** Raises an InputError that names the place in the file where it is no TensorFlow.js model. */
export function parseTfjs(text: string, fileName: string): TfjsFile {
	const file = parseOrExplain(fileSchema, jsonOf(text, fileName), [fileName]);
	const manifest: Manifest = file.weightsManifest;
	return {
		shards: [...new Set(manifest.flatMap(({ paths }) => paths.map(shardName)))],
		load(shards) {
			const { modelTopology } = file;
			const weights = decodeWeights(manifest, shards, fileName);
			if (!('node' in modelTopology)) return { kind: 'layers', network: readKeras(modelTopology, fileName), weights };
			const nodes = readGraph(parseOrExplain(graphSchema, modelTopology, [fileName, 'modelTopology']), fileName);
			const signature = file.signature ?? file.userDefinedMetadata?.signature;
			const outputs = Object.entries(signature?.outputs ?? {}).map(([key, { name }]) => (name ?? key).replace(/:0$/, ''));
			return { kind: 'graph', nodes, outputs, weights };
		},
	};
}

function jsonOf(text: string, fileName: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new InputError({
			path: [fileName],
			found: 'a file that is no JSON',
			expected: 'the model.json of a TensorFlow.js model',
		});
	}
}
