/**
 * One block of a Llama-style model, forward and backward by hand:
 *
 *   middle = x + out(attention(rotate(query(n)), rotate(key(n)), value(n))) with n = norm1(x)
 *   y      = middle + down(silu(gate(m)) up(m))                             with m = norm2(middle)
 *
 * A block keeps everything that its backward pass needs; temporaries are shared by the blocks of a model.
 */
import { CausalAttention, type HeadRows, type QueryKeyValue } from '../attention.ts';
import type { Address, Kernels } from '../kernels/kernels.ts';
import { type Arena, addresses } from '../memory-layout.ts';
import type { Linear, MakeLinear } from './linear.ts';
import {
	type BlockPart,
	blockLayout,
	type LinearName,
	type LlamaShape,
	linearNames,
	linearSizes,
	NORM_EPSILON,
} from './llama-shape.ts';

/** Sees what passes between the parts of a model. */
export interface Observer {
	/** Queries and keys (turned) and values of a layer before attention; may change them in place. */
	attention?(layer: number, rows: QueryKeyValue): void;
	/** The loss's gradient with respect to a layer's input, [tokens, width], in the backward pass. */
	inputGradient?(layer: number, gradient: Address): void;
}

/** What blocks of one model use in turn: rotary tables, attention's workspace, gradients of one block's parts. */
export class LlamaWorkspace {
	readonly kernels: Kernels;
	readonly shape: LlamaShape;
	readonly attention: CausalAttention;
	readonly hidden: Address;
	readonly hiddenGate: Address;
	readonly rows: Address;
	readonly moreRows: Address;
	readonly queries: Address;
	readonly keys: Address;
	readonly values: Address;
	private readonly cosines: Address;
	private readonly sines: Address;

	constructor(kernels: Kernels, shape: LlamaShape, arena: Arena) {
		const { batch, sequenceTokens, width, heads, keyValueHeads, hiddenWidth } = shape;
		if (width % (2 * heads) !== 0)
			throw new RangeError(`a width of ${width} cannot be shared among ${heads} heads of even width`);
		const headWidth = width / heads;
		const tokens = batch * sequenceTokens;
		this.kernels = kernels;
		this.shape = shape;
		this.attention = new CausalAttention(kernels, { batch, sequenceTokens, heads, keyValueHeads, headWidth }, arena);
		this.hidden = arena.floats(tokens * hiddenWidth);
		this.hiddenGate = arena.floats(tokens * hiddenWidth);
		this.rows = arena.floats(tokens * width);
		this.moreRows = arena.floats(tokens * width);
		this.queries = arena.floats(tokens * width);
		this.keys = arena.floats(tokens * headWidth * keyValueHeads);
		this.values = arena.floats(tokens * headWidth * keyValueHeads);
		const half = headWidth / 2;
		this.cosines = arena.floats(sequenceTokens * half);
		this.sines = arena.floats(sequenceTokens * half);
		const [cosines, sines] = [arena.view(this.cosines, sequenceTokens * half), arena.view(this.sines, sequenceTokens * half)];
		for (let position = 0; position < sequenceTokens; position++) {
			for (let pair = 0; pair < half; pair++) {
				const angle = position * shape.ropeBase ** (-pair / half);
				cosines[position * half + pair] = Math.cos(angle);
				sines[position * half + pair] = Math.sin(angle);
			}
		}
	}

	/** Turns all heads of some rows in place, or (`direction` -1) turns them back. */
	rotate({ start, rowLength }: HeadRows, heads: number, direction: 1 | -1): void {
		const { batch, sequenceTokens, width } = this.shape;
		const half = width / this.shape.heads / 2;
		const { cosines, sines } = this;
		this.kernels.rotate(start, cosines, sines, batch * sequenceTokens, 4 * rowLength, heads, half, sequenceTokens, direction);
	}
}

export class LlamaBlock {
	private readonly workspace: LlamaWorkspace;
	private readonly layer: number;
	private readonly tokens: number;
	private readonly linear: Readonly<Record<LinearName, Linear>>;
	private readonly normal1: Address;
	private readonly inverses1: Address;
	private readonly projected: QueryKeyValue;
	private readonly context: HeadRows;
	private readonly middle: Address;
	private readonly normal2: Address;
	private readonly inverses2: Address;
	private readonly gate: Address;
	private readonly up: Address;
	private readonly hidden: Address;

