/**
 * Keys, queries and values that a layer's own weights make of random inputs. After a norm of the residual stream inputs have about unit mean
 * square times the norm's gain; independent normal deviates stand in for them, since weights alone do not tell which directions are in use.
 */
import type { Random } from '@assay/contract';
import {
	Arena,
	compileKernels,
	createKernelMemory,
	instantiateKernels,
	type Kernels,
	MATMUL_SCRATCH_BYTES,
	matrix,
	multiply,
	transpose,
} from '@assay/learning';
import { calibratedScores, type SortKey } from '../ksort/channel-scores.ts';
import { headScores, shareScores } from '../ksort/head-scores.ts';
import { rotaryTable, rotateRows } from '../ksort/rotary.ts';
import type { AttentionShape } from '../weights/attention-shape.ts';
import type { Projection } from '../weights/attention-tensors.ts';
import type { LayerWeights } from '../weights/layer-reader.ts';
import type { HeadSample } from './head-sample.ts';

export interface SampleSize {
	readonly tokens: number;
	/** Positions whose queries are looked at, the last of them the last token; evenly spread over the second half. */
	readonly queries: number;
}

const EPSILON = 1e-6;

/** Positions of queries among so many tokens. */
export function queryPositions({ tokens, queries }: SampleSize): Int32Array {
	const count = Math.min(queries, tokens);
	return Int32Array.from({ length: count }, (_, i) => tokens - 1 - Math.floor(((count - 1 - i) * tokens) / (2 * count)));
}

/** Makes samples of one layer after another; the memory for products is made once. */
export class HeadProjector {
	private readonly kernels: Kernels;
	private readonly arena: Arena;
	private readonly shape: AttentionShape;
	private readonly size: SampleSize;
	private places:
		| { readonly inputs: number; readonly x: number; readonly w: number; readonly y: number; readonly scratch: number }
		| undefined;

	static async create(shape: AttentionShape, size: SampleSize): Promise<HeadProjector> {
		return new HeadProjector(instantiateKernels(await compileKernels(), createKernelMemory(1 << 20)), shape, size);
	}

	private constructor(kernels: Kernels, shape: AttentionShape, size: SampleSize) {
		this.kernels = kernels;
		this.arena = new Arena(kernels.memory);
		this.shape = shape;
		this.size = size;
	}

	/** One sample for each key head of a layer, one at a time. */
	*sample(layer: LayerWeights, key: SortKey, random: Random): Generator<HeadSample> {
		const { shape, size } = this;
		const { heads, keyValueHeads, headDim, rotary } = shape;
		const { tokens } = size;
		const gain = layer.inputGain();
		const inputs = Float32Array.from(
			{ length: tokens * layer.inputs },
			(_, i) => random.normal() * (gain === undefined ? 1 : (gain[i % layer.inputs] as number)),
		);
		this.setInputs(inputs, layer.inputs);
		const table = rotaryTable(headDim, rotary);
		const project = (kind: Projection, head: number): Float32Array => {
			const rows = this.project(layer.rows(kind, head), layer.inputs);
			addBias(rows, layer.bias(kind, head));
			if (kind === 'value') return rows;
			normalize(rows, layer.gain(kind, head));
			const turned = new Float32Array(rows.length);
			rotateRows(rows, table, turned);
			return turned;
		};
		const byWeights = key === 'row-norm' || key === 'folded' ? headScores(layer, shape, key) : null;
		const keys = Array.from({ length: keyValueHeads }, (_, head) => project('key', head));
		let scores =
			byWeights ?? keys.map((rows) => calibratedScores(rows, headDim, key === 'calibrated-max' ? key : 'calibrated-rms'));
		if (layer.isGainShared) scores = shareScores(scores);
		const positions = queryPositions(size);
		const group = heads / keyValueHeads;
		for (let head = 0; head < keyValueHeads; head++) {
			const queries = new Float32Array(group * positions.length * headDim);
			const visible = new Int32Array(group * positions.length);
			for (let one = 0; one < group; one++) {
				const rows = project('query', head * group + one);
				for (const [i, position] of positions.entries()) {
					const place = one * positions.length + i;
					queries.set(rows.subarray(position * headDim, (position + 1) * headDim), place * headDim);
					visible[place] = position + 1;
				}
			}
			yield {
				layer: layer.layer,
				head,
				headDim,
				keys: keys[head] as Float32Array,
				queries,
				visible,
				values: project('value', head),
				scores: scores[head] as Float64Array,
				rotary,
			};
		}
	}

	private setInputs(values: Float32Array, inputs: number): void {
		const { arena, shape, size } = this;
		if (this.places?.inputs !== inputs)
			this.places = {
				inputs,
				x: arena.floats(size.tokens * inputs),
				w: arena.floats(shape.headDim * inputs),
				y: arena.floats(size.tokens * shape.headDim),
				scratch: arena.bytes(MATMUL_SCRATCH_BYTES),
			};
		arena.view(this.places.x, values.length).set(values);
	}

	/** [tokens, headDim]. */
	private project(weights: Float32Array, inputs: number): Float32Array {
		const { arena, kernels, places, shape, size } = this;
		if (places === undefined) throw new Error('no inputs yet');
		arena.view(places.w, weights.length).set(weights);
		const product = matrix(places.y, size.tokens, shape.headDim);
		multiply(
			kernels,
			matrix(places.x, size.tokens, inputs),
			transpose(matrix(places.w, shape.headDim, inputs)),
			product,
			places.scratch,
		);
		return arena.view(places.y, size.tokens * shape.headDim).slice();
	}
}

function addBias(rows: Float32Array, bias: Float32Array | undefined): void {
	if (bias === undefined) return;
	for (let i = 0; i < rows.length; i++) rows[i] = (rows[i] as number) + (bias[i % bias.length] as number);
}

/** RMS norm of each row with its gains. */
function normalize(rows: Float32Array, gain: Float32Array | undefined): void {
	if (gain === undefined) return;
	for (let start = 0; start < rows.length; start += gain.length) {
		const row = rows.subarray(start, start + gain.length);
		const inverse = 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / gain.length + EPSILON);
		for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) * inverse * (gain[i] as number);
	}
}
