/** Training on the grid as a part of a run. */
import { InputError, mean, type RunContext } from '@assay/contract';
import type { ValueRange } from '../calibrate/value-range.ts';
import { referenceOf } from '../diagnose/quality.ts';
import type { Inputs } from '../inputs.ts';
import type { FloatModel } from '../model/float-model.ts';
import type { QuantizedNetwork } from '../quantize/quantized-network.ts';
import { trainOnGrid } from '../training/train-on-grid.ts';

/** Points of the curve of losses. */
const POINTS = 60;

export interface TrainedQuantized {
	readonly network: QuantizedNetwork;
	readonly losses: readonly number[];
}

/**
 * Undefined where no training is asked for. `model`: in float, what is learnt from where there are no labels. Raises an InputError for schemes without
 * ranges, and for labels that the network has no class for.
 */
export async function trainQuantized(
	{ network, ranges }: { readonly network: QuantizedNetwork; readonly ranges: ReadonlyMap<string, ValueRange> },
	model: FloatModel,
	samples: readonly Float32Array[],
	labels: Int32Array | undefined,
	{ training, policy }: Pick<Inputs, 'training' | 'policy'>,
	context: RunContext,
	progress: (fraction: number) => void,
): Promise<TrainedQuantized | undefined> {
	if (training.steps === 0) return undefined;
	if (policy.scheme !== 'static')
		throw new InputError({
			path: ['training', 'steps'],
			found: `${training.steps} with the scheme ${policy.scheme}`,
			expected: 'the scheme static: training on the grid needs the grids of activations',
		});
	const reference = await referenceOf(model, samples, labels, context);
	const classes = reference.shape.at(-1) ?? 1;
	const stray = labels?.findIndex((label) => label >= classes) ?? -1;
	if (stray >= 0 && reference.shape.length === 2)
		throw new InputError({
			path: ['samples', 'labels', stray],
			found: String(labels?.[stray]),
			expected: `a class from 0 to ${classes - 1}: the network has ${classes}`,
		});
	const trained = await trainOnGrid(network, ranges, reference, training, context, progress);
	const each = Math.ceil(trained.losses.length / POINTS);
	const losses = Array.from({ length: Math.ceil(trained.losses.length / each) }, (_, at) =>
		mean(trained.losses.slice(at * each, (at + 1) * each)),
	);
	return { network: trained.network, losses };
}
