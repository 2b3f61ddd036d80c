/** Operators that only view a tensor anew or put its elements elsewhere: its shape, its axes, parts of it, copies of it. */
import { elementCount, movedValues, type OutputShape, rowMajorStrides } from './inferred-tensor.ts';
import { type Operator, type ShapeRule, shapeText, unknown } from './operator.ts';

/** The same elements in the same order. */
function viewed(tensor: OutputShape, shape: readonly number[]): readonly OutputShape[] {
	return [{ elementType: tensor.elementType, shape, values: tensor.values }];
}

/** A 0 keeps the dimension that stands there (unless `allowzero`), a -1 takes what is left. */
const reshape: ShapeRule = (operator) => {
	const data = operator.input(0);
	const wanted = operator.node.input.length > 1 ? operator.known(1, 'the new shape') : (operator.ints('shape') ?? []);
	return viewed(data, reshaped(operator, data.shape, wanted, operator.int('allowzero', 0) === 0));
};

function reshaped(operator: Operator, shape: readonly number[], wanted: readonly number[], zeroKeeps: boolean): number[] {
	const result = wanted.map((size, axis) => (size === 0 && zeroKeeps ? (shape[axis] ?? 0) : size));
	const count = elementCount(shape);
	const open = result.indexOf(-1);
	const rest = result.reduce((product, size) => (size === -1 ? product : product * size), 1);
	if (open >= 0) result[open] = rest === 0 ? 0 : count / rest;
	if (result.some((size) => !Number.isInteger(size) || size < 0) || elementCount(result) !== count)
		throw operator.fail(`${count} elements of shape ${shapeText(shape)}`, `a shape that can become ${shapeText(wanted)}`);
	return result;
}

const flatten: ShapeRule = (operator) => {
	const data = operator.input(0);
	const rank = data.shape.length;
	const axis = operator.int('axis', 1);
	const at = axis < 0 ? axis + rank : axis;
	if (at < 0 || at > rank) throw operator.fail(`axis ${axis}`, `an axis from ${-rank} to ${rank}`);
	return viewed(data, [elementCount(data.shape.slice(0, at)), elementCount(data.shape.slice(at))]);
};

/** From opset 13 on the axes are an input. */
function axesOf(operator: Operator): readonly number[] | null {
	return operator.ints('axes') ?? (operator.optional(1) === null ? null : operator.known(1, 'axes'));
}

const squeeze: ShapeRule = (operator) => {
	const data = operator.input(0);
	const given = axesOf(operator);
	const axes = given === null ? null : operator.axes(given, data.shape.length);
	for (const axis of axes ?? [])
		if (data.shape[axis] !== 1) throw operator.fail(`${data.shape[axis]} elements along axis ${axis}`, 'one element');
	return viewed(
		data,
		data.shape.filter((size, axis) => (axes === null ? size !== 1 : !axes.includes(axis))),
	);
};

const unsqueeze: ShapeRule = (operator) => {
	const data = operator.input(0);
	const given = axesOf(operator);
	if (given === null) throw operator.fail('no axes', 'axes');
	const rank = data.shape.length + given.length;
	const axes = operator.axes(given, rank);
	let next = 0;
	return viewed(
		data,
		Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (data.shape[next++] as number))),
	);
};

const transpose: ShapeRule = (operator) => {
	const data = operator.input(0);
	const order = operator.ints('perm') ?? data.shape.map((_, axis) => data.shape.length - 1 - axis);
	if (operator.axes(order, data.shape.length).length < data.shape.length) throw operator.fail(`perm ${order}`, 'every axis');
	const shape = order.map((axis) => data.shape[axis] as number);
	const strides = rowMajorStrides(data.shape);
	const steps = order.map((axis) => strides[axis] as number);
	return [{ elementType: data.elementType, shape, values: movedValues(data.values, shape, (at) => dot(at, steps)) }];
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, one, i) => sum + one * (b[i] as number), 0);

