/** Between the order that weights are computed in and the one that files have them in. */
import type { ConvolutionShape } from './convolution.ts';

/** Weights as [outputs, inputs a group, rows, columns], from the order they are computed in. */
export function weightsInOrder(place: Float32Array, shape: ConvolutionShape): Float32Array {
	const ordered = new Float32Array(place.length);
	eachWeight(shape, (at, from) => {
		ordered[at] = place[from] as number;
	});
	return ordered;
}

/** Back to the order they are computed in. */
export function writeInOrder(ordered: Float32Array, shape: ConvolutionShape, place: Float32Array): void {
	eachWeight(shape, (at, to) => {
		place[to] = ordered[at] as number;
	});
}

function eachWeight(
	{ inputs, outputs, kernel, groups }: ConvolutionShape,
	visit: (ordered: number, place: number) => void,
): void {
	const taps = kernel * kernel;
	const inputsEach = inputs / groups;
	for (let output = 0; output < outputs; output++) {
		for (let input = 0; input < inputsEach; input++) {
			for (let tap = 0; tap < taps; tap++) {
				const place =
					groups === 1
						? (tap * inputs + input) * outputs + output
						: ((Math.floor(output / groups) * inputsEach + input) * taps + tap) * groups + (output % groups);
				visit((output * inputsEach + input) * taps + tap, place);
			}
		}
	}
}
