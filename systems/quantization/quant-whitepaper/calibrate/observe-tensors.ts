/** Runs a float model over samples and takes in the values of its tensors: onnxruntime gives them out as further outputs. */
import type { RunContext } from '@assay/contract';
import { InputError } from '@assay/contract';
import { type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import { openSession } from '../runtime.ts';
import { TensorStatistics } from './tensor-statistics.ts';

/** `samples`: inputs of the model. Raises an InputError for a tensor that becomes infinite or no number. */
export async function observeTensors(
	model: FloatModel,
	tensors: readonly string[],
	samples: readonly Float32Array[],
	{ withMagnitudes = false }: { readonly withMagnitudes?: boolean },
	context: Pick<RunContext, 'pause'>,
): Promise<Map<string, TensorStatistics>> {
	const observed = new Map(tensors.map((name) => [name, new TensorStatistics(shapeOf(model, name), withMagnitudes)]));
	const further = tensors.filter((name) => name !== model.input && !model.outputs.includes(name));
	const session = await openSession(
		writeModel(model, further),
		{ name: model.input, shape: shapeOf(model, model.input) },
		{ asWritten: true },
	);
	try {
		for (const [index, sample] of samples.entries()) {
			const values = await session.run(sample);
			for (const [name, statistics] of observed) {
				try {
					statistics.add(name === model.input ? sample : (values.get(name) as Float32Array), shapeOf(model, name));
				} catch (error) {
					if (!(error instanceof RangeError)) throw error;
					throw new InputError({
						path: [model.name, name],
						found: `${error.message} on calibration sample ${index + 1}`,
						expected: 'finite values',
					});
				}
				await context.pause();
			}
		}
	} finally {
		await session.close();
	}
	return observed;
}
