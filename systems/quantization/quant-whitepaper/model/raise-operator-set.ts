/**
 * Operators of older sets as those of set 14 write them: attributes became inputs. Quantized graphs need a scale for each channel, which came
 * with set 13, and hard-swish, which came with 14.
 */
import { InputError } from '@assay/contract';
import { type OnnxNode, onnxAttribute } from '@assay/models/onnx';
import { integer, integers, real } from './attributes.ts';
import { floatWeight, integersWeight, type Weight } from './float-model.ts';

/** Least operator set of the models that are worked on and written. */
export const LEAST_OPERATOR_SET = 14;

/** The operator as set 14 has it, and the constants that it then needs. `shape`: of its first input. Raises an InputError for one that changed its meaning. */
export function raiseOperator(
	node: OnnxNode,
	from: number,
	shape: readonly number[] | undefined,
	fileName: string,
): { readonly node: OnnxNode; readonly weights: readonly Weight[] } {
	const label = node.output[0] ?? node.name;
	const without = (...names: string[]) => node.attribute.filter(({ name }) => !names.includes(name));
	const moved = (names: readonly string[], weights: readonly (Weight | null)[]) => ({
		node: { ...node, attribute: without(...names), input: [...node.input, ...weights.map((weight) => weight?.name ?? '')] },
		weights: weights.filter((weight) => weight !== null),
	});
	const list = (name: string) => {
		const values = integers(node, name);
		return values === undefined ? null : integersWeight(`${label}/${name}`, values);
	};
	const same = { node, weights: [] };
	switch (node.opType) {
		case 'Clip':
			return from >= 11
				? same
				: moved(
						['min', 'max'],
						[
							floatWeight(`${label}/min`, [], [real(node, 'min', -3.4028234663852886e38)]),
							floatWeight(`${label}/max`, [], [real(node, 'max', 3.4028234663852886e38)]),
						],
					);
		case 'Squeeze':
		case 'Unsqueeze':
		case 'ReduceSum':
			return from >= 13 || integers(node, 'axes') === undefined ? same : moved(['axes'], [list('axes')]);
		case 'Split':
			return from >= 13 || integers(node, 'split') === undefined ? same : moved(['split'], [list('split')]);
		case 'Slice':
			return from >= 10 ? same : moved(['starts', 'ends', 'axes'], [list('starts'), list('ends'), list('axes')]);
		case 'Pad':
			return from >= 11
				? same
				: moved(['pads', 'value'], [list('pads'), floatWeight(`${label}/value`, [], [real(node, 'value', 0)])]);
		case 'Softmax':
		case 'LogSoftmax': {
			if (from >= 13) return same;
			const rank = shape?.length ?? 0;
			const axis = (integer(node, 'axis', 1) + rank) % Math.max(1, rank);
			// The older form runs over all dimensions from the axis on.
			if (shape === undefined || shape.slice(axis).filter((size) => size > 1).length > 1)
				throw new InputError({
					path: [fileName, label],
					found: `${node.opType} of operator set ${from} over several dimensions`,
					expected: 'a softmax over one dimension, or operator set 13 and later',
				});
			const over = shape.findIndex((size, at) => at >= axis && size > 1);
			return {
				node: { ...node, attribute: [...without('axis'), onnxAttribute('axis', over < 0 ? rank - 1 : over)] },
				weights: [],
			};
		}
		case 'Upsample':
		case 'Resize': {
			if (from >= 11) return same;
			const attribute = [
				...without('scales', 'coordinate_transformation_mode', 'nearest_mode'),
				onnxAttribute('coordinate_transformation_mode', 'asymmetric'),
				onnxAttribute('nearest_mode', 'floor'),
			];
			const scales = node.attribute.find(({ name }) => name === 'scales')?.floats;
			const weights = scales === undefined ? [] : [floatWeight(`${label}/scales`, [scales.length], scales)];
			return {
				node: {
					...node,
					opType: 'Resize',
					attribute,
					input: [node.input[0] ?? '', '', weights[0]?.name ?? node.input[1] ?? ''],
				},
				weights,
			};
		}
		default:
			return same;
	}
}
