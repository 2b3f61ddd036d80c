/** Operators of a TensorFlow graph as JSON writes them: attributes by name, texts in base64, whole numbers as texts. */
import { InputError } from '@assay/contract';
import { z } from 'zod';
import { inOrder } from './in-order.ts';

const whole = z.union([z.string().regex(/^-?\d{1,15}$/), z.int()]).transform(Number);

const attributeSchema = z.object({
	s: z.string().optional(),
	i: whole.optional(),
	f: z.number().optional(),
	b: z.boolean().optional(),
	type: z.union([z.string(), z.number()]).optional(),
	shape: z
		.object({ dim: z.array(z.object({ size: whole.optional() })).optional(), unknownRank: z.boolean().optional() })
		.optional(),
	list: z
		.object({ s: z.array(z.string()).optional(), i: z.array(whole).optional(), f: z.array(z.number()).optional() })
		.optional(),
});

const nodeSchema = z.object({
	name: z.string().min(1),
	op: z.string().min(1),
	input: z.array(z.string()).default([]),
	attr: z.record(z.string(), attributeSchema).default({}),
});

export const graphSchema = z.object({ node: z.array(nodeSchema).max(1_000_000) });

export interface GraphNode {
	readonly name: string;
	/** Such as Conv2D. */
	readonly op: string;
	/** Names of the nodes that it reads, each by its first output. */
	readonly inputs: readonly string[];
	readonly attr: z.output<typeof nodeSchema>['attr'];
}

/** Each after what it reads. Raises an InputError that names a node which is missing, doubled, in a circle, or read by a further output. */
export function readGraph({ node }: z.output<typeof graphSchema>, fileName: string): GraphNode[] {
	const fail = (place: string, found: string, expected: string) => new InputError({ path: [fileName, place], found, expected });
	const seen = new Set<string>();
	const nodes = node.map(({ name, op, input, attr }): GraphNode => {
		if (seen.has(name)) throw fail(name, 'a second node of this name', 'a name of its own for each node');
		seen.add(name);
		// "^" marks nodes that only have to come earlier.
		const read = input.filter((one) => !one.startsWith('^'));
		const further = read.find((one) => /:[1-9]\d*$/.test(one));
		if (further !== undefined) throw fail(name, `an input from ${further}`, 'first outputs of nodes');
		return { name, op, inputs: read.map((one) => one.replace(/:0$/, '')), attr };
	});
	return inOrder(nodes, fail);
}

const plainText = (base64: string): string =>
	new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));

/** A text of base64, or as it stands where it is none. */
function textOf(stored: string): string {
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(stored) || stored.length % 4 !== 0) return stored;
	const text = plainText(stored);
	return /^[\w .:/-]*$/.test(text) ? text : stored;
}

export function graphText({ attr }: GraphNode, name: string, byDefault: string): string {
	const stored = attr[name]?.s;
	return stored === undefined ? byDefault : textOf(stored);
}

export function graphTexts({ attr }: GraphNode, name: string): string[] {
	return (attr[name]?.list?.s ?? []).map(textOf);
}

export function graphIntegers({ attr }: GraphNode, name: string): readonly number[] {
	return attr[name]?.list?.i ?? [];
}

export function graphReal({ attr }: GraphNode, name: string, byDefault: number): number {
	return attr[name]?.f ?? byDefault;
}

export function graphFlag({ attr }: GraphNode, name: string): boolean {
	return attr[name]?.b ?? false;
}

/** Sizes, -1 for open ones; undefined where the number of dimensions is open too. */
export function graphShape({ attr }: GraphNode, name: string): readonly number[] | undefined {
	const shape = attr[name]?.shape;
	return shape?.dim?.map(({ size }) => size ?? -1);
}
