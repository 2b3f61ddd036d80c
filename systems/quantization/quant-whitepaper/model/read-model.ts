/** The float network of a run: one at hand, or the user's own file by its ending. */
import { InputError, type RunContext } from '@assay/contract';
import { memorySource, parseDimensions } from '@assay/models/onnx';
import { parseTfjs, shardName } from '@assay/models/tfjs';
import { parseTflite } from '@assay/models/tflite';
import type { Inputs } from '../inputs.ts';
import { builtInModel } from './built-in-models.ts';
import { elements, type FloatModel, shapeOf } from './float-model.ts';
import { checkWeights, modelFromOnnx } from './model-from-onnx.ts';
import { modelFromTfjs } from './model-from-tfjs.ts';
import { modelFromTflite } from './model-from-tflite.ts';

const MOST_BYTES = 512 << 20;
const MOST_INPUT_VALUES = 1 << 26;

/** Raises an InputError that names the input, the file or the operator. */
export async function readModel(
	{ name, file, weights, dimensions }: Inputs['model'],
	context: Pick<RunContext, 'open' | 'pause'>,
): Promise<{ readonly model: FloatModel; readonly bytes: number }> {
	if (file === undefined && weights.length > 0) throw strayWeights(weights.length);
	const found = file === undefined ? await builtInModel(name, context) : await ownModel(file, weights, dimensions, context);
	const shape = shapeOf(found.model, found.model.input);
	if (shape[0] !== 1 || elements(shape) > MOST_INPUT_VALUES)
		throw new InputError({
			path: [found.model.name, found.model.input],
			found: `an input of [${shape.join(', ')}]`,
			expected: `one sample at a time: a batch of 1, at most ${MOST_INPUT_VALUES} values`,
		});
	return found;
}

async function ownModel(
	reference: string,
	weights: readonly string[],
	dimensions: string,
	context: Pick<RunContext, 'open' | 'pause'>,
) {
	const file = await context.open(reference);
	const content = new Uint8Array(await file.arrayBuffer(MOST_BYTES));
	const ending = /\.([a-z]+)$/i.exec(file.name)?.[1]?.toLowerCase();
	if (ending !== 'json' && weights.length > 0) throw strayWeights(weights.length);
	const sizes = parseDimensions(dimensions, ['model', 'dimensions']);
	switch (ending) {
		case 'onnx':
			return { model: await modelFromOnnx(memorySource(file.name, content), sizes), bytes: content.byteLength };
		case 'tflite':
			return { model: checkWeights(modelFromTflite(parseTflite(content, file.name), file.name)), bytes: content.byteLength };
		case 'json': {
			const described = parseTfjs(new TextDecoder().decode(content), file.name);
			const shards = new Map<string, Uint8Array>();
			let bytes = content.byteLength;
			for (const one of weights) {
				await context.pause();
				const shard = await context.open(one);
				const found = new Uint8Array(await shard.arrayBuffer(MOST_BYTES));
				bytes += found.byteLength;
				const shardFile = shardName(shard.name);
				if (shards.has(shardFile))
					throw new InputError({ path: ['model', 'weights'], found: `${shardFile} twice`, expected: 'each file once' });
				shards.set(shardFile, found);
			}
			return { model: checkWeights(modelFromTfjs(described.load(shards), file.name, sizes)), bytes };
		}
		default:
			throw new InputError({
				path: ['model', 'file'],
				found: file.name,
				expected: 'a file that ends in .onnx, .tflite or .json (TensorFlow.js)',
			});
	}
}

function strayWeights(count: number): InputError {
	return new InputError({
		path: ['model', 'weights'],
		found: `${count} files of weights`,
		expected: 'them only beside a model.json of TensorFlow.js as model.file',
	});
}
