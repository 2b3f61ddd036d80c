/** What a part of a graph computes, whatever its tensors are called and whatever values its weights have. */
import { createHash } from 'node:crypto';
import { type OnnxGraph, type OnnxInitializer, type OnnxNode, tensorBytes, tensorsRead } from '@assay/models/onnx';

/**
 * Equal for parts with the same operators, attributes and wiring (tensors numbered by first use), and weights of the same types and shapes.
 * Small integers (axes, shapes) count with their values, since they decide what is computed.
 */
export function signatureOf(graph: OnnxGraph, nodes: readonly OnnxNode[]): string {
	const numbers = new Map<string, number>();
	const tensor = (name: string): string => {
		if (name === '') return '-';
		const known = numbers.get(name);
		if (known !== undefined) return String(known);
		numbers.set(name, numbers.size);
		const weight = graph.initializers.get(name);
		return weight === undefined ? `${numbers.size - 1}` : `${numbers.size - 1}:${weightText(weight)}`;
	};
	const hash = createHash('sha256');
	for (const node of nodes) {
		hash.update(`${node.domain}|${node.opType}|${node.input.map(tensor).join(',')}>${node.output.map(tensor).join(',')}`);
		// Bodies name what they take from outside, so they are equal only where the names are.
		if (node.attribute.some(({ g, graphs }) => g !== undefined || graphs !== undefined)) hash.update(tensorsRead(node).join());
		for (const attribute of [...node.attribute].sort((a, b) => (a.name < b.name ? -1 : 1)))
			hash.update(JSON.stringify(attribute, asText));
		hash.update('\n');
	}
	return hash.digest('hex').slice(0, 24);
}

/** Whether a weight's values are part of what is computed rather than data. */
export function isStructural({ elementType, bytes, data }: OnnxInitializer): boolean {
	return (
		bytes < 1024 &&
		data.kind === 'message' &&
		(elementType.startsWith('int') || elementType.startsWith('uint') || elementType === 'bool')
	);
}

function weightText(weight: OnnxInitializer): string {
	const values =
		isStructural(weight) && weight.data.kind === 'message'
			? `=${Buffer.from(tensorBytes(weight.data.tensor)).toString('base64')}`
			: '';
	return `${weight.elementType}[${weight.dims.join('x')}]${values}`;
}

function asText(_: string, value: unknown): unknown {
	if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
	return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
