/** From a float model and its calibration samples to a quantized network, by a recipe. What recipes have in common is computed once. */
import { InputError, nearestName, type RunContext } from '@assay/contract';
import { observeTensors } from '../calibrate/observe-tensors.ts';
import { type CalibrationOptions, rangeOf } from '../calibrate/range-of.ts';
import type { TensorStatistics } from '../calibrate/tensor-statistics.ts';
import type { ValueRange } from '../calibrate/value-range.ts';
import type { FloatModel } from '../model/float-model.ts';
import type { WeightOptions } from '../quantize/layer-weights.ts';
import { type NetworkPlan, planNetwork } from '../quantize/network-plan.ts';
import { type QuantizedNetwork, quantizeNetwork } from '../quantize/quantized-network.ts';
import { correctBiases } from '../repair/correct-biases.ts';
import { equaliseLayers } from '../repair/equalise-layers.ts';

export interface Recipe extends WeightOptions, CalibrationOptions {
	readonly equalise: boolean;
	readonly correctBiases: boolean;
	readonly keptFloat: ReadonlySet<string>;
}

/** The paper's advice: a symmetric scale a channel, asymmetric activations, 8 bits, nothing repaired. */
export const plainRecipe: Recipe = {
	granularity: 'channel',
	bits: 8,
	rounding: 'half-even',
	method: 'min-max',
	percentile: 99.999,
	equalise: false,
	correctBiases: false,
	keptFloat: new Set(),
};

interface Observed {
	readonly model: FloatModel;
	readonly plan: NetworkPlan;
	readonly statistics: ReadonlyMap<string, TensorStatistics>;
}

export interface Quantized {
	readonly network: QuantizedNetwork;
	readonly statistics: ReadonlyMap<string, TensorStatistics>;
	/** Of each tensor with a scale of its own. */
	readonly ranges: ReadonlyMap<string, ValueRange>;
}

export class RecipeBook {
	private readonly model: FloatModel;
	private readonly samples: readonly Float32Array[];
	private readonly context: Pick<RunContext, 'pause'>;
	private readonly observed = new Map<string, Observed>();

	/** `samples`: those that give the ranges. */
	constructor(model: FloatModel, samples: readonly Float32Array[], context: Pick<RunContext, 'pause'>) {
		this.model = model;
		this.samples = samples;
		this.context = context;
	}

	/** Raises an InputError for a layer to keep that the network does not have. */
	async quantize(recipe: Recipe): Promise<Quantized> {
		const withMagnitudes = recipe.method === 'entropy';
		const { model, plan: whole, statistics: observed } = await this.observe(recipe.equalise, withMagnitudes);
		const layers = whole.units.flatMap((unit) => (unit.kind === 'layer' ? [unit.name] : []));
		for (const name of recipe.keptFloat) {
			if (!layers.includes(name))
				throw new InputError({
					path: ['repairs', 'keepFloat'],
					found: name,
					expected: `layers that run in integers: ${layers.slice(0, 5).join(', ')}, ...`,
					nearest: nearestName(name, layers),
				});
		}
		const plan = recipe.keptFloat.size === 0 ? whole : planNetwork(model, recipe.keptFloat);
		// What a kept layer leaves behind may have to be in 8 bits where it was not before.
		const missing = plan.tensors.filter(
			(name) => !model.weights.has(name) && !plan.sharedScales.has(name) && !observed.has(name),
		);
		const further =
			missing.length === 0 ? [] : await observeTensors(model, missing, this.samples, { withMagnitudes }, this.context);
		const statistics = new Map([...observed, ...further]);
		const ranges = new Map<string, ValueRange>();
		for (const name of plan.tensors) {
			const found = statistics.get(name);
			if (found === undefined) continue;
			await this.context.pause();
			ranges.set(name, rangeOf(found, recipe));
		}
		const network = quantizeNetwork(model, plan, ranges, recipe);
		if (!recipe.correctBiases) return { network, statistics, ranges };
		return { network: quantizeNetwork(correctBiases(network, statistics), plan, ranges, recipe), statistics, ranges };
	}

	private async observe(isEqualised: boolean, withMagnitudes: boolean): Promise<Observed> {
		const key = `${isEqualised} ${withMagnitudes}`;
		const known = this.observed.get(key) ?? (withMagnitudes ? undefined : this.observed.get(`${isEqualised} true`));
		if (known !== undefined) return known;
		const observed = isEqualised ? await this.observeEqualised(withMagnitudes) : await this.observePlain(withMagnitudes);
		this.observed.set(key, observed);
		return observed;
	}

	private async observePlain(withMagnitudes: boolean): Promise<Observed> {
		const plan = planNetwork(this.model);
		const tensors = plan.tensors.filter((name) => !this.model.weights.has(name) && !plan.sharedScales.has(name));
		const statistics = await observeTensors(this.model, tensors, this.samples, { withMagnitudes }, this.context);
		return { model: this.model, plan, statistics };
	}

	/** Only what lies between evened layers has other values. */
	private async observeEqualised(withMagnitudes: boolean): Promise<Observed> {
		const before = await this.observe(false, withMagnitudes);
		const { model, changed } = equaliseLayers(this.model, before.plan);
		const plan = planNetwork(model);
		const tensors = changed.filter((name) => before.statistics.has(name));
		const others = await observeTensors(model, tensors, this.samples, { withMagnitudes }, this.context);
		return { model, plan, statistics: new Map([...before.statistics, ...others]) };
	}
}
