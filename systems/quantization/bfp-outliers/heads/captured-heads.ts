/** Keys and queries that a user captured from a running model. */
import { InputError } from '@assay/contract';
import type { Tensor } from '@assay/models/tensors';
import { calibratedScores } from '../ksort/channel-scores.ts';
import { type Rotary, rotaryTable, rotateRows } from '../ksort/rotary.ts';
import type { HeadSample } from './head-sample.ts';
import { queryPositions } from './projected-heads.ts';

export interface CapturedTensors {
	readonly keys: Tensor;
	readonly queries: Tensor;
	readonly values: Tensor | undefined;
}

export interface CapturedOptions {
	readonly rotary: Rotary;
	/** Whether keys and queries are already turned, as in a cache. */
	readonly isTurned: boolean;
	/** Queries of each head that are looked at. */
	readonly queries: number;
	readonly score: 'calibrated-rms' | 'calibrated-max';
}

interface Sizes {
	readonly layers: number;
	readonly heads: number;
	readonly tokens: number;
	readonly headDim: number;
}

/**
 * Samples of tensors [tokens, headDim], [heads, tokens, headDim] or [layers, heads, tokens, headDim]. The last query belongs to the last
 * key. Raises an InputError for shapes that do not fit each other.
 */
export function* capturedHeads({ keys, queries, values }: CapturedTensors, options: CapturedOptions): Generator<HeadSample> {
	const size = sizesOf(keys, 'keys');
	const asked = sizesOf(queries, 'queries');
	const { layers, heads, tokens, headDim } = size;
	const wrong = (place: string, found: string, expected: string): InputError =>
		new InputError({ path: ['captured', place], found, expected });
	if (asked.headDim !== headDim || asked.layers !== layers || asked.heads % heads !== 0 || asked.tokens > tokens)
		throw wrong(
			'queries',
			`shape [${queries.shape.join(', ')}]`,
			`${layers} layers, a multiple of ${heads} heads, at most ${tokens} tokens, ${headDim} channels, to fit the keys`,
		);
	if (values !== undefined && values.shape.join() !== keys.shape.join())
		throw wrong('values', `shape [${values.shape.join(', ')}]`, `the shape of keys, [${keys.shape.join(', ')}]`);
	const group = asked.heads / heads;
	const table = rotaryTable(headDim, options.rotary);
	const turn = (rows: Float32Array, first: number): Float32Array => {
		if (options.isTurned) return rows;
		const turned = new Float32Array(rows.length);
		rotateRows(rows, table, turned, first);
		return turned;
	};
	const part = (tensor: Tensor, { heads: count, tokens: rows }: Sizes, layer: number, head: number): Float32Array =>
		tensor.values.subarray((layer * count + head) * rows * headDim, (layer * count + head + 1) * rows * headDim);
	const positions = queryPositions({ tokens: asked.tokens, queries: options.queries });
	for (let layer = 0; layer < layers; layer++) {
		for (let head = 0; head < heads; head++) {
			const headKeys = turn(part(keys, size, layer, head), 0);
			const chosen = new Float32Array(group * positions.length * headDim);
			const visible = new Int32Array(group * positions.length);
			for (let one = 0; one < group; one++) {
				const rows = turn(part(queries, asked, layer, head * group + one), tokens - asked.tokens);
				for (const [i, position] of positions.entries()) {
					const place = one * positions.length + i;
					chosen.set(rows.subarray(position * headDim, (position + 1) * headDim), place * headDim);
					visible[place] = tokens - asked.tokens + position + 1;
				}
			}
			yield {
				layer,
				head,
				headDim,
				keys: headKeys,
				queries: chosen,
				visible,
				values: values === undefined ? null : part(values, size, layer, head),
				scores: calibratedScores(headKeys, headDim, options.score),
				rotary: options.rotary,
			};
		}
	}
}

function sizesOf({ shape }: Tensor, place: string): Sizes {
	if (shape.length < 2 || shape.length > 4)
		throw new InputError({
			path: ['captured', place],
			found: `shape [${shape.join(', ')}]`,
			expected: '[tokens, channels], [heads, tokens, channels] or [layers, heads, tokens, channels]',
		});
	const [layers, heads, tokens, headDim] = [...[1, 1].slice(shape.length - 2), ...shape] as [number, number, number, number];
	return { layers, heads, tokens, headDim };
}
