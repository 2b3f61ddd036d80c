/**
 * One block of a GPT, forward and backward by hand, over memory that the caller provides.
 *
 *   middle = x + attention(norm1(x)) W_out;   y = middle + gelu(norm2(middle) W_up) W_down        (biases everywhere)
 *
 * Weights, gradients, input, output and whatever is kept for backward are byte addresses of regions the caller owns, so that a
 * block's weights can come from a file and its kept activations can go to one. Backward needs four intermediate results (`savedItems`).
 * Each one that the caller has not kept is computed again from the block's input by the same instructions in the same order, so
 * the gradients are the same bits either way. A block holds a workspace of its own and nothing else; it serves any number of layers.
 */
import { CausalAttention, packedQueryKeyValue } from './attention.ts';
import type { Address, Kernels } from './kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './kernels/matmul.ts';
import { matrix, multiply, transpose } from './matrix.ts';
import { type Arena, addresses, type Layout, layOut } from './memory-layout.ts';

export const LAYER_NORM_EPSILON = 1e-5;

export interface BlockShape {
	/** Sequences in a batch. */
	readonly batch: number;
	readonly sequenceTokens: number;
	readonly width: number;
	readonly heads: number;
	/** Width of the MLP's hidden layer. */
	readonly hiddenWidth: number;
}

/** Parameters of one block: 2 h^2 for each of QKV's thirds and so on; 12 h^2 + 13 h in all for a hidden width of 4 h. */
export function blockWeightLayout({ width, hiddenWidth }: Pick<BlockShape, 'width' | 'hiddenWidth'>) {
	return layOut({
		norm1Scale: width,
		norm1Shift: width,
		qkvWeight: 3 * width * width,
		qkvBias: 3 * width,
		outWeight: width * width,
		outBias: width,
		norm2Scale: width,
		norm2Shift: width,
		upWeight: width * hiddenWidth,
		upBias: hiddenWidth,
		downWeight: hiddenWidth * width,
		downBias: width,
	});
}

/** What backward needs besides the block's input: queries, keys and values; attention's result; the sum between the halves; the MLP before GELU. */
export const savedItems = ['qkv', 'context', 'middle', 'up'] as const;
export type SavedItem = (typeof savedItems)[number];
/** Addresses of items that are kept; what is left out is computed again. */
export type Saved = Partial<Readonly<Record<SavedItem, Address>>>;

/** Lengths of the saved items in floats, for a batch of N tokens: 3 N h, N h, N h and N hidden. */
export function savedLayout({ batch, sequenceTokens, width, hiddenWidth }: BlockShape): Layout<SavedItem> {
	const tokens = batch * sequenceTokens;
	return layOut({ qkv: 3 * tokens * width, context: tokens * width, middle: tokens * width, up: tokens * hiddenWidth });
}

/** Floating-point operations of one forward pass: two per multiply-add of its matrix products (attention counted in full, not halved by the mask). */
export function blockForwardFlops({ batch, sequenceTokens, width, hiddenWidth }: BlockShape): number {
	const tokens = batch * sequenceTokens;
	return 2 * tokens * width * (4 * width + 2 * hiddenWidth) + 4 * tokens * sequenceTokens * width;
}

export class TransformerBlock {
	readonly shape: BlockShape;
	private readonly kernels: Kernels;
	private readonly tokens: number;
	private readonly weightLayout: ReturnType<typeof blockWeightLayout>;
	private readonly scratch: Address;
	/** Workspace: results that backward would need and the caller does not keep, and temporaries. */
	private readonly own: Record<SavedItem, Address>;
	private readonly normal: Address;
	private readonly statistics: Address;
	private readonly hidden: Address;
	private readonly hiddenGradient: Address;
	private readonly gradient: Address;
	private readonly qkvGradient: Address;
	private readonly attention: CausalAttention;

