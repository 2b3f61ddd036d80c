/** What an ONNX graph cannot be rewritten for, named by its operator or tensor. */
import { InputError } from '@assay/contract';
import type { OnnxNode } from '@assay/models/onnx';

export function nameOf(node: OnnxNode): string {
	return node.name || (node.output[0] ?? node.opType);
}

export function refusal(fileName: string, place: string, found: string, expected: string): InputError {
	return new InputError({ path: [fileName, place], found, expected });
}
