/** The float network of a run: one at hand, or the user's own file by its ending. */
import { InputError, type RunContext } from '@assay/contract';
import { memorySource, parseDimensions } from '@assay/models/onnx';
import { parseTflite } from '@assay/models/tflite';
import type { Inputs } from '../inputs.ts';
import { builtInModel } from './built-in-models.ts';
import { elements, type FloatModel, shapeOf } from './float-model.ts';
import { checkWeights, modelFromOnnx } from './model-from-onnx.ts';
import { modelFromTflite } from './model-from-tflite.ts';

const MOST_BYTES = 512 << 20;
const MOST_INPUT_VALUES = 1 << 26;

/** Raises an InputError that names the input, the file or the operator. */
export async function readModel(
	{ name, file, dimensions }: Inputs['model'],
	context: Pick<RunContext, 'open' | 'pause'>,
): Promise<{ readonly model: FloatModel; readonly bytes: number }> {
	const found = file === undefined ? await builtInModel(name, context) : await ownModel(file, dimensions, context);
	const shape = shapeOf(found.model, found.model.input);
	if (shape[0] !== 1 || elements(shape) > MOST_INPUT_VALUES)
		throw new InputError({
			path: [found.model.name, found.model.input],
			found: `an input of [${shape.join(', ')}]`,
			expected: `one sample at a time: a batch of 1, at most ${MOST_INPUT_VALUES} values`,
		});
	return found;
}

async function ownModel(reference: string, dimensions: string, context: Pick<RunContext, 'open'>) {
	const file = await context.open(reference);
	const content = new Uint8Array(await file.arrayBuffer(MOST_BYTES));
	const ending = /\.([a-z]+)$/i.exec(file.name)?.[1]?.toLowerCase();
	switch (ending) {
		case 'onnx': {
			const sizes = parseDimensions(dimensions, ['model', 'dimensions']);
			return { model: await modelFromOnnx(memorySource(file.name, content), sizes), bytes: content.byteLength };
		}
		case 'tflite':
			return { model: checkWeights(modelFromTflite(parseTflite(content, file.name), file.name)), bytes: content.byteLength };
		default:
			throw new InputError({
				path: ['model', 'file'],
				found: file.name,
				expected: 'a file that ends in .onnx or .tflite',
			});
	}
}