	/** Takes its workspace out of the arena. Raises a RangeError where the heads do not divide the width. */
	constructor(kernels: Kernels, shape: BlockShape, arena: Arena) {
		const { batch, sequenceTokens, width, heads, hiddenWidth } = shape;
		if (width % heads !== 0) throw new RangeError(`a width of ${width} cannot be shared among ${heads} heads`);
		this.kernels = kernels;
		this.shape = shape;
		this.tokens = batch * sequenceTokens;
		this.weightLayout = blockWeightLayout(shape);
		this.scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
		this.own = addresses(savedLayout(shape), arena.floats(savedLayout(shape).length));
		this.normal = arena.floats(this.tokens * width);
		this.statistics = arena.floats(this.tokens * 2);
		this.hidden = arena.floats(this.tokens * hiddenWidth);
		this.hiddenGradient = arena.floats(this.tokens * hiddenWidth);
		this.gradient = arena.floats(this.tokens * width);
		this.qkvGradient = arena.floats(this.tokens * 3 * width);
		this.attention = new CausalAttention(
			kernels,
			{ batch, sequenceTokens, heads, keyValueHeads: heads, headWidth: width / heads },
			arena,
		);
	}

	/**
	 * output = block(input), both [tokens, width]; output is not input. Items named in `saved` are left at their addresses.
	 * `weights` has `blockWeightLayout(shape).length` floats.
	 */
	forward(weights: Address, input: Address, output: Address, saved: Saved = {}): void {
		const w = addresses(this.weightLayout, weights);
		const items = { ...this.own, ...saved };
		this.queryKeyValue(w, input, items.qkv);
		this.attend(items.qkv, items.context);
		this.middle(w, input, items.context, items.middle);
		this.up(w, items.middle, items.up);
		this.kernels.geluForward(items.up, this.hidden, this.tokens * this.shape.hiddenWidth);
		this.linear(this.hidden, this.shape.hiddenWidth, w.downWeight, w.downBias, this.shape.width, output);
		this.kernels.add(output, items.middle, output, this.tokens * this.shape.width);
	}

	/**
	 * gradientInput = d loss / d input from d loss / d output (the two may be one region), and adds the weights' gradients to
	 * `gradients` (laid out as the weights). Items left out of `saved` are computed again from `input`.
	 */
	backward(
		weights: Address,
		input: Address,
		saved: Saved,
		gradientOutput: Address,
		gradientInput: Address,
		gradients: Address,
	): void {
		const { kernels, tokens } = this;
		const { width, hiddenWidth } = this.shape;
		const w = addresses(this.weightLayout, weights);
		const g = addresses(this.weightLayout, gradients);
		const items = { ...this.own, ...saved };
		if (saved.qkv === undefined) this.queryKeyValue(w, input, items.qkv);
		if (saved.context === undefined) this.attend(items.qkv, items.context);
		if (saved.middle === undefined) this.middle(w, input, items.context, items.middle);

		// MLP half. `up` leaves norm2's output and statistics behind, which the gradients need anyway.
		this.norm(items.middle, w.norm2Scale, w.norm2Shift);
		if (saved.up === undefined) this.linear(this.normal, width, w.upWeight, w.upBias, hiddenWidth, items.up);
		kernels.geluForward(items.up, this.hidden, tokens * hiddenWidth);
		this.linearBackward(
			this.hidden,
			hiddenWidth,
			w.downWeight,
			width,
			gradientOutput,
			this.hiddenGradient,
			g.downWeight,
			g.downBias,
		);
		kernels.geluBackward(items.up, this.hiddenGradient, this.hiddenGradient, tokens * hiddenWidth);
		this.linearBackward(this.normal, width, w.upWeight, hiddenWidth, this.hiddenGradient, this.gradient, g.upWeight, g.upBias);
		this.normBackward(items.middle, w.norm2Scale, this.gradient, g.norm2Scale, g.norm2Shift);
		kernels.add(gradientOutput, this.gradient, gradientInput, tokens * width);

		// Attention half; gradientInput now holds the gradient of `middle`.
		this.linearBackward(items.context, width, w.outWeight, width, gradientInput, this.gradient, g.outWeight, g.outBias);
		this.attention.backward(
			packedQueryKeyValue(items.qkv, width),
			{ start: this.gradient, rowLength: width },
			packedQueryKeyValue(this.qkvGradient, width),
		);
		this.norm(input, w.norm1Scale, w.norm1Shift);
		this.linearBackward(this.normal, width, w.qkvWeight, 3 * width, this.qkvGradient, this.gradient, g.qkvWeight, g.qkvBias);
		this.normBackward(input, w.norm1Scale, this.gradient, g.norm1Scale, g.norm1Shift);
		kernels.add(gradientInput, this.gradient, gradientInput, tokens * width);
	}

