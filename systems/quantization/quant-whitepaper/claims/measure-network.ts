/** A whole network in float and in 8 bits, both by kernels in WebAssembly on one core: PP-OCR's classifier of text direction, a MobileNetV3. */
import { createRandom, type RunContext } from '@assay/contract';
import { FloatExecutor } from '../float/float-executor.ts';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import { builtInModel } from '../model/built-in-models.ts';
import { shapeOf } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { toIntegerNetwork } from '../quantize/to-integer-network.ts';
import { codesOf } from '../quantize/write-qdq.ts';
import { builtInSamples } from '../samples/built-in-samples.ts';
import { plainRecipe, RecipeBook } from '../study/recipe.ts';
import { fasterBy } from './measure-products.ts';

const SAMPLES = 8;

/** Float time over 8-bit time, of the fastest of many rounds in turn. */
export async function measureNetwork(context: Pick<RunContext, 'open' | 'pause' | 'random'>): Promise<number> {
	const name = 'text-direction';
	const model = prepareModel((await builtInModel(name, context)).model);
	const drawing = { random: createRandom(1), pause: () => context.pause() };
	const { samples } = await builtInSamples(name, shapeOf(model, model.input), SAMPLES, drawing);
	const { network } = await new RecipeBook(model, samples, context).quantize(plainRecipe);
	const float = await FloatExecutor.create(model, network.plan);
	const integers = await IntegerExecutor.create(toIntegerNetwork(network, 'float'));
	const [sample = new Float32Array()] = samples;
	const codes = codesOf(sample, network.parameters.get(model.input) ?? { scale: 1, zeroPoint: 0 });
	return fasterBy(
		() => float.run(sample),
		() => integers.run(codes),
		context,
	);
}
