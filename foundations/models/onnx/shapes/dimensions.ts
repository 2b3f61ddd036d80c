/** Sizes that a graph leaves open and its user gives. */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import type { OnnxGraph, OnnxValue } from '../graph.ts';

/**
 * A number by the name of a dimension, or by an input's name and axis (`image[0]`), or the whole shape by an input's name. For an input that is
 * one number (a sampling rate, a flag), and for any tensor of one element that an operator writes (the condition of a branch), its value.
 * Where a size hangs on the data (boxes that are selected), by the operator's first output and axis.
 */
export type GivenDimensions = Readonly<Record<string, number | readonly number[]>>;

const MAX_SIZE = 2 ** 31;

/** A graph input with its shape, and its value where it is one number that was given. */
export interface BoundInput {
	readonly input: OnnxValue;
	readonly shape: readonly number[];
	readonly value: number | null;
}

/** What a graph leaves open, in the words it is given in: dimension names, `input[axis]`, or an input without any shape. */
export function openDimensions(graph: OnnxGraph): string[] {
	const open = graph.inputs.flatMap(({ name, dims }) =>
		dims === null ? [name] : dims.flatMap((size, axis) => (typeof size === 'number' ? [] : [size ?? `${name}[${axis}]`])),
	);
	return [...new Set(open)];
}

/** Gives every input its shape. Raises an `InputError` under `place` for what is missing, what does not fit, and names that occur nowhere. */
export function bindInputs(graph: OnnxGraph, given: GivenDimensions, place: Path): BoundInput[] {
	const used = new Set<string>();
	const missing = new Set<string>();
	const bound = graph.inputs.map((input): BoundInput => {
		const own = given[input.name];
		const scalar = input.dims?.length === 0 && typeof own === 'number';
		if (own !== undefined) used.add(input.name);
		if (scalar) return { input, shape: [], value: own };
		if (Array.isArray(own)) return { input, shape: wholeShape(input, own, place), value: null };
		if (input.dims === null) {
			missing.add(input.name);
			return { input, shape: [], value: null };
		}
		const shape = input.dims.map((size, axis) => {
			const indexed = `${input.name}[${axis}]`;
			const key = given[indexed] === undefined && typeof size === 'string' ? size : indexed;
			const found = given[key];
			if (found === undefined) {
				if (typeof size === 'number') return size;
				missing.add(size ?? indexed);
				return 1;
			}
			used.add(key);
			if (typeof size === 'number' && size !== found)
				throw new InputError({ path: [...place, key], found: show(found), expected: `${size}, which the graph states` });
			return positive(found, [...place, key]);
		});
		return { input, shape, value: null };
	});
	if (missing.size > 0) {
		throw new InputError({
			path: place,
			found: `no size for ${[...missing].join(', ')}`,
			expected: `the graph's open dimensions, for example ${[...missing][0]} = 1`,
		});
	}
	const written = new Set(graph.nodes.flatMap(({ output }) => output));
	for (const [name, value] of Object.entries(given)) {
		if (used.has(name) || (written.has(name.replace(/\[\d+\]$/, '')) && typeof value === 'number')) continue;
		const known = [...openDimensions(graph), ...graph.inputs.map((input) => input.name)];
		throw new InputError({
			path: [...place, name],
			found: 'a dimension that the graph does not have',
			expected: known.length === 0 ? 'none' : `one of ${known.slice(0, 20).join(', ')}`,
			nearest: nearestName(name, known),
		});
	}
	return bound;
}

function wholeShape(input: OnnxValue, shape: readonly number[], place: Path): number[] {
	const path = [...place, input.name];
	const stated = input.dims;
	if (
		stated !== null &&
		(stated.length !== shape.length || stated.some((size, axis) => typeof size === 'number' && size !== shape[axis]))
	)
		throw new InputError({ path, found: `[${shape.join(', ')}]`, expected: `[${stated.map((size) => size ?? '?').join(', ')}]` });
	return shape.map((size) => positive(size, path));
}

function positive(size: unknown, path: Path): number {
	if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > MAX_SIZE)
		throw new InputError({ path, found: show(size), expected: `a whole number from 0 to ${MAX_SIZE}` });
	return size;
}

/**
 * Reads sizes as people write them on a command line: `batch=1, sequence=128, image=1x3x224x224`.
 * Raises an `InputError` at `place` for anything else.
 */
export function parseDimensions(text: string, place: Path): GivenDimensions {
	const given: Record<string, number | number[]> = {};
	for (const entry of text.split(/[,;\n]/).map((one) => one.trim())) {
		if (entry === '') continue;
		const [, name, size] = /^(.+?)\s*=\s*(\d{1,10}(?:x\d{1,10})*)$/.exec(entry) ?? [];
		if (name === undefined || size === undefined)
			throw new InputError({ path: place, found: show(entry), expected: 'name=number or input=1x3x224x224, parted by commas' });
		if (Object.hasOwn(given, name))
			throw new InputError({ path: place, found: `${name} a second time`, expected: 'each name once' });
		given[name] = size.includes('x') ? size.split('x').map(Number) : Number(size);
	}
	return given;
}
