/**
 * Writes real ONNX files of transformers of any size, with seeded weights in 32-bit floats: uniform on (-0.03, 0.03), norms near 1. Three families:
 * a language model (tokens, causal attention, head tied to the embedding), a vision model (patches of an image, full attention, classes), and
 * a vision-language model (image patches go through a vision encoder, are projected and stand before the text). Weights lie in a second file.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@assay/contract';
import { externalTensorMessage, type OnnxNode, onnxNode, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';

export const MODEL_FAMILIES = ['language', 'vision', 'vision-language'] as const;

export interface GeneratedModel {
	readonly family: (typeof MODEL_FAMILIES)[number];
	/** Transformer blocks; of a vision-language model so many in each of its two stacks. */
	readonly blocks: number;
	readonly width: number;
	readonly heads: number;
	/** Width of the feed-forward's hidden layer. */
	readonly hiddenWidth: number;
	/** Text tokens, or image patches in a square. */
	readonly tokens: number;
	readonly batch: number;
	readonly vocabulary: number;
	readonly seed: number;
}

/** Side of a patch in pixels; images have three channels. */
const PATCH = 16;
const RANGE = 0.03;

/** Bytes of the weights of one block: four square matrices, two of the feed-forward, biases and norms. */
export function blockBytes({ width, hiddenWidth }: Pick<GeneratedModel, 'width' | 'hiddenWidth'>): number {
	return 4 * (4 * width * width + 2 * width * hiddenWidth + 9 * width + hiddenWidth);
}

/** Writes `model.onnx` and `model.bin` into a folder; the path of the former. `pause` is called between tensors. */
export async function generateModel(model: GeneratedModel, folder: string, pause: () => Promise<void>): Promise<string> {
	const weights = await open(join(folder, 'model.bin'), 'w');
	try {
		const writer = new GraphWriter(model, weights, pause);
		const { output, dims } = await writeFamily(writer);
		const bytes = writeOnnxModel({
			irVersion: 8,
			producerName: 'assay',
			opsetImport: [{ domain: '', version: 17 }],
			graph: {
				name: `${model.family} model of ${model.blocks} blocks`,
				node: writer.nodes,
				initializer: writer.initializers,
				input: writer.inputs,
				output: [valueMessage({ name: output, elementType: 'float32', dims })],
			},
		});
		const path = join(folder, 'model.onnx');
		const file = await open(path, 'w');
		await file.writeFile(bytes);
		await file.close();
		return path;
	} finally {
		await weights.close();
	}
}

async function writeFamily(writer: GraphWriter): Promise<{ output: string; dims: number[] }> {
	const { family, batch, tokens, width, vocabulary } = writer.model;
	if (family === 'vision') {
		const patches = await writePatches(writer);
		const encoded = await writeStack(writer, patches, 'block', undefined);
		const pooled = writer.node('ReduceMean', [await writer.norm('final', encoded)], { axes: [1], keepdims: 0 });
		const output = writer.node('MatMul', [pooled, await writer.matrix('classes', [width, vocabulary])]);
		return { output, dims: [batch, vocabulary] };
	}
	const embedding = await writer.matrix('embedding', [vocabulary, width]);
	writer.inputs.push(valueMessage({ name: 'tokens', elementType: 'int64', dims: [batch, tokens] }));
	const text = writer.node('Gather', [embedding, 'tokens'], { axis: 0 });
	let start = text;
	let length = tokens;
	if (family === 'vision-language') {
		const seen = await writeStack(writer, await writePatches(writer), 'vision', undefined);
		const projected = writer.node('MatMul', [
			await writer.norm('vision.final', seen),
			await writer.matrix('projector', [width, width]),
		]);
		length += patchCount(tokens);
		start = writer.node('Concat', [projected, text], { axis: 1 });
	}
	const positioned = writer.node('Add', [start, await writer.matrix('positions', [length, width])]);
	const hidden = await writeStack(writer, positioned, 'block', writer.causalMask(length));
	const rows = writer.node('Reshape', [await writer.norm('final', hidden), writer.integers('rows', [-1, width])]);
	// The head is the embedding: tied weights.
	const output = writer.node('Gemm', [rows, embedding], { transB: 1 });
	return { output, dims: [batch * length, vocabulary] };
}

/** Patches of the largest square image with at most so many of them. */
function patchCount(tokens: number): number {
	return Math.max(1, Math.floor(Math.sqrt(tokens))) ** 2;
}

async function writePatches(writer: GraphWriter): Promise<string> {
	const { batch, tokens, width } = writer.model;
	const side = Math.sqrt(patchCount(tokens)) * PATCH;
	writer.inputs.push(valueMessage({ name: 'image', elementType: 'float32', dims: [batch, 3, side, side] }));
	const kernel = await writer.matrix('patches', [width, 3, PATCH, PATCH]);
	const cells = writer.node('Conv', ['image', kernel], { strides: [PATCH, PATCH], kernel_shape: [PATCH, PATCH] });
	const rows = writer.node('Reshape', [cells, writer.integers('patchRows', [0, 0, -1])]);
	const patches = writer.node('Transpose', [rows], { perm: [0, 2, 1] });
	return writer.node('Add', [patches, await writer.matrix('patchPositions', [patchCount(tokens), width])]);
}

async function writeStack(writer: GraphWriter, input: string, prefix: string, mask: string | undefined): Promise<string> {
	let x = input;
	for (let block = 0; block < writer.model.blocks; block++) x = await writeBlock(writer, x, `${prefix}${block}`, mask);
	return x;
}

