/** Attributes of operators as plain values. Some writers leave out a value that is 0, though the attribute is there. */
import type { OnnxNode } from '@assay/models/onnx';

const find = (node: OnnxNode, name: string) => node.attribute.find((attribute) => attribute.name === name);

export function integer(node: OnnxNode, name: string, byDefault: number): number {
	const attribute = find(node, name);
	return attribute === undefined ? byDefault : Number(attribute.i ?? 0);
}

export function integers(node: OnnxNode, name: string): readonly number[] | undefined {
	return find(node, name)?.ints?.map(Number);
}

export function real(node: OnnxNode, name: string, byDefault: number): number {
	const attribute = find(node, name);
	return attribute === undefined ? byDefault : (attribute.f ?? 0);
}

export function word(node: OnnxNode, name: string, byDefault: string): string {
	const attribute = find(node, name);
	return attribute === undefined ? byDefault : new TextDecoder().decode(attribute.s);
}
