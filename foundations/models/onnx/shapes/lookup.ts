/** Operators that pick elements by index, put elements at indices, or find indices. */

import { sameAsFirst } from './elementwise.ts';
import { elementCount, movedValues, rowMajorStrides } from './inferred-tensor.ts';
import { type ShapeRule, shapeText, unknown } from './operator.ts';

/** The indexed axis is replaced by the indices' shape. */
const gather: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const indices = operator.input(1);
	const axis = operator.axis(operator.int('axis', 0), data.shape.length);
	const size = data.shape[axis] as number;
	const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
	if (indices.values === null) return [unknown(data.elementType, shape)];
	const chosen = indices.values;
	if (chosen.some((index) => !(index >= -size && index < size)))
		throw operator.fail(`an index beyond ${size} elements`, `indices from ${-size} to ${size - 1}`);
	const strides = rowMajorStrides(data.shape);
	const indexStrides = rowMajorStrides(indices.shape);
	const values = movedValues(data.values, shape, (at) => {
		let place = 0;
		let index = 0;
		for (const [i, one] of at.entries()) {
			if (i < axis) place += one * (strides[i] as number);
			else if (i < axis + indexStrides.length) index += one * (indexStrides[i - axis] as number);
			else place += one * (strides[i - indexStrides.length + 1] as number);
		}
		const picked = chosen[index] as number;
		return place + (picked < 0 ? picked + size : picked) * (strides[axis] as number);
	});
	return [{ elementType: data.elementType, shape, values }];
};

const gatherElements: ShapeRule = (operator) => [unknown(operator.input(0).elementType, operator.input(1).shape)];

const gatherNd: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const indices = operator.inputOfRank(1, 1);
	const batch = operator.int('batch_dims', 0);
	const depth = indices.shape[indices.shape.length - 1] as number;
	if (batch + depth > data.shape.length)
		throw operator.fail(
			`indices of ${depth} numbers into ${shapeText(data.shape)}`,
			`at most ${data.shape.length - batch} numbers`,
		);
	return [unknown(data.elementType, [...indices.shape.slice(0, -1), ...data.shape.slice(batch + depth)])];
};

const oneHot: ShapeRule = (operator) => {
	const indices = operator.input(0);
	const depth = operator.known(1, 'the depth')[0] ?? Number.NaN;
	const axis = operator.axis(operator.int('axis', -1), indices.shape.length + 1);
	return [unknown(operator.input(2).elementType, [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)])];
};

const topK: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const k = operator.has('k') ? operator.int('k') : (operator.known(1, 'k')[0] ?? Number.NaN);
	const axis = operator.axis(operator.int('axis', -1), data.shape.length);
	const shape = data.shape.map((size, i) => (i === axis ? k : size));
	return [unknown(data.elementType, shape), unknown('int64', shape)];
};

/** Coordinates of the elements that are not zero. */
const nonZero: ShapeRule = (operator) => {
	const data = operator.input(0);
	if (data.values === null) return [unknown('int64', [data.shape.length, operator.givenSize(1, 'elements that are not zero')])];
	const places = Array.from(data.values).flatMap((one, place) => (one === 0 ? [] : [place]));
	const strides = rowMajorStrides(data.shape);
	const coordinates = strides.flatMap((stride, axis) =>
		places.map((place) => Math.floor(place / stride) % (data.shape[axis] as number)),
	);
	return [{ elementType: 'int64', shape: [data.shape.length, places.length], values: Float64Array.from(coordinates) }];
};

const compress: ShapeRule = (operator) => {
	const data = operator.input(0);
	const whole = !operator.has('axis');
	const axis = whole ? 0 : operator.axis(operator.int('axis'), data.shape.length);
	const marks = operator.input(1).values;
	const kept = marks === null ? operator.givenSize(axis, 'elements that are kept') : marks.filter((one) => one !== 0).length;
	return [
		unknown(
			data.elementType,
			whole ? [Math.min(kept, elementCount(data.shape))] : data.shape.map((size, i) => (i === axis ? kept : size)),
		),
	];
};

/** Boxes that are kept, each by its image, its class and its place. */
const nonMaxSuppression: ShapeRule = (operator) => [unknown('int64', [operator.givenSize(0, 'boxes that are kept'), 3])];

/** Each element once, or each slice along an axis; where they stand first, where each went, how often each was there. */
const unique: ShapeRule = (operator) => {
	const data = operator.input(0);
	const whole = !operator.has('axis');
	const axis = whole ? 0 : operator.axis(operator.int('axis'), data.shape.length);
	const count = operator.givenSize(axis, 'elements that differ');
	const places = unknown('int64', [count]);
	const before = unknown('int64', [whole ? elementCount(data.shape) : (data.shape[axis] as number)]);
	return [
		unknown(data.elementType, whole ? [count] : data.shape.map((size, i) => (i === axis ? count : size))),
		places,
		before,
		places,
	];
};

export const lookupRules: Record<string, ShapeRule> = {
	Gather: gather,
	GatherElements: gatherElements,
	GatherND: gatherNd,
	Scatter: sameAsFirst,
	ScatterElements: sameAsFirst,
	ScatterND: sameAsFirst,
	OneHot: oneHot,
	TopK: topK,
	NonZero: nonZero,
	Compress: compress,
	NonMaxSuppression: nonMaxSuppression,
	Unique: unique,
};
