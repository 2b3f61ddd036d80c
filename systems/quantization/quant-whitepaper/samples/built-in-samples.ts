/** Samples of the kind that the networks at hand were made for: handwritten digits, or drawn lines and pages of text. */
import type { RunContext } from '@assay/contract';
import { imagesOf, readDigits } from '../digits/read-digits.ts';
import type { BUILT_IN_MODELS } from '../model/built-in-models.ts';
import { drawTextLine, drawTextPage, turnedOver } from './draw-text.ts';
import { type Normalisation, type Picture, sampleOfPicture } from './read-image.ts';
import type { SampleSet } from './sample-set.ts';

type Name = (typeof BUILT_IN_MODELS)[number];

/** As PaddleOCR feeds its networks. */
const LINES: Normalisation = { means: [0.5], deviations: [0.5], order: 'bgr' };
const PAGES: Normalisation = { means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225], order: 'bgr' };

/** `shape`: of one sample. */
export async function builtInSamples(
	name: Name,
	shape: readonly number[],
	count: number,
	context: Pick<RunContext, 'random' | 'pause'>,
): Promise<SampleSet> {
	if (name === 'digits') {
		const { test } = await readDigits();
		const most = Math.min(count, test.count);
		return {
			samples: imagesOf(test, 0, most),
			labels: test.labels.slice(0, most),
			origin: 'handwritten digits that it was not trained on',
		};
	}
	const [, , height = 1, width = 1] = shape;
	const samples: Float32Array[] = [];
	const labels = new Int32Array(count);
	for (let index = 0; index < count; index++) {
		await context.pause();
		const random = context.random.fork(`sample ${index}`);
		const picture = name === 'text-detector' ? drawTextPage(height, width, random) : drawTextLine(height, width, random);
		labels[index] = name === 'text-direction' && random.uniform() < 0.5 ? 1 : 0;
		const shown: Picture = labels[index] === 1 ? turnedOver(picture) : picture;
		samples.push(sampleOfPicture(shown, shape, name === 'text-detector' ? PAGES : LINES));
	}
	return {
		samples,
		labels: name === 'text-direction' ? labels : undefined,
		origin: name === 'text-detector' ? 'drawn pages of block letters' : 'drawn lines of block letters',
	};
}
