import { expect, test } from 'vitest';
import { memorySource } from '../byte-source.ts';
import { readOnnxGraph } from '../read-graph.ts';
import { convolutionalNetwork } from '../testing/convolutional-network.ts';
import { GraphWriter } from '../testing/graph-writer.ts';
import { runEveryTensor } from '../testing/run-every-tensor.ts';
import { smallGraphs } from '../testing/single-operators.ts';
import { transformerNetwork } from '../testing/transformer-network.ts';
import { inferShapes } from './infer-shapes.ts';
import { coveredOperators } from './registry.ts';

test.each(smallGraphs.map((one) => [one.title, one] as const))(
	'%s: shapes as onnxruntime finds them',
	async (_, { opset, write, dimensions = {} }) => {
		const g = new GraphWriter(opset);
		write(g);
		const file = g.file();
		const graph = await readOnnxGraph(memorySource('test.onnx', file));
		const real = await runEveryTensor(file, graph, dimensions);
		const { tensors } = inferShapes(graph, dimensions);
		expect(Object.fromEntries([...real.keys()].map((name) => [name, tensors.get(name)?.shape]))).toEqual(
			Object.fromEntries(real),
		);
	},
);

/** Not in onnxruntime's CPU library; their outputs are as the operators' documentation says. */
const ELSEWHERE = ['com.microsoft:GroupNorm', 'com.microsoft:BiasAdd', 'com.microsoft:BiasSplitGelu'];

test('every covered operator but three is among the graphs that onnxruntime runs', () => {
	const seen = new Set<string>();
	const see = (g: GraphWriter): void => {
		for (const { domain, opType } of g.nodes) seen.add(`${domain}:${opType}`);
	};
	for (const opset of [7, 9, 10, 11, 13, 17, 21]) {
		see(convolutionalNetwork(opset));
		if (opset >= 9) see(transformerNetwork(opset));
	}
	for (const { opset, write } of smallGraphs) {
		const g = new GraphWriter(opset);
		write(g);
		see(g);
	}
	const covered = coveredOperators().flatMap(({ domain, names }) => names.map((name) => `${domain}:${name}`));
	expect(covered.filter((name) => !seen.has(name))).toEqual(ELSEWHERE);
});
