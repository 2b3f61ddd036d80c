/** The samples of a run: the user's, or drawn ones. */
import { type DataFile, InputError, type RunContext, show } from '@assay/contract';
import { parseNpy } from '@assay/models/tensors';
import type { Inputs } from '../inputs.ts';
import { elements, type FloatModel, shapeOf } from '../model/float-model.ts';
import { builtInSamples } from './built-in-samples.ts';
import { drawScene } from './draw-scenes.ts';
import { readCsv } from './read-csv.ts';
import { readIdx } from './read-idx.ts';
import { type Normalisation, readImage, sampleOfPicture } from './read-image.ts';

import { type NumberArray, type SampleSet, samplesOf } from './sample-set.ts';

const MOST_BYTES = 1 << 30;

type Options = Inputs['samples'];

/** Raises an InputError that names the file, its place and what was expected. */
export async function readSamples(
	{ samples: options, model: { name, file: own } }: Pick<Inputs, 'samples' | 'model'>,
	model: FloatModel,
	context: Pick<RunContext, 'open' | 'random' | 'pause'>,
): Promise<SampleSet> {
	const { file, images, labels, most } = options;
	if (file !== undefined && images.length > 0)
		throw new InputError({ path: ['samples'], found: 'a file and pictures', expected: 'one of the two' });
	const shape = shapeOf(model, model.input);
	let set: Pick<SampleSet, 'samples' | 'origin'>;
	if (file !== undefined) {
		const opened = await context.open(file);
		set = { samples: samplesOf(await readArray(opened), model, most, [opened.name]), origin: opened.name };
	} else if (images.length > 0) {
		const normalisation = normalisationOf(options);
		requireImages(model, shape);
		const samples: Float32Array[] = [];
		for (const reference of images.slice(0, most)) {
			await context.pause();
			const opened = await context.open(reference);
			samples.push(
				sampleOfPicture(readImage(new Uint8Array(await opened.arrayBuffer(MOST_BYTES)), opened.name), shape, normalisation),
			);
		}
		set = { samples, origin: `${samples.length} pictures` };
	} else if (own === undefined && labels === undefined) {
		return builtInSamples(name, shape, most, context);
	} else set = await drawnSamples(options, shape, context);
	return {
		...set,
		labels:
			labels === undefined
				? undefined
				: await readLabels(labels, set.samples.length, file === undefined && images.length === 0, context),
	};
}

async function readArray(file: DataFile): Promise<NumberArray> {
	const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase();
	if (ending === 'csv' || ending === 'txt') return readCsv(await file.text(MOST_BYTES), file.name);
	const bytes = new Uint8Array(await file.arrayBuffer(MOST_BYTES));
	if (ending === 'npy') return parseNpy(bytes, file.name);
	if (ending?.startsWith('idx') === true || /ubyte$/.test(file.name)) return readIdx(bytes, file.name);
	throw new InputError({ path: ['samples'], found: file.name, expected: 'a file that ends in .npy, .csv, .idx or -ubyte' });
}

async function readLabels(
	reference: string,
	samples: number,
	isDrawn: boolean,
	context: Pick<RunContext, 'open'>,
): Promise<Int32Array> {
	if (isDrawn)
		throw new InputError({
			path: ['samples', 'labels'],
			found: 'labels without samples',
			expected: 'samples.file or samples.images too',
		});
	const file = await context.open(reference);
	const { values } = await readArray(file);
	if (values.length < samples)
		throw new InputError({ path: [file.name], found: `${values.length} labels`, expected: `${samples}, one for each sample` });
	return Int32Array.from({ length: samples }, (_, index) => {
		const value = values[index] as number;
		if (!Number.isInteger(value) || value < 0)
			throw new InputError({ path: [file.name, index], found: show(value), expected: 'class numbers from 0' });
		return value;
	});
}

function requireImages(model: FloatModel, shape: readonly number[]): void {
	const channels = shape[1];
	if (shape.length !== 4 || (channels !== 1 && channels !== 3))
		throw new InputError({
			path: ['samples', 'images'],
			found: `a network that reads [${shape.join(', ')}] (${model.input})`,
			expected: 'one that reads images of 1 or 3 channels; bring an array as samples.file',
		});
}

function normalisationOf({ means, deviations, order }: Options): Normalisation {
	const list = (name: string, text: string, isPositive: boolean): number[] => {
		const values = text.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)));
		if (![1, 3].includes(values.length) || values.some((value) => !Number.isFinite(value) || (isPositive && value <= 0)))
			throw new InputError({
				path: ['samples', name],
				found: show(text),
				expected: `one number${isPositive ? ' above 0' : ''}, or three parted by commas`,
			});
		return values;
	};
	return { means: list('means', means, false), deviations: list('deviations', deviations, true), order };
}

async function drawnSamples(
	options: Options,
	shape: readonly number[],
	context: Pick<RunContext, 'random' | 'pause'>,
): Promise<Pick<SampleSet, 'samples' | 'origin'>> {
	const samples: Float32Array[] = [];
	const isImage = shape.length === 4 && (shape[1] === 1 || shape[1] === 3);
	const normalisation = normalisationOf(options);
	const [, , height = 1, width = 1] = shape;
	for (let index = 0; index < options.most; index++) {
		await context.pause();
		const random = context.random.fork(`sample ${index}`);
		samples.push(
			isImage
				? sampleOfPicture(drawScene(height, width, random), shape, normalisation)
				: Float32Array.from({ length: elements(shape) }, () => random.normal()),
		);
	}
	return {
		samples,
		origin: isImage ? 'drawn scenes, which are no photographs' : 'normally distributed numbers, which are no real inputs',
	};
}
