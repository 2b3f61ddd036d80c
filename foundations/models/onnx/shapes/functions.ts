/** Functions that a file defines itself and its nodes call like operators. */
import { type Path, parseOrExplain } from '@assay/contract';
import { z } from 'zod';
import { attributeSchema, nodeSchema, type OnnxAttribute, type OnnxGraph, type OnnxNode, opsetSchema } from '../graph.ts';

const functionSchema = z.object({
	name: z.string().default(''),
	domain: z.string().default(''),
	input: z.array(z.string()).default([]),
	output: z.array(z.string()).default([]),
	node: z.array(nodeSchema).default([]),
	/** Attributes with a standard value. */
	attributeProto: z.array(attributeSchema).default([]),
	opsetImport: z.array(opsetSchema).default([]),
});

interface CalledFunction {
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly opsets: ReadonlyMap<string, number>;
	/** Operators with the caller's attributes put in. */
	body(caller: OnnxNode): readonly OnnxNode[];
}

export interface FunctionLibrary {
	find(node: OnnxNode): CalledFunction | undefined;
}

/** Raises an `InputError` for what is no function. */
export function functionLibrary(graph: OnnxGraph, place: Path): FunctionLibrary {
	const functions = new Map<string, CalledFunction>();
	for (const [index, content] of (graph.functions ?? []).entries()) {
		const { name, domain, input, output, node, attributeProto, opsetImport } = parseOrExplain(functionSchema, content, [
			...place,
			'functions',
			index,
		]);
		functions.set(`${domain}:${name}`, {
			inputs: input,
			outputs: output,
			opsets: new Map([
				...graph.opsets,
				...opsetImport.map(({ domain: from, version }) => [from === 'ai.onnx' ? '' : from, Number(version)] as const),
			]),
			body: (caller) => node.map((one) => withAttributes(one, [...attributeProto, ...caller.attribute])),
		});
	}
	return { find: (node) => functions.get(`${node.domain}:${node.opType}`) };
}

/** Attributes that refer to the caller's take its value, or are left out where it has none. */
function withAttributes(node: OnnxNode, given: readonly OnnxAttribute[]): OnnxNode {
	const attribute = node.attribute.flatMap((one) => {
		if (one.refAttrName === undefined || one.refAttrName === '') return [one];
		const found = given.findLast(({ name }) => name === one.refAttrName);
		return found === undefined ? [] : [{ ...found, name: one.name }];
	});
	return { ...node, attribute };
}
