/** The network for digits with the samples that calibrate and test it: what claims measure on. */
import type { RunContext } from '@assay/contract';
import { floatAccuracy, type Quality, qualityOf, referenceOf } from '../diagnose/quality.ts';
import type { FloatModel } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { observation, writeQdq } from '../quantize/write-qdq.ts';
import { type Recipe, RecipeBook } from '../study/recipe.ts';
import { digitModel } from './digit-network.ts';
import { type Digits, imagesOf, readDigits } from './read-digits.ts';
import { type GridTraining, trainOnGrid } from './train-digits.ts';
import { trainedDigits, usualTraining } from './trained-digits.ts';

const CALIBRATION_IMAGES = 64;

export class DigitStudy {
	private readonly digits: Digits;
	private readonly context: Pick<RunContext, 'pause'>;
	private readonly testImages: number;

	private constructor(digits: Digits, testImages: number, context: Pick<RunContext, 'pause'>) {
		this.digits = digits;
		this.testImages = testImages;
		this.context = context;
	}

	static async open(context: Pick<RunContext, 'pause'>, testImages?: number): Promise<DigitStudy> {
		const digits = await readDigits();
		return new DigitStudy(digits, testImages ?? digits.test.count, context);
	}

	/** Trained in float from a seed; kept in the data folder. */
	async floatModel(seed: number): Promise<FloatModel> {
		return prepareModel(digitModel(await trainedDigits(this.digits.training, { ...usualTraining, seed }, this.context)));
	}

	/** Trained on from there on the grid. */
	async gridModel(seed: number, options: Pick<GridTraining, 'grid' | 'averagesWeights'>): Promise<FloatModel> {
		const from = await trainedDigits(this.digits.training, { ...usualTraining, seed }, this.context);
		const trained = await trainOnGrid(
			from,
			this.digits.training,
			{ ...usualTraining, epochs: 2, seed, ...options },
			this.context,
		);
		return prepareModel(digitModel(trained));
	}

	/** Share of test images that the float model, and the model quantized by a recipe, classify right. */
	async accuracies(model: FloatModel, recipe: Recipe): Promise<{ readonly float: number; readonly quantized: Quality }> {
		const { test, training } = this.digits;
		const reference = await referenceOf(
			model,
			imagesOf(test, 0, this.testImages),
			test.labels.slice(0, this.testImages),
			this.context,
		);
		const { network } = await new RecipeBook(model, imagesOf(training, 0, CALIBRATION_IMAGES), this.context).quantize(recipe);
		const { name, options } = observation(network, reference.tensor);
		return {
			float: floatAccuracy(reference) ?? 0,
			quantized: await qualityOf(writeQdq(network, options), name, model, reference, this.context),
		};
	}
}
