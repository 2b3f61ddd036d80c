/**
 * How a group's loops are cut so that its tiles fit into the global buffer and the least moves to and from DRAM.
 *
 * Three loops run over tiles: positions (rows of the output, or whole images), output maps, input maps. In every order, an operand that
 * a loop does not concern is read again in each of its turns if that loop lies outside of one that does concern it; outputs whose input
 * maps come in several turns go out and come back in between. All orders and all tiles of powers of two are tried.
 */
import { InputError } from '@assay/contract';
import { type Convolution, weightElements } from '../convolution.ts';

/** Values moved between DRAM and the buffer. */
export interface OperandTraffic {
	readonly input: number;
	readonly weight: number;
	readonly output: number;
}

const POSITIONS = 0;
const OUTPUTS = 1;
const INPUTS = 2;
const ORDERS = [
	[POSITIONS, OUTPUTS, INPUTS],
	[POSITIONS, INPUTS, OUTPUTS],
	[OUTPUTS, POSITIONS, INPUTS],
	[OUTPUTS, INPUTS, POSITIONS],
	[INPUTS, POSITIONS, OUTPUTS],
	[INPUTS, OUTPUTS, POSITIONS],
] as const;

/** Values that the smallest tile takes: one row of one output map from one input map. */
export function smallestTile(layer: Convolution): number {
	return tileElements(layer, 1, 1, 1, 1);
}

/** The least traffic of a layer with a buffer of so many values. Raises an `InputError` where not even the smallest tile fits. */
export function optimalTraffic(layer: Convolution, bufferElements: number): OperandTraffic {
	const { batch, groups, inputsPerGroup, outputsPerGroup, outputHeight, outputWidth, inputWidth, inputHeight } = layer;
	if (smallestTile(layer) > bufferElements) {
		throw new InputError({
			path: ['memory', 'globalBuffer'],
			found: `room for ${Math.floor(bufferElements)} values`,
			expected: `at least ${smallestTile(layer)} for one row of ${layer.name}`,
		});
	}
	const weights = weightElements(layer) / groups;
	const outputs = batch * outputsPerGroup * outputHeight * outputWidth;
	let best: OperandTraffic | undefined;
	let least = Number.POSITIVE_INFINITY;
	const turns = [1, 1, 1];
	for (const { rows, images } of positionTiles(layer)) {
		turns[POSITIONS] = Math.ceil(batch / images) * Math.ceil(outputHeight / rows);
		// Neighbouring tiles of rows share the kernel's overlap, which is read for both.
		const rowsRead = rows === outputHeight ? inputHeight : rowsReadInTiles(layer, rows);
		const inputs = batch * inputsPerGroup * rowsRead * inputWidth;
		for (const outputMaps of powersUpTo(outputsPerGroup)) {
			turns[OUTPUTS] = Math.ceil(outputsPerGroup / outputMaps);
			for (const inputMaps of powersUpTo(inputsPerGroup)) {
				if (tileElements(layer, rows, images, outputMaps, inputMaps) > bufferElements) break;
				turns[INPUTS] = Math.ceil(inputsPerGroup / inputMaps);
				for (const order of ORDERS) {
					const input = inputs * repeats(order, turns, OUTPUTS);
					const weight = weights * repeats(order, turns, POSITIONS);
					const output = outputs * (2 * repeats(order, turns, INPUTS) - 1);
					if (input + weight + output < least) {
						least = input + weight + output;
						best = { input: groups * input, weight: groups * weight, output: groups * output };
					}
				}
			}
		}
	}
	return best as OperandTraffic;
}

/** How often an operand that a loop does not concern is visited because of it: in each turn, where one of the other loops turns inside of it. */
function repeats(order: readonly [number, number, number], turns: readonly number[], loop: number): number {
	for (let depth = order.indexOf(loop) + 1; depth < 3; depth++) {
		if ((turns[order[depth] as number] as number) > 1) return turns[loop] as number;
	}
	return 1;
}

function tileElements(layer: Convolution, rows: number, images: number, outputMaps: number, inputMaps: number): number {
	const { kernelHeight, kernelWidth, inputWidth, outputWidth } = layer;
	return (
		images * inputMaps * Math.min(layer.inputHeight, rowsRead(layer, rows)) * inputWidth +
		outputMaps * inputMaps * kernelHeight * kernelWidth +
		images * outputMaps * rows * outputWidth
	);
}

/** Input rows under so many output rows. */
function rowsRead({ kernelHeight, strideHeight, dilationHeight }: Convolution, rows: number): number {
	return (rows - 1) * strideHeight + dilationHeight * (kernelHeight - 1) + 1;
}

function rowsReadInTiles(layer: Convolution, rows: number): number {
	const full = Math.floor(layer.outputHeight / rows);
	const rest = layer.outputHeight - full * rows;
	const each = Math.min(layer.inputHeight, rowsRead(layer, rows));
	return full * each + (rest === 0 ? 0 : Math.min(layer.inputHeight, rowsRead(layer, rest)));
}

function positionTiles({ batch, outputHeight }: Convolution): { readonly rows: number; readonly images: number }[] {
	const rows = powersUpTo(outputHeight).map((count) => ({ rows: count, images: 1 }));
	return [...rows, ...powersUpTo(batch).map((images) => ({ rows: outputHeight, images }))];
}

/** 1, 2, 4, ... and the limit itself. */
function powersUpTo(limit: number): number[] {
	const powers: number[] = [];
	for (let power = 1; power < limit; power *= 2) powers.push(power);
	powers.push(limit);
	return powers;
}
