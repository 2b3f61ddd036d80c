/** 8 bits against float: a product of 256 x 256 matrices by our own kernels, and whole networks by ours and by onnxruntime, one thread each. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from '@assay/contract';
import { parseTflite } from '@assay/models/tflite';
import { type TestContext, test } from 'vitest';
import { prepareProducts } from './claims/measure-products.ts';
import { digitModel } from './digits/digit-network.ts';
import { imagesOf, readDigits } from './digits/read-digits.ts';
import { trainedDigits, usualTraining } from './digits/trained-digits.ts';
import { FloatExecutor } from './float/float-executor.ts';
import { IntegerExecutor } from './integer/integer-executor.ts';
import { builtInModel } from './model/built-in-models.ts';
import { elements, type FloatModel, shapeOf, writeModel } from './model/float-model.ts';
import { modelFromTflite } from './model/model-from-tflite.ts';
import { prepareModel } from './model/prepare-model.ts';
import { toIntegerNetwork } from './quantize/to-integer-network.ts';
import { writeIntegerOperators } from './quantize/write-integer-operators.ts';
import { codesOf, writeQdq } from './quantize/write-qdq.ts';
import { openSession } from './runtime.ts';
import { plainRecipe, RecipeBook } from './study/recipe.ts';

const context = createContext();

test('a product of 256 x 256 matrices, both by kernels in WebAssembly', async ({ bench }) => {
	const { float, integer } = await prepareProducts();
	await bench.compare(bench('8 bits, result rounded to 8 bits', integer), bench('rival: float', float));
});

const samplesOf = (model: FloatModel) =>
	[1, 2, 3, 4].map((k) => Float32Array.from({ length: elements(shapeOf(model, model.input)) }, (_, i) => Math.sin(i * k)));

async function compareRuntimes(bench: TestContext['bench'], model: FloatModel, samples: readonly Float32Array[]): Promise<void> {
	const { network } = await new RecipeBook(model, samples, context).quantize(plainRecipe);
	const [sample = new Float32Array()] = samples;
	const io = { name: model.input, shape: shapeOf(model, model.input) };
	const executor = await IntegerExecutor.create(toIntegerNetwork(network, 'float'));
	const floats = await FloatExecutor.create(model, network.plan);
	const codes = codesOf(sample, network.parameters.get(model.input) ?? { scale: 1, zeroPoint: 0 });
	const float = await openSession(writeModel(model), io);
	const qdq = await openSession(writeQdq(network), io, { exactProducts: false });
	const integer = await openSession(writeIntegerOperators(network), io, { exactProducts: false });
	await bench.compare(
		bench('8 bits, WebAssembly', () => void executor.run(codes)),
		bench('rival: float, WebAssembly', () => void floats.run(sample)),
		bench('rival: float, onnxruntime', async () => void (await float.run(sample))),
		bench('rival: 8 bits, onnxruntime joining quantizers (may overflow)', async () => void (await qdq.run(sample))),
		bench('rival: 8 bits, onnxruntime with integer operators', async () => void (await integer.run(sample))),
	);
}

test('a small MobileNet for digits, one image', async ({ bench }) => {
	const { training } = await readDigits();
	const model = prepareModel(digitModel(await trainedDigits(training, usualTraining, context)));
	await compareRuntimes(bench, model, imagesOf(training, 0, 8));
});

test('the text classifier of PP-OCR, a MobileNetV3, one image', async ({ bench }) => {
	const model = prepareModel((await builtInModel('text-direction', context)).model);
	await compareRuntimes(bench, model, samplesOf(model));
});

for (const file of ['mobilenetv1_025_vww96_float32.tflite', 'resnet8_cifar10_float32.tflite']) {
	const path = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper', file);
	const present = process.env['ASSAY_DATA'] !== undefined && existsSync(path);
	if (!present) console.log(`skipped: ASSAY_DATA has no quant-whitepaper/${file}`);
	test.skipIf(!present)(`${file} of MLPerf Tiny, one image`, async ({ bench }) => {
		const model = prepareModel(modelFromTflite(parseTflite(readFileSync(path), file), file));
		await compareRuntimes(bench, model, samplesOf(model));
	});
}
