/** A graph that was read, written again with some of its operators and weights changed. */
import { InputError } from '@assay/contract';
import type { ByteSource } from './byte-source.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode, TensorMessage } from './graph.ts';
import { tensorBytes, tensorMessage } from './tensor-bytes.ts';
import { valueMessage, writeOnnxModel } from './write-graph.ts';

/** The bytes of a stored weight. Raises an InputError where they lie in another file. */
export async function initializerBytes({ name, data, bytes }: OnnxInitializer, source: ByteSource): Promise<Uint8Array> {
	switch (data.kind) {
		case 'message':
			return tensorBytes(data.tensor);
		case 'own-file':
			return source.read(data.offset, bytes);
		case 'other-file':
			throw new InputError({
				path: [source.name, name],
				found: `weights in ${data.location}`,
				expected: 'weights in the file itself',
			});
	}
}

/** The bytes of a file with the graph of `source`: other weights in place of those of the same name, or beside them, and other operators where told. */
export async function writeChangedGraph(
	graph: OnnxGraph,
	source: ByteSource,
	changes: {
		readonly producerName: string;
		readonly replaced: ReadonlyMap<string, TensorMessage>;
		readonly nodes?: readonly OnnxNode[];
	},
): Promise<Uint8Array> {
	const initializer: TensorMessage[] = [];
	for (const stored of graph.initializers.values()) {
		const kept = stored.data.kind === 'message' ? stored.data.tensor : undefined;
		initializer.push(
			changes.replaced.get(stored.name) ??
				kept ??
				tensorMessage(stored.name, stored.elementType, stored.dims, await initializerBytes(stored, source)),
		);
	}
	for (const [name, added] of changes.replaced) if (!graph.initializers.has(name)) initializer.push(added);
	return writeOnnxModel({
		irVersion: graph.irVersion,
		producerName: changes.producerName,
		opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version })),
		graph: {
			name: graph.name,
			node: [...(changes.nodes ?? graph.nodes)],
			initializer,
			input: graph.inputs.map(valueMessage),
			output: graph.outputs.map(valueMessage),
		},
		functions: graph.functions,
	});
}
