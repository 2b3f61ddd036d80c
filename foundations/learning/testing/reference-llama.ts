/** A Llama-style model's loss in float64 with plain loops: what the kernels are checked against. Nothing here is fast. */
import { type LlamaShape, llamaTensors, NORM_EPSILON } from '../llama/llama-shape.ts';

type Vector = Float64Array<ArrayBufferLike>;

/** y = W x for W [outputs, inputs]. */
function product(weight: Vector, x: Vector): Vector {
	const out = new Float64Array(weight.length / x.length);
	for (let j = 0; j < out.length; j++) for (let i = 0; i < x.length; i++) out[j]! += weight[j * x.length + i]! * x[i]!;
	return out;
}

function norm(x: Vector, scale: Vector): Vector {
	let squares = 0;
	for (const value of x) squares += value * value;
	return x.map((value, i) => (value / Math.sqrt(squares / x.length + NORM_EPSILON)) * scale[i]!);
}

const plus = (a: Vector, b: Vector): Vector => a.map((value, i) => value + b[i]!);

/** Each head's elements as d/2 complex numbers (element i and element i + d/2), times e^(i position theta). */
function rotate(x: Vector, position: number, headWidth: number, base: number): Vector {
	const out = Float64Array.from(x);
	for (let head = 0; head < x.length; head += headWidth) {
		for (let i = 0; i < headWidth / 2; i++) {
			const angle = position / base ** ((2 * i) / headWidth);
			const [real, imaginary] = [x[head + i]!, x[head + i + headWidth / 2]!];
			out[head + i] = real * Math.cos(angle) - imaginary * Math.sin(angle);
			out[head + i + headWidth / 2] = real * Math.sin(angle) + imaginary * Math.cos(angle);
		}
	}
	return out;
}

/** Mean cross-entropy in nats of a batch, for parameters in the order of `llamaTensors`. */
export function referenceLlamaLoss(
	shape: LlamaShape,
	parameters: Float64Array,
	tokens: ArrayLike<number>,
	targets: ArrayLike<number>,
): number {
	const { width, heads, keyValueHeads, sequenceTokens } = shape;
	const headWidth = width / heads;
	const weights = new Map(
		llamaTensors(shape).map(({ name, offset, length }) => [name, parameters.subarray(offset, offset + length)]),
	);
	const weight = (name: string): Vector => {
		const found = weights.get(`${name}.weight`);
		if (found === undefined) throw new Error(`no ${name}`);
		return found;
	};
	const embedding = weight('model.embed_tokens');
	let rows: Vector[] = Array.from({ length: tokens.length }, (_, i) =>
		embedding.slice(tokens[i]! * width, (tokens[i]! + 1) * width),
	);
	for (let layer = 0; layer < shape.layers; layer++) {
		const of = (name: string): Vector => weight(`model.layers.${layer}.${name}`);
		const normal = rows.map((row) => norm(row, of('input_layernorm')));
		const turned = (name: string) =>
			normal.map((row, i) => rotate(product(of(name), row), i % sequenceTokens, headWidth, shape.ropeBase));
		const [queries, keys] = [turned('self_attn.q_proj'), turned('self_attn.k_proj')];
		const values = normal.map((row) => product(of('self_attn.v_proj'), row));
		rows = rows.map((row, token) => {
			const context = new Float64Array(width);
			const first = token - (token % sequenceTokens);
			for (let head = 0; head < heads; head++) {
				const shared = Math.floor(head / (heads / keyValueHeads)) * headWidth;
				const powers: number[] = [];
				for (let other = first; other <= token; other++) {
					let score = 0;
					for (let i = 0; i < headWidth; i++) score += queries[token]![head * headWidth + i]! * keys[other]![shared + i]!;
					powers.push(Math.exp(score / Math.sqrt(headWidth)));
				}
				const total = powers.reduce((sum, power) => sum + power, 0);
				for (const [index, power] of powers.entries())
					for (let i = 0; i < headWidth; i++)
						context[head * headWidth + i]! += (power / total) * values[first + index]![shared + i]!;
			}
			return plus(row, product(of('self_attn.o_proj'), context));
		});
		rows = rows.map((row) => {
			const inner = norm(row, of('post_attention_layernorm'));
			const up = product(of('mlp.up_proj'), inner);
			const hidden = product(of('mlp.gate_proj'), inner).map((x, i) => (x / (1 + Math.exp(-x))) * up[i]!);
			return plus(row, product(of('mlp.down_proj'), hidden));
		});
	}
	let loss = 0;
	for (const [i, row] of rows.entries()) {
		const logits = product(weight('lm_head'), norm(row, weight('model.norm')));
		const largest = Math.max(...logits);
		loss += largest + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - logits[targets[i]!]!;
	}
	return loss / rows.length;
}