/** Concatenates some inputs along an axis. */
export function concatenated(operator: Operator, parts: readonly OutputShape[], axisGiven: number): OutputShape {
	const first = parts[0];
	if (first === undefined) throw operator.fail('no inputs', 'at least one');
	const axis = operator.axis(axisGiven, first.shape.length);
	let length = 0;
	const ends: number[] = [];
	for (const part of parts) {
		const fits = part.shape.length === first.shape.length && part.shape.every((size, i) => i === axis || size === first.shape[i]);
		if (!fits)
			throw operator.fail(`shapes ${shapeText(first.shape)} and ${shapeText(part.shape)}`, `shapes alike but along axis ${axis}`);
		length += part.shape[axis] as number;
		ends.push(length);
	}
	const shape = first.shape.map((size, i) => (i === axis ? length : size));
	let values: Float64Array | null = null;
	if (parts.every((part) => part.values !== null)) {
		// Every element's place within its part, the parts laid one after another.
		const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + elementCount(part.shape), 0));
		const joined = Float64Array.from(parts.flatMap((part) => Array.from(part.values ?? [])));
		values = movedValues(joined, shape, (coordinates) => {
			const part = ends.findIndex((end) => (coordinates[axis] as number) < end);
			const within = coordinates.map((one, i) => (i === axis ? one - (ends[part - 1] ?? 0) : one));
			return (starts[part] as number) + dot(within, rowMajorStrides((parts[part] as OutputShape).shape));
		});
	}
	return { elementType: first.elementType, shape, values };
}

const concat: ShapeRule = (operator) => [
	concatenated(
		operator,
		operator.inputs.map((_, index) => operator.input(index)),
		operator.int('axis', 1),
	),
];

const split: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const axis = operator.axis(operator.int('axis', 0), data.shape.length);
	const size = data.shape[axis] as number;
	const parts = operator.has('num_outputs') ? operator.int('num_outputs') : operator.node.output.length;
	const chunk = Math.ceil(size / parts);
	const lengths =
		operator.knownOptional(1, 'lengths') ??
		operator.ints('split') ??
		Array.from({ length: Math.min(parts, operator.node.output.length) }, (_, i) =>
			Math.max(0, Math.min(chunk, size - i * chunk)),
		);
	if (lengths.reduce((sum, one) => sum + one, 0) !== size || lengths.some((one) => one < 0))
		throw operator.fail(`parts of ${lengths.join(', ')}`, `parts that sum to ${size}`);
	const strides = rowMajorStrides(data.shape);
	let start = 0;
	return lengths.map((length) => {
		const shape = data.shape.map((one, i) => (i === axis ? length : one));
		const offset = start * (strides[axis] as number);
		start += length;
		return { elementType: data.elementType, shape, values: movedValues(data.values, shape, (at) => offset + dot(at, strides)) };
	});
};

/** Ends beyond the tensor are cut to it; a negative step walks backwards. Before opset 10 all but the data are attributes. */
const slice: ShapeRule = (operator) => {
	const data = operator.input(0);
	const rank = data.shape.length;
	const fromInputs = operator.inputs.length > 1;
	const starts = fromInputs ? operator.known(1, 'starts') : (operator.ints('starts') ?? []);
	const ends = fromInputs ? operator.known(2, 'ends') : (operator.ints('ends') ?? []);
	const axes = (fromInputs ? operator.knownOptional(3, 'axes') : operator.ints('axes')) ?? starts.map((_, i) => i);
	const steps = operator.knownOptional(4, 'steps') ?? starts.map(() => 1);
	if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
		throw operator.fail(
			`${starts.length} starts, ${ends.length} ends, ${axes.length} axes, ${steps.length} steps`,
			'as many of each',
		);
	const shape = [...data.shape];
	const first = new Array<number>(rank).fill(0);
	const stride = new Array<number>(rank).fill(1);
	for (const [i, given] of axes.entries()) {
		const axis = operator.axis(given, rank);
		const size = data.shape[axis] as number;
		const step = steps[i] as number;
		if (step === 0) throw operator.fail('a step of 0', 'another step');
		const within = (at: number, least: number, most: number): number => Math.max(least, Math.min(most, at < 0 ? at + size : at));
		const from = step > 0 ? within(starts[i] as number, 0, size) : within(starts[i] as number, 0, size - 1);
		const to = step > 0 ? within(ends[i] as number, 0, size) : within(ends[i] as number, -1, size - 1);
		shape[axis] = Math.max(0, Math.ceil((to - from) / step));
		first[axis] = from;
		stride[axis] = step;
	}
	const strides = rowMajorStrides(data.shape);
	const values = movedValues(data.values, shape, (at) =>
		at.reduce((sum, one, i) => sum + ((first[i] as number) + one * (stride[i] as number)) * (strides[i] as number), 0),
	);
	return [{ elementType: data.elementType, shape, values }];
};

