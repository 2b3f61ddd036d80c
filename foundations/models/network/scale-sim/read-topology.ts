/**
 * Topologies of the systolic-array simulator SCALE-Sim: a line a layer, either a convolution (height and width of image and filter, channels, filters,
 * strides) or a matrix product (M, N, K). Images are given with their padding. A topology has no edges: every layer reads an input of its own.
 */
import { InputError } from '@assay/contract';
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';

const MAX_LAYERS = 100_000;
const MAX_NUMBER = 1 << 24;

/** Columns of a convolution in their order; the stride along the width and the groups may be left out. */
const CONVOLUTION = [
	'IFMAP height',
	'IFMAP width',
	'Filter height',
	'Filter width',
	'Channels',
	'Num filter',
	'Strides',
	'Stride width',
];
const CONVOLUTION_LEAST = 7;

/**
 * Reads a topology. The first line is a heading; one with M, N and K means matrix products. A column `Groups` gives groups; as in SCALE-Sim, a
 * convolution with DP in its name is one for each channel. A column of sparsity must say that all is dense.
 * Raises an `InputError` that names file, line and column.
 */
export function readTopology(text: string, fileName: string): Network {
	const lines = text.split(/\r?\n/).map((line, index) => ({ cells: cellsOf(line), number: index + 1 }));
	const [heading, ...rest] = lines.filter(({ cells }) => cells.some((cell) => cell !== ''));
	if (heading === undefined || rest.length === 0 || rest.length > MAX_LAYERS) {
		throw new InputError({
			path: [fileName],
			found: `${rest.length} layers`,
			expected: `a heading and 1 to ${MAX_LAYERS} layers`,
		});
	}
	const titles = heading.cells.map((cell) => cell.toLowerCase());
	const products = ['m', 'n', 'k'].every((title) => titles.includes(title));
	const columnOf = (title: string): number | null => (titles.includes(title) ? titles.indexOf(title) : null);
	const [groups, sparsity] = [columnOf('groups'), titles.findIndex((title) => title.startsWith('sparsity'))];
	const b = new NetworkBuilder();
	const outputs: Tensor[] = [];
	const names = new Map<string, number>();
	for (const { cells, number } of rest) {
		const line: Line = { cells, place: [fileName, `line ${number}`] };
		const given = cells[0] ?? '';
		if (given === '') throw new InputError({ path: [...line.place, 'Layer name'], found: 'nothing', expected: 'a name' });
		const count = (names.get(given) ?? 0) + 1;
		names.set(given, count);
		const name = count === 1 ? given : `${given}#${count}`;
		if (sparsity >= 0) requireDense(line, sparsity);
		outputs.push(products ? matrixProduct(b, name, line, titles) : convolution(b, name, line, groups, sparsity));
	}
	return b.build(fileName.replace(/\.csv$/, ''), 'SCALE-Sim topology', outputs);
}

interface Line {
	readonly cells: readonly string[];
	readonly place: readonly string[];
}

/** A line ends in a comma. */
function cellsOf(line: string): string[] {
	const cells = line.split(',').map((cell) => cell.trim());
	if (cells[cells.length - 1] === '') cells.pop();
	return cells;
}

function whole({ cells, place }: Line, column: number, title: string): number {
	const cell = cells[column];
	const value = cell !== undefined && /^\d{1,8}$/.test(cell) ? Number(cell) : Number.NaN;
	if (!(value >= 1 && value <= MAX_NUMBER)) {
		const found = cell === undefined || cell === '' ? 'nothing' : cell.slice(0, 40);
		throw new InputError({ path: [...place, title], found, expected: `a whole number from 1 to ${MAX_NUMBER}` });
	}
	return value;
}

function requireDense({ cells, place }: Line, column: number): void {
	const [, kept, of] = /^(\d+):(\d+)$/.exec(cells[column] ?? '1:1') ?? [];
	if (kept === undefined || kept !== of)
		throw new InputError({
			path: [...place, 'Sparsity'],
			found: cells[column] ?? 'nothing',
			expected: 'a dense layer, for example 1:1',
		});
}

function matrixProduct(b: NetworkBuilder, name: string, line: Line, titles: readonly string[]): Tensor {
	const [m, n, k] = ['m', 'n', 'k'].map((title) => whole(line, titles.indexOf(title), title.toUpperCase())) as [
		number,
		number,
		number,
	];
	return b.linear(name, b.input(`${name}.input`, [m, k]), n, { bias: false });
}

/** A last window may reach past the image: `⌈(image − filter) / stride⌉ + 1` along each axis. */
function convolution(b: NetworkBuilder, name: string, line: Line, groupColumn: number | null, sparsity: number): Tensor {
	// What is not a number of the convolution stands behind those.
	const others = [groupColumn, sparsity].filter((column) => column !== null && column >= 0);
	const numbers = Math.min(line.cells.length, ...others.map(Number)) - 1;
	const columns = CONVOLUTION.slice(0, Math.max(CONVOLUTION_LEAST, Math.min(numbers, CONVOLUTION.length)));
	const values = columns.map((title, i) => whole(line, i + 1, title));
	const [height, width, kernelHeight, kernelWidth, channels, filters, stride, strideWidth] = values as [
		number,
		number,
		number,
		number,
		number,
		number,
		number,
		number?,
	];
	const image = [height, width];
	const kernel = [kernelHeight, kernelWidth];
	for (const [i, size] of image.entries()) {
		if ((kernel[i] as number) > size)
			throw new InputError({
				path: [...line.place, CONVOLUTION[2 + i] as string],
				found: String(kernel[i]),
				expected: `at most the image's ${size}`,
			});
	}
	const depthwise = name.includes('DP') && groupColumn === null;
	const groups = depthwise ? channels : groupColumn === null ? 1 : whole(line, groupColumn, 'Groups');
	const outputs = depthwise ? channels * filters : filters;
	if (channels % groups !== 0 || outputs % groups !== 0)
		throw new InputError({
			path: [...line.place, 'Groups'],
			found: String(groups),
			expected: `a divisor of ${channels} channels and ${outputs} filters`,
		});
	const strides = [stride, strideWidth ?? stride];
	const outputSize = image.map((size, i) => Math.ceil((size - kernel[i]!) / strides[i]!) + 1);
	const padEnd = image.map((size, i) => (outputSize[i]! - 1) * strides[i]! + kernel[i]! - size);
	const sizes = {
		batch: 1,
		inputChannels: channels,
		outputChannels: outputs,
		groups,
		kernel,
		stride: strides,
		dilation: [1, 1],
		padBegin: [0, 0],
		padEnd,
	};
	const operation = { kind: 'convolution', ...sizes, inputSize: image, outputSize, transposed: false } as const;
	const weight = b.weight(`${name}.weight`, [outputs, channels / groups, ...kernel]);
	return b.add(
		name,
		'Conv',
		operation,
		[b.input(`${name}.input`, [1, channels, ...image])],
		[weight],
		[1, outputs, ...outputSize],
	);
}
