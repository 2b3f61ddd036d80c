/** The subject of a run: widths of the user's own, a graph, a published shape, or a model. */
import { InputError, type RunContext } from '@assay/contract';
import { readModel } from '@assay/models';
import type { Inputs } from '../inputs.ts';
import { publishedNames, publishedShapes } from './published-shapes.ts';
import type { AttentionSubject, TokenProduct } from './subject.ts';
import { transformerSubject } from './transformer-subject.ts';

/** The attention to be run; from a graph, the one with the most work. Raises an `InputError` that names the input. */
export async function resolveSubject(
	{ shape, onnx, model }: Inputs,
	context: Pick<RunContext, 'open'>,
): Promise<AttentionSubject> {
	if (Object.values(shape).some((value) => value !== undefined)) return ownShape(shape);
	if (onnx.file !== undefined) {
		const { readAttention } = await import('./onnx-attention.ts');
		return readAttention(await context.open(onnx.file), onnx.dimensions);
	}
	const name = publishedNames.find((known) => known === model.name.trim().toLowerCase());
	if (name !== undefined && model.config === undefined) return publishedShapes[name];
	return transformerSubject(await readModel(model, context));
}

function ownShape({
	heads,
	kvHeads,
	queryKeyWidth,
	valueWidth,
	modelWidth,
	feedForwardWidth,
}: Inputs['shape']): AttentionSubject {
	const required = (field: string, value: number | undefined): number => {
		if (value === undefined)
			throw new InputError({
				path: ['shape', field],
				found: 'nothing',
				expected: 'a number of at least 1, since other widths are given',
				nearest: '1',
			});
		return value;
	};
	const all = required('heads', heads);
	const e = required('queryKeyWidth', queryKeyWidth);
	const shared = kvHeads ?? all;
	if (all % shared !== 0)
		throw new InputError({
			path: ['shape', 'kvHeads'],
			found: String(shared),
			expected: `a divisor of heads, ${all}`,
			nearest: '1',
		});
	const f = valueWidth ?? e;
	const products: TokenProduct[] = [];
	if (modelWidth !== undefined) {
		products.push(
			{ name: 'Q', inner: modelWidth, outer: all * e, count: 1, experts: null },
			{ name: 'K', inner: modelWidth, outer: shared * e, count: 1, experts: null },
			{ name: 'V', inner: modelWidth, outer: shared * f, count: 1, experts: null },
			{ name: 'output', inner: all * f, outer: modelWidth, count: 1, experts: null },
		);
		if (feedForwardWidth !== undefined)
			products.push(
				{ name: 'feed-forward up', inner: modelWidth, outer: feedForwardWidth, count: 1, experts: null },
				{ name: 'feed-forward down', inner: feedForwardWidth, outer: modelWidth, count: 1, experts: null },
			);
	}
	return {
		name: 'your shape',
		source: 'shape',
		heads: { heads: all, kvHeads: shared, queryKeyWidth: e, valueWidth: f },
		products,
		stated: null,
		layers: 1,
		notes: [],
	};
}