const expand: ShapeRule = (operator) => {
	const data = operator.input(0);
	const shape = operator.broadcast([data.shape, operator.known(1, 'the new shape')]);
	return [{ elementType: data.elementType, shape, values: repeated(data, shape) }];
};

const tile: ShapeRule = (operator) => {
	const data = operator.input(0);
	const repeats = operator.known(1, 'repeats');
	if (repeats.length !== data.shape.length) throw operator.fail(`${repeats.length} repeats`, `${data.shape.length} repeats`);
	const shape = data.shape.map((size, axis) => size * (repeats[axis] as number));
	return [{ elementType: data.elementType, shape, values: repeated(data, shape) }];
};

/** Values where every axis begins anew at its end. */
function repeated(data: OutputShape, shape: readonly number[]): Float64Array | null {
	const strides = rowMajorStrides(data.shape);
	const ahead = shape.length - data.shape.length;
	return movedValues(data.values, shape, (at) =>
		data.shape.reduce((sum, size, i) => sum + ((at[ahead + i] as number) % size) * (strides[i] as number), 0),
	);
}

const pad: ShapeRule = (operator) => {
	const data = operator.input(0);
	const rank = data.shape.length;
	const pads = operator.ints('pads') ?? operator.known(1, 'pads');
	const axes = operator.knownOptional(3, 'axes') ?? data.shape.map((_, axis) => axis);
	if (pads.length !== 2 * axes.length) throw operator.fail(`${pads.length} pads`, `${2 * axes.length} pads`);
	const shape = [...data.shape];
	for (const [i, given] of axes.entries()) {
		const axis = operator.axis(given, rank);
		shape[axis] = (shape[axis] as number) + (pads[i] as number) + (pads[axes.length + i] as number);
	}
	return [unknown(data.elementType, shape)];
};

const depthToSpace: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 4, 4);
	const [n, c, h, w] = data.shape as [number, number, number, number];
	const block = operator.int('blocksize');
	return [unknown(data.elementType, [n, c / (block * block), h * block, w * block])];
};

const spaceToDepth: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 4, 4);
	const [n, c, h, w] = data.shape as [number, number, number, number];
	const block = operator.int('blocksize');
	return [unknown(data.elementType, [n, c * block * block, h / block, w / block])];
};

/** Parts along axes, cut or padded around the middle. */
const centerCropPad: ShapeRule = (operator) => {
	const data = operator.input(0);
	const sizes = operator.known(1, 'the new size');
	const axes = operator.ints('axes') ?? data.shape.map((_, axis) => axis);
	const shape = [...data.shape];
	for (const [i, axis] of axes.entries()) shape[operator.axis(axis, shape.length)] = sizes[i] ?? Number.NaN;
	return [unknown(data.elementType, shape)];
};

export const layoutRules: Record<string, ShapeRule> = {
	Reshape: reshape,
	Flatten: flatten,
	Squeeze: squeeze,
	Unsqueeze: unsqueeze,
	Transpose: transpose,
	Concat: concat,
	Split: split,
	Slice: slice,
	Expand: expand,
	Tile: tile,
	Pad: pad,
	DepthToSpace: depthToSpace,
	SpaceToDepth: spaceToDepth,
	CenterCropPad: centerCropPad,
	ReverseSequence: (operator) => [unknown(operator.input(0).elementType, operator.input(0).shape)],
};