	constructor(workspace: LlamaWorkspace, layer: number, makeLinear: MakeLinear, arena: Arena) {
		const { shape, kernels } = workspace;
		const { width, hiddenWidth } = shape;
		const sizes = linearSizes(shape);
		const tokens = shape.batch * shape.sequenceTokens;
		const make = (name: LinearName): Linear => makeLinear(kernels, { rows: tokens, ...sizes[name] }, arena, `${layer}.${name}`);
		const headRows = (rowLength: number): HeadRows => ({ start: arena.floats(tokens * rowLength), rowLength });
		this.workspace = workspace;
		this.layer = layer;
		this.tokens = tokens;
		// One entry for every name, which fromEntries cannot tell the compiler.
		this.linear = Object.fromEntries(linearNames.map((name) => [name, make(name)])) as Record<LinearName, Linear>;
		this.normal1 = arena.floats(tokens * width);
		this.inverses1 = arena.floats(tokens);
		this.projected = {
			queries: headRows(sizes.query.outputs),
			keys: headRows(sizes.key.outputs),
			values: headRows(sizes.value.outputs),
		};
		this.context = headRows(width);
		this.middle = arena.floats(tokens * width);
		this.normal2 = arena.floats(tokens * width);
		this.inverses2 = arena.floats(tokens);
		this.gate = arena.floats(tokens * hiddenWidth);
		this.up = arena.floats(tokens * hiddenWidth);
		this.hidden = arena.floats(tokens * hiddenWidth);
	}

	/** output = block(input), both [tokens, width]; output is not input. */
	forward(weights: Address, input: Address, output: Address, observer: Observer = {}): void {
		const { workspace, linear, tokens, projected } = this;
		const { kernels, shape } = workspace;
		const { width, heads, keyValueHeads } = shape;
		const w = addresses<BlockPart>(blockLayout(shape), weights);
		kernels.rmsNormForward(input, w.norm1, this.normal1, this.inverses1, tokens, width, NORM_EPSILON);
		linear.query.forward(this.normal1, w.query, projected.queries.start);
		linear.key.forward(this.normal1, w.key, projected.keys.start);
		linear.value.forward(this.normal1, w.value, projected.values.start);
		workspace.rotate(projected.queries, heads, 1);
		workspace.rotate(projected.keys, keyValueHeads, 1);
		observer.attention?.(this.layer, projected);
		workspace.attention.forward(projected, this.context);
		linear.out.forward(this.context.start, w.out, this.middle);
		kernels.add(input, this.middle, this.middle, tokens * width);

		kernels.rmsNormForward(this.middle, w.norm2, this.normal2, this.inverses2, tokens, width, NORM_EPSILON);
		linear.gate.forward(this.normal2, w.gate, this.gate);
		linear.up.forward(this.normal2, w.up, this.up);
		kernels.gatedUnitForward(this.gate, this.up, this.hidden, tokens * shape.hiddenWidth);
		linear.down.forward(this.hidden, w.down, output);
		kernels.add(output, this.middle, output, tokens * width);
	}

	/**
	 * gradient: d loss / d output becomes d loss / d input, in place; adds the weights' gradients to `gradients`. `input` is that of the
	 * latest forward pass.
	 */
	backward(weights: Address, input: Address, gradient: Address, gradients: Address, step: number, observer: Observer = {}): void {
		const { workspace, linear, tokens, projected } = this;
		const { kernels, shape, hidden, hiddenGate, rows, moreRows } = workspace;
		const { width, heads, keyValueHeads } = shape;
		const w = addresses<BlockPart>(blockLayout(shape), weights);
		const g = addresses<BlockPart>(blockLayout(shape), gradients);
		const area = tokens * width;

		linear.down.backward(this.hidden, w.down, gradient, hidden, g.down, step);
		kernels.gatedUnitBackward(this.gate, this.up, hidden, hiddenGate, hidden, tokens * shape.hiddenWidth);
		linear.gate.backward(this.normal2, w.gate, hiddenGate, rows, g.gate, step);
		linear.up.backward(this.normal2, w.up, hidden, moreRows, g.up, step);
		kernels.add(rows, moreRows, rows, area);
		kernels.rmsNormBackward(this.middle, w.norm2, this.inverses2, rows, rows, g.norm2, tokens, width);
		kernels.add(gradient, rows, gradient, area);

		// gradient is now that of `middle`.
		linear.out.backward(this.context.start, w.out, gradient, rows, g.out, step);
		const turned: QueryKeyValue = {
			queries: { start: workspace.queries, rowLength: projected.queries.rowLength },
			keys: { start: workspace.keys, rowLength: projected.keys.rowLength },
			values: { start: workspace.values, rowLength: projected.values.rowLength },
		};
		workspace.attention.backward(projected, { start: rows, rowLength: width }, turned);
		workspace.rotate(turned.queries, heads, -1);
		workspace.rotate(turned.keys, keyValueHeads, -1);
		linear.query.backward(this.normal1, w.query, turned.queries.start, rows, g.query, step);
		linear.key.backward(this.normal1, w.key, turned.keys.start, moreRows, g.key, step);
		kernels.add(rows, moreRows, rows, area);
		linear.value.backward(this.normal1, w.value, turned.values.start, moreRows, g.value, step);
		kernels.add(rows, moreRows, rows, area);
		kernels.rmsNormBackward(input, w.norm1, this.inverses1, rows, rows, g.norm1, tokens, width);
		kernels.add(gradient, rows, gradient, area);
		observer.inputGradient?.(this.layer, gradient);
	}
}