	private queryKeyValue(
		w: Record<'norm1Scale' | 'norm1Shift' | 'qkvWeight' | 'qkvBias', Address>,
		input: Address,
		out: Address,
	): void {
		this.norm(input, w.norm1Scale, w.norm1Shift);
		this.linear(this.normal, this.shape.width, w.qkvWeight, w.qkvBias, 3 * this.shape.width, out);
	}

	private attend(qkv: Address, context: Address): void {
		const { width } = this.shape;
		this.attention.forward(packedQueryKeyValue(qkv, width), { start: context, rowLength: width });
	}

	private middle(w: Record<'outWeight' | 'outBias', Address>, input: Address, context: Address, out: Address): void {
		this.linear(context, this.shape.width, w.outWeight, w.outBias, this.shape.width, out);
		this.kernels.add(input, out, out, this.tokens * this.shape.width);
	}

	private up(w: Record<'norm2Scale' | 'norm2Shift' | 'upWeight' | 'upBias', Address>, middle: Address, out: Address): void {
		this.norm(middle, w.norm2Scale, w.norm2Shift);
		this.linear(this.normal, this.shape.width, w.upWeight, w.upBias, this.shape.hiddenWidth, out);
	}

	/** this.normal = layer norm of x; the statistics stay for backward. */
	private norm(x: Address, scale: Address, shift: Address): void {
		this.kernels.layerNormForward(
			x,
			scale,
			shift,
			this.normal,
			this.statistics,
			this.tokens,
			this.shape.width,
			LAYER_NORM_EPSILON,
		);
	}

	/** In place on the gradient of the norm's output; the statistics are those of the latest `norm`. */
	private normBackward(x: Address, scale: Address, gradient: Address, dScale: Address, dShift: Address): void {
		this.kernels.layerNormBackward(x, scale, this.statistics, gradient, gradient, dScale, dShift, this.tokens, this.shape.width);
	}

	/** out = x W + bias. */
	private linear(x: Address, inputs: number, weight: Address, bias: Address, outputs: number, out: Address): void {
		this.kernels.fillRows(bias, out, this.tokens, outputs);
		multiply(
			this.kernels,
			matrix(x, this.tokens, inputs),
			matrix(weight, inputs, outputs),
			matrix(out, this.tokens, outputs),
			this.scratch,
			true,
		);
	}

	/** dx = dy Wᵀ, dW += xᵀ dy, dBias += column sums of dy. */
	private linearBackward(
		x: Address,
		inputs: number,
		weight: Address,
		outputs: number,
		dy: Address,
		dx: Address,
		dWeight: Address,
		dBias: Address,
	): void {
		const { kernels, tokens, scratch } = this;
		const gradient = matrix(dy, tokens, outputs);
		multiply(kernels, gradient, transpose(matrix(weight, inputs, outputs)), matrix(dx, tokens, inputs), scratch);
		multiply(kernels, transpose(matrix(x, tokens, inputs)), gradient, matrix(dWeight, inputs, outputs), scratch, true);
		kernels.addColumnSums(dy, dBias, tokens, outputs);
	}
}
