/** Multiply-accumulates counted from the shapes that onnxruntime found, operator by operator of the outermost graph, without any of our inference. */
import type { OnnxGraph, OnnxNode } from '../graph.ts';
import { elementCount } from '../shapes/inferred-tensor.ts';

/** `real`: shapes of what operators write, and of the graph's inputs. */
export function realMacs(graph: OnnxGraph, real: ReadonlyMap<string, readonly number[]>): number {
	const shape = (name: string | undefined): readonly number[] => {
		const found = real.get(name ?? '') ?? graph.initializers.get(name ?? '')?.dims;
		if (found === undefined) throw new Error(`no shape of ${name}`);
		return found;
	};
	return graph.nodes.reduce((sum, node) => sum + macsOf(node, shape), 0);
}

function macsOf(node: OnnxNode, shape: (name: string | undefined) => readonly number[]): number {
	const { opType, input, output } = node;
	const written = () => elementCount(shape(output[0]));
	switch (opType) {
		case 'Conv':
		case 'ConvInteger':
			// Each output element sums over one filter.
			return written() * elementCount(shape(input[1]).slice(1));
		case 'QLinearConv':
			return written() * elementCount(shape(input[3]).slice(1));
		case 'ConvTranspose':
			return elementCount(shape(input[0])) * elementCount(shape(input[1]).slice(1));
		case 'MatMul':
		case 'MatMulInteger':
			return written() * (shape(input[0]).at(-1) ?? 1);
		case 'QLinearMatMul':
			return written() * (shape(input[0]).at(-1) ?? 1);
		case 'Gemm': {
			const turned = node.attribute.some(({ name, i }) => name === 'transA' && Number(i) === 1);
			return written() * (shape(input[0]).at(turned ? 0 : 1) ?? 1);
		}
		case 'LSTM':
		case 'GRU':
		case 'RNN': {
			const [steps = 0, batch = 0] = shape(input[0]);
			return steps * batch * (elementCount(shape(input[1])) + elementCount(shape(input[2])));
		}
		default:
			return 0;
	}
}
