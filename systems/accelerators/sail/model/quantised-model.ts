/** The model of a run and how wide its weights are: everywhere the same, or as a GGUF file has them, product by product. */
import { InputError, type RunContext } from '@assay/contract';
import { readModel, type TransformerModel } from '@assay/models';
import { type GgufTensor, ggufModel, readGguf } from '@assay/models/gguf';
import type { Inputs } from '../inputs.ts';
import type { WeightProduct } from './weight-products.ts';

export interface WeightWidth {
	/** Of a weight itself. */
	readonly weightBits: number;
	/** With scales, in memory. */
	readonly storedBits: number;
}

export interface QuantisedModel {
	readonly model: TransformerModel;
	readonly widthOf: (product: WeightProduct) => WeightWidth;
}

/** Scales and zero points, bits a weight. */
const SCALE_BITS = 0.5;

/** Tensors of a GGUF file by the product they are for (llama.cpp's names); queries, keys and values may be one tensor. */
const TENSORS: Readonly<Record<string, RegExp>> = {
	queries: /\.attn_q(kv)?\.weight$/,
	keys: /\.attn_(k|qkv)\.weight$/,
	values: /\.attn_(v|qkv)\.weight$/,
	'attention output': /\.attn_output\.weight$/,
	'feed-forward gate': /\.ffn_gate\.weight$/,
	'feed-forward up': /\.ffn_up\.weight$/,
	'feed-forward down': /\.ffn_down\.weight$/,
	'output head': /^output\.weight$/,
};

export async function quantisedModel(inputs: Inputs, context: RunContext): Promise<QuantisedModel> {
	const { bits, storedBits = bits + SCALE_BITS } = inputs.weights;
	if (inputs.gguf === undefined) {
		if (storedBits < bits)
			throw new InputError({
				path: ['weights', 'storedBits'],
				found: String(storedBits),
				expected: `at least weights.bits, ${bits}`,
				nearest: String(bits),
			});
		const width = { weightBits: bits, storedBits };
		return { model: generating(await readModel(inputs.model, context)), widthOf: () => width };
	}
	const file = await context.open(inputs.gguf);
	const head = await readGguf({
		name: file.name,
		bytes: file.bytes,
		read: firstBytes(file),
	});
	const model = generating(ggufModel(head, file.name));
	const widths = new Map<string, WeightWidth>();
	const embedding = head.tensors.filter(({ name }) => name === 'token_embd.weight');
	for (const [product, name] of Object.entries(TENSORS)) {
		const found = head.tensors.filter((tensor) => name.test(tensor.name));
		// A tied head is the embedding.
		const width = widthOf(found.length === 0 && product === 'output head' ? embedding : found);
		if (width !== undefined) widths.set(product, width);
	}
	return {
		model,
		widthOf: ({ name }) => {
			const width = widths.get(name);
			if (width === undefined)
				throw new InputError({ path: [file.name], found: `no tensor for ${name}`, expected: 'a tensor for every product' });
			if (width.weightBits > 8)
				throw new InputError({
					path: [file.name, name],
					found: `weights of ${width.weightBits} bits`,
					expected: 'quantised weights, of 1 to 8 bits',
				});
			return width;
		},
	};
}

/** Raises an `InputError` for an encoder, which has no tokens to time. */
function generating(model: TransformerModel): TransformerModel {
	if (model.causal) return model;
	throw new InputError({ path: ['model'], found: `${model.name}, an encoder`, expected: 'a model that generates tokens' });
}

/** The width that most weights of some tensors have, and their mean bits in the file. */
function widthOf(tensors: readonly GgufTensor[]): WeightWidth | undefined {
	if (tensors.length === 0) return undefined;
	const weightsByBits = new Map<number, number>();
	let [weights, bytes] = [0, 0];
	for (const { shape, type, bytes: size } of tensors) {
		const count = shape.reduce((all, one) => all * one, 1);
		weights += count;
		bytes += size;
		weightsByBits.set(type.weightBits, (weightsByBits.get(type.weightBits) ?? 0) + count);
	}
	const [most] = [...weightsByBits].sort((a, b) => b[1] - a[1]);
	return { weightBits: most?.[0] ?? 0, storedBits: (8 * bytes) / weights };
}

/** Reads from the start of a file without taking more of it than asked for. */
function firstBytes(file: { stream(): AsyncIterable<Uint8Array> }) {
	return async (offset: number, bytes: number): Promise<Uint8Array> => {
		const read = new Uint8Array(bytes);
		let at = 0;
		for await (const piece of file.stream()) {
			const from = Math.max(0, offset - at);
			const into = at + from - offset;
			if (from < piece.length && into < bytes) read.set(piece.subarray(from, from + bytes - into), into);
			at += piece.length;
			if (at >= offset + bytes) break;
		}
		return read;
	};
}
