/** Inputs of a model, one after the other, with labels where they are known. */
import { InputError, type Path } from '@assay/contract';
import { elements, type FloatModel, shapeOf } from '../model/float-model.ts';

export interface SampleSet {
	/** Each in the model's own order (channels first). */
	readonly samples: readonly Float32Array[];
	readonly labels: Int32Array | undefined;
	/** Where they are from, as a sentence would say it. */
	readonly origin: string;
}

/** An array as a file holds it. */
export interface NumberArray {
	readonly shape: readonly number[];
	readonly values: Float32Array;
}

/**
 * Rows of an array as samples. The first dimension counts them; the rest is a sample, channels first or last, or its values in one row. Raises an
 * InputError at `place` that names the sizes.
 */
export function samplesOf({ shape, values }: NumberArray, model: FloatModel, most: number, place: Path): Float32Array[] {
	const [, ...wanted] = shapeOf(model, model.input);
	const each = elements(wanted);
	const whole = shape.length === wanted.length ? [1, ...shape] : shape;
	const [count = 0, ...one] = whole;
	const isSame = (a: readonly number[]) => a.length === one.length && a.every((size, axis) => size === one[axis]);
	const [channels = 1, height = 1, width = 1] = wanted;
	const last = wanted.length === 3 ? [height, width, channels] : wanted;
	const withoutChannel = channels === 1 && wanted.length === 3 ? [height, width] : undefined;
	const isFlat = one.length === 1 && one[0] === each;
	const fits = isSame(wanted) || isSame(last) || isFlat || (withoutChannel !== undefined && isSame(withoutChannel));
	if (!fits || count < 1)
		throw new InputError({
			path: place,
			found: `an array of [${shape.join(', ')}]`,
			expected: `samples of [${wanted.join(', ')}]${wanted.length === 3 ? `, or [${last.join(', ')}]` : ''}, one for each index of the first dimension`,
		});
	const isLast =
		wanted.length === 3 &&
		channels > 1 &&
		(isSame(last) && !isSame(wanted)
			? true
			: isFlat || (isSame(last) && isSame(wanted))
				? model.imageOrder === 'channels-last'
				: false);
	return Array.from({ length: Math.min(most, count) }, (_, index) => {
		const sample = values.slice(index * each, (index + 1) * each);
		const bad = sample.findIndex((value) => !Number.isFinite(value));
		if (bad >= 0)
			throw new InputError({
				path: [...place, `sample ${index + 1}`, bad],
				found: String(sample[bad]),
				expected: 'finite numbers',
			});
		return isLast ? channelsFirst(sample, channels) : sample;
	});
}

/** [places, channels] to [channels, places]. */
export function channelsFirst(values: Float32Array, channels: number): Float32Array {
	const places = values.length / channels;
	const turned = new Float32Array(values.length);
	for (let place = 0; place < places; place++)
		for (let channel = 0; channel < channels; channel++)
			turned[channel * places + place] = values[place * channels + channel] as number;
	return turned;
}
