/** PNG and JPEG pictures as samples: resized to the model's size, then scaled as its training did. */
import { InputError } from '@assay/contract';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

/** Colours from 0 to 1, row by row. */
export interface Picture {
	readonly height: number;
	readonly width: number;
	/** [height, width, 3] */
	readonly colours: Float32Array;
}

/** From colours to what a network was trained on: (colour - mean) / deviation, for each channel. */
export interface Normalisation {
	readonly means: readonly number[];
	readonly deviations: readonly number[];
	readonly order: 'rgb' | 'bgr';
}

const MOST_PIXELS = 64e6;

/** Raises an InputError that names the file for anything that is neither. */
export function readImage(bytes: Uint8Array, name: string): Picture {
	try {
		const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
		const { width, height, data } = isPng
			? PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
			: jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: MOST_PIXELS / 1e6 });
		const colours = new Float32Array(width * height * 3);
		for (let pixel = 0; pixel < width * height; pixel++)
			for (let channel = 0; channel < 3; channel++) colours[3 * pixel + channel] = (data[4 * pixel + channel] as number) / 255;
		return { width, height, colours };
	} catch (error) {
		throw new InputError({
			path: [name],
			found: `no picture (${error instanceof Error ? error.message.slice(0, 80) : 'unknown'})`,
			expected: 'a PNG or JPEG file',
		});
	}
}

/** A picture as an input of [1, channels, height, width], bilinearly resized; one channel is the mean of the colours. */
export function sampleOfPicture(
	{ width, height, colours }: Picture,
	[, channels = 1, rows = 1, columns = 1]: readonly number[],
	{ means, deviations, order }: Normalisation,
): Float32Array {
	const sample = new Float32Array(channels * rows * columns);
	const along = (place: number, to: number, from: number): readonly [number, number, number] => {
		const at = Math.min(from - 1, Math.max(0, ((place + 0.5) * from) / to - 0.5));
		const first = Math.floor(at);
		return [first, Math.min(from - 1, first + 1), at - first];
	};
	for (let row = 0; row < rows; row++) {
		const [top, bottom, down] = along(row, rows, height);
		for (let column = 0; column < columns; column++) {
			const [left, right, across] = along(column, columns, width);
			const colour = [0, 1, 2].map((channel) => {
				const at = (y: number, x: number) => colours[3 * (y * width + x) + channel] as number;
				const above = at(top, left) + across * (at(top, right) - at(top, left));
				const below = at(bottom, left) + across * (at(bottom, right) - at(bottom, left));
				return above + down * (below - above);
			});
			for (let channel = 0; channel < channels; channel++) {
				const source = order === 'bgr' ? 2 - (channel % 3) : channel % 3;
				const value = channels === 1 ? ((colour[0] ?? 0) + (colour[1] ?? 0) + (colour[2] ?? 0)) / 3 : (colour[source] ?? 0);
				const mean = means[channel % means.length] ?? 0;
				const deviation = deviations[channel % deviations.length] ?? 1;
				sample[(channel * rows + row) * columns + column] = (value - mean) / deviation;
			}
		}
	}
	return sample;
}