async function writeBlock(writer: GraphWriter, x: string, name: string, mask: string | undefined): Promise<string> {
	const { width, heads, hiddenWidth } = writer.model;
	const linear = async (input: string, part: string, rows: number, columns: number): Promise<string> => {
		const product = writer.node('MatMul', [input, await writer.matrix(`${name}.${part}.weight`, [rows, columns])]);
		return writer.node('Add', [product, await writer.matrix(`${name}.${part}.bias`, [columns])]);
	};
	const split = writer.integers('heads', [0, 0, heads, width / heads]);
	const headsOf = async (input: string, part: string, perm: number[]): Promise<string> =>
		writer.node('Transpose', [writer.node('Reshape', [await linear(input, part, width, width), split])], { perm });
	const normal = await writer.norm(`${name}.norm1`, x);
	const query = await headsOf(normal, 'query', [0, 2, 1, 3]);
	const key = await headsOf(normal, 'key', [0, 2, 3, 1]);
	const value = await headsOf(normal, 'value', [0, 2, 1, 3]);
	const products = writer.node('Mul', [writer.node('MatMul', [query, key]), writer.real('scale', 1 / Math.sqrt(width / heads))]);
	const scores = mask === undefined ? products : writer.node('Add', [products, mask]);
	const mixed = writer.node('MatMul', [writer.node('Softmax', [scores], { axis: -1 }), value]);
	const rows = writer.node('Reshape', [
		writer.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
		writer.integers('joined', [0, 0, width]),
	]);
	const middle = writer.node('Add', [x, await linear(rows, 'out', width, width)]);
	const up = await linear(await writer.norm(`${name}.norm2`, middle), 'up', width, hiddenWidth);
	const error = writer.node('Erf', [writer.node('Div', [up, writer.real('root2', Math.SQRT2)])]);
	const gate = writer.node('Mul', [up, writer.node('Add', [error, writer.real('one', 1)])]);
	const active = writer.node('Mul', [gate, writer.real('half', 0.5)]);
	return writer.node('Add', [middle, await linear(active, 'down', hiddenWidth, width)]);
}

/** Collects operators and writes weights one after the other. */
class GraphWriter {
	readonly model: GeneratedModel;
	readonly nodes: OnnxNode[] = [];
	readonly initializers: ReturnType<typeof tensorMessage>[] = [];
	readonly inputs: ReturnType<typeof valueMessage>[] = [];
	private readonly weights: FileHandle;
	private readonly pause: () => Promise<void>;
	private readonly small = new Set<string>();
	private offset = 0;

	constructor(model: GeneratedModel, weights: FileHandle, pause: () => Promise<void>) {
		this.model = model;
		this.weights = weights;
		this.pause = pause;
	}

	/** Adds an operator; the name of its result. */
	node(opType: string, input: string[], attributes: Parameters<typeof onnxNode>[3] = {}): string {
		const output = `${opType.toLowerCase()}${this.nodes.length}`;
		this.nodes.push(onnxNode(opType, input, [output], attributes));
		return output;
	}

	async norm(name: string, input: string): Promise<string> {
		const { width } = this.model;
		const scale = await this.matrix(`${name}.scale`, [width], 1);
		const shift = await this.matrix(`${name}.shift`, [width]);
		return this.node('LayerNormalization', [input, scale, shift], { axis: -1, epsilon: { float: 1e-5 } });
	}

	/** Seeded weights around a centre. Each tensor has a stream of its own, so that a model's first blocks do not depend on how many follow. */
	async matrix(name: string, dims: number[], centre = 0): Promise<string> {
		const random = createRandom(this.model.seed).fork(name);
		const values = new Float32Array(dims.reduce((product, one) => product * one, 1));
		for (let i = 0; i < values.length; i++) {
			if ((i & 0xfffff) === 0) await this.pause();
			values[i] = centre + ((random.uint32() + 0.5) / 2 ** 31 - 1) * RANGE;
		}
		const start = Math.ceil(this.offset / 64) * 64;
		await writeAll(this.weights, new Uint8Array(values.buffer), start);
		this.offset = start + values.byteLength;
		this.initializers.push(externalTensorMessage(name, 'float32', dims, { location: 'model.bin', offset: start }));
		return name;
	}

	real(name: string, value: number): string {
		return this.constant(name, 'float32', [], new Uint8Array(Float32Array.of(value).buffer));
	}

	integers(name: string, values: number[]): string {
		return this.constant(name, 'int64', [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
	}

	/** Added to scores: 0 where a token may look, a large negative number ahead of it. */
	causalMask(length: number): string {
		const mask = Float32Array.from({ length: length * length }, (_, i) => (i % length <= Math.floor(i / length) ? 0 : -1e9));
		return this.constant('mask', 'float32', [length, length], new Uint8Array(mask.buffer));
	}

	private constant(name: string, type: 'float32' | 'int64', dims: number[], bytes: Uint8Array): string {
		if (!this.small.has(name)) this.initializers.push(tensorMessage(name, type, dims, bytes));
		this.small.add(name);
		return name;
	}
}

/** A single write may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
	let done = 0;
	while (done < bytes.byteLength) {
		const length = Math.min(bytes.byteLength - done, 1 << 28);
		done += (await file.write(bytes, done, length, start + done)).bytesWritten;
	}
}
