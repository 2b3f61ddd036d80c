/** Operators that only move values about: for each value of the output, its place in the input, or -1 for padding. */
import type { OnnxNode } from '@assay/models/onnx';
import { integer, integers, word } from './attributes.ts';
import { elements, type FloatModel, numbersOf, scalarOf, shapeOf } from './float-model.ts';

const strides = (shape: readonly number[]): number[] => {
	const steps = new Array<number>(shape.length).fill(1);
	for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = (steps[axis + 1] as number) * (shape[axis + 1] as number);
	return steps;
};

/** Place in the input by an output's coordinates. */
function gathered(shape: readonly number[], placeOf: (at: readonly number[]) => number): Int32Array {
	const places = new Int32Array(elements(shape));
	const at = new Array<number>(shape.length).fill(0);
	for (let i = 0; i < places.length; i++) {
		places[i] = placeOf(at);
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			at[axis] = (at[axis] as number) + 1;
			if ((at[axis] as number) < (shape[axis] as number)) break;
			at[axis] = 0;
		}
	}
	return places;
}

/** Each value of a shape that another is stretched to. */
export function stretchedPlaces(from: readonly number[], to: readonly number[]): Int32Array {
	const ahead = to.length - from.length;
	const steps = strides(from).map((step, axis) => (from[axis] === 1 ? 0 : step));
	return gathered(to, (at) => steps.reduce((place, step, axis) => place + step * (at[ahead + axis] as number), 0));
}

/** For every output of the node; undefined where the operator, or this use of it, is no mere move. */
export function movedPlaces(model: Pick<FloatModel, 'shapes' | 'weights'>, node: OnnxNode): readonly Int32Array[] | undefined {
	const [input = ''] = node.input;
	const from = shapeOf(model, input);
	const steps = strides(from);
	const [output = ''] = node.output;
	const to = shapeOf(model, output);
	const given = (position: number): number[] | undefined => {
		const weight = model.weights.get(node.input[position] ?? '');
		return weight === undefined ? undefined : numbersOf(weight);
	};
	const axisOf = (axis: number): number => (axis < 0 ? axis + from.length : axis);
	switch (node.opType) {
		case 'Transpose': {
			const order = integers(node, 'perm') ?? from.map((_, axis) => from.length - 1 - axis);
			return [gathered(to, (at) => order.reduce((place, axis, i) => place + (steps[axis] as number) * (at[i] as number), 0))];
		}
		case 'Slice': {
			const [starts, axes, jumps] = [given(1), given(3) ?? given(1)?.map((_, axis) => axis), given(4)];
			if (starts === undefined || axes === undefined) return undefined;
			const first = from.map(() => 0);
			const jump = from.map(() => 1);
			for (const [i, axis] of axes.map(axisOf).entries()) {
				const size = from[axis] as number;
				const start = starts[i] as number;
				const step = jumps?.[i] ?? 1;
				first[axis] = Math.min(Math.max(start < 0 ? start + size : start, 0), step < 0 ? size - 1 : size);
				jump[axis] = step;
			}
			return [
				gathered(to, (at) =>
					steps.reduce(
						(place, step, axis) => place + step * ((first[axis] as number) + (jump[axis] as number) * (at[axis] as number)),
						0,
					),
				),
			];
		}
		case 'Split': {
			const axis = axisOf(integer(node, 'axis', 0));
			let before = 0;
			return node.output.map((name) => {
				const shape = shapeOf(model, name);
				const offset = before * (steps[axis] as number);
				before += shape[axis] as number;
				return gathered(shape, (at) => offset + steps.reduce((place, step, i) => place + step * (at[i] as number), 0));
			});
		}
		case 'Pad': {
			const pads = given(1);
			const value = node.input[2] === undefined || node.input[2] === '' ? 0 : scalarOf(model, node.input[2]);
			if (pads === undefined || value !== 0 || word(node, 'mode', 'constant') !== 'constant' || pads.length !== 2 * from.length)
				return undefined;
			return [
				gathered(to, (at) => {
					let place = 0;
					for (const [axis, size] of from.entries()) {
						const inside = (at[axis] as number) - (pads[axis] as number);
						if (inside < 0 || inside >= size) return -1;
						place += inside * (steps[axis] as number);
					}
					return place;
				}),
			];
		}
		case 'Resize': {
			if (word(node, 'mode', 'nearest') !== 'nearest') return undefined;
			const factors = to.map((size, axis) => size / (from[axis] as number));
			if (factors.some((factor) => !Number.isInteger(factor))) return undefined;
			const [coordinates, nearest] = [
				word(node, 'coordinate_transformation_mode', 'half_pixel'),
				word(node, 'nearest_mode', 'round_prefer_floor'),
			];
			// Rules that come to the same as dividing by the factor and dropping the rest.
			const isFloor =
				(coordinates === 'asymmetric' &&
					(nearest === 'floor' || (nearest === 'round_prefer_floor' && factors.every((one) => one <= 2)))) ||
				(coordinates === 'half_pixel' && nearest.startsWith('round_prefer'));
			if (!isFloor) return undefined;
			return [
				gathered(to, (at) =>
					steps.reduce((place, step, axis) => place + step * Math.floor((at[axis] as number) / (factors[axis] as number)), 0),
				),
			];
		}
		default:
			return undefined;
	}
}
