/** The small GPT's loss in float64 with plain loops: what the kernels are checked against. Nothing here is fast. */
import type { Layout } from '../memory-layout.ts';
import { embeddingLayout, type GptShape, headLayout, segmentLayouts } from '../small-gpt.ts';
import { blockWeightLayout, LAYER_NORM_EPSILON } from '../transformer-block.ts';

type Rows = Float64Array[];
type Weights = (name: string) => Float64Array;

const weightsOf =
	(layout: Layout<string>, values: Float64Array): Weights =>
	(name) => {
		const part = layout.parts[name];
		if (part === undefined) throw new Error(`no ${name}`);
		return values.subarray(part.offset, part.offset + part.length);
	};

function linear(x: Rows, weight: Float64Array, outputs: number, bias?: Float64Array): Rows {
	return x.map((row) => {
		const out = new Float64Array(outputs);
		for (let j = 0; j < outputs; j++) {
			out[j] = bias?.[j] ?? 0;
			for (let i = 0; i < row.length; i++) out[j]! += row[i]! * weight[i * outputs + j]!;
		}
		return out;
	});
}

function norm(x: Rows, scale: Float64Array, shift: Float64Array): Rows {
	return x.map((row) => {
		const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
		const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
		return row.map((value, i) => ((value - mean) / Math.sqrt(variance + LAYER_NORM_EPSILON)) * scale[i]! + shift[i]!);
	});
}

const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

function attention(qkv: Rows, { sequenceTokens, width, heads }: GptShape): Rows {
	const size = width / heads;
	return qkv.map((row, token) => {
		const out = new Float64Array(width);
		const first = token - (token % sequenceTokens);
		for (let head = 0; head < heads; head++) {
			const powers: number[] = [];
			for (let other = first; other <= token; other++) {
				let score = 0;
				for (let i = 0; i < size; i++) score += row[head * size + i]! * qkv[other]![width + head * size + i]!;
				powers.push(Math.exp(score / Math.sqrt(size)));
			}
			const total = powers.reduce((sum, power) => sum + power, 0);
			for (const [index, power] of powers.entries())
				for (let i = 0; i < size; i++)
					out[head * size + i]! += (power / total) * qkv[first + index]![2 * width + head * size + i]!;
		}
		return out;
	});
}

function block(x: Rows, w: Weights, shape: GptShape): Rows {
	const { width, hiddenWidth } = shape;
	const qkv = linear(norm(x, w('norm1Scale'), w('norm1Shift')), w('qkvWeight'), 3 * width, w('qkvBias'));
	const middle = plus(x, linear(attention(qkv, shape), w('outWeight'), width, w('outBias')));
	const up = linear(norm(middle, w('norm2Scale'), w('norm2Shift')), w('upWeight'), hiddenWidth, w('upBias'));
	return plus(
		middle,
		linear(
			up.map((row) => row.map(gelu)),
			w('downWeight'),
			width,
			w('downBias'),
		),
	);
}

/** Mean cross-entropy in nats of a batch, for parameters laid out segment after segment. */
export function referenceLoss(
	shape: GptShape,
	parameters: Float64Array,
	tokens: ArrayLike<number>,
	targets: ArrayLike<number>,
): number {
	const { width, sequenceTokens, vocabulary } = shape;
	let start = 0;
	const segments = segmentLayouts(shape).map(({ length }) => {
		start += length;
		return parameters.subarray(start - length, start);
	});
	const embedding = weightsOf(embeddingLayout(shape), segments[0]!);
	let x: Rows = Array.from({ length: tokens.length }, (_, i) => {
		const word = embedding('tokens').subarray(tokens[i]! * width, (tokens[i]! + 1) * width);
		const place = i % sequenceTokens;
		return word.map((value, j) => value + embedding('positions')[place * width + j]!);
	});
	for (const segment of segments.slice(1, -1)) x = block(x, weightsOf(blockWeightLayout(shape), segment), shape);
	const head = weightsOf(headLayout(shape), segments.at(-1)!);
	const logits = linear(norm(x, head('normScale'), head('normShift')), head('projection'), vocabulary);
	let loss = 0;
	for (const [i, row] of logits.entries()) {
		const largest = Math.max(...row);
		const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
		loss += largest + Math.log(total) - row[targets[i]!]!;
	}
	return loss / logits.length;
}
