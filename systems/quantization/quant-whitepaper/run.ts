import type { RunContext } from '@assay/contract';
import { causesOf, channelMaxima, channelSpread } from './diagnose/causes.ts';
import { diagnoseLayers, type LayerNoise } from './diagnose/layer-diagnosis.ts';
import { floatAccuracy, type Quality, qualityOf, referenceOf } from './diagnose/quality.ts';
import { weightDecibels } from './diagnose/weight-noise.ts';
import type { Inputs } from './inputs.ts';
import type { IntegerNetwork } from './integer/integer-network.ts';
import { writeModel } from './model/float-model.ts';
import { prepareModel } from './model/prepare-model.ts';
import { readModel } from './model/read-model.ts';
import type { LayerOutput, Outputs } from './outputs.ts';
import { floatLayer, type QuantizedNetwork } from './quantize/quantized-network.ts';
import { toIntegerNetwork } from './quantize/to-integer-network.ts';
import type { LayerUnit } from './quantize/units.ts';
import { writeIntegerOperators } from './quantize/write-integer-operators.ts';
import { observation, writeQdq } from './quantize/write-qdq.ts';
import { packedBytes, writeWeightsOnly } from './quantize/write-weights-only.ts';
import { readSamples } from './samples/read-samples.ts';
import { answerOf, notesOf } from './study/answer.ts';
import { withinOneStep } from './study/compare-integers.ts';
import { layerHistograms } from './study/histograms.ts';
import { keepFloat } from './study/keep-float.ts';
import { measureSpeed } from './study/measure-speed.ts';
import { type Quantized, type Recipe, RecipeBook } from './study/recipe.ts';
import { trainQuantized } from './study/train-quantized.ts';
import { repairRow, repairsOf } from './study/try-repairs.ts';

/** Samples that layers are taken apart with. */
const DIAGNOSED_SAMPLES = 3;
const COMPARED_SAMPLES = 4;
const BITS = [8, 6, 5, 4, 3, 2];
/** Layers whose values are drawn. */
const PICTURED = 4;

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the network');
	const { model: given, bytes } = await readModel(inputs.model, context);
	const model = prepareModel(given);
	await context.pause();
	const set = await readSamples(inputs, model, context);
	const isShared = set.samples.length <= inputs.samples.calibrate;
	const first = isShared ? 0 : inputs.samples.calibrate;
	const calibration = set.samples.slice(0, isShared ? set.samples.length : first);
	context.progress(0.05, `observing ${calibration.length} samples`);
	const book = new RecipeBook(model, calibration, context);
	const asked = recipeOf(inputs);
	const calibrationReference = () => referenceOf(model, calibration, undefined, context);
	const keptFloat = await keepFloat(book, asked, model, calibrationReference, inputs, context);
	const recipe = keptFloat?.recipe ?? asked;
	const rounded = await book.quantize(recipe);
	context.progress(0.2, 'measuring');
	const reference = await referenceOf(model, set.samples.slice(first), set.labels?.slice(first), context);
	const trained = await trainQuantized(
		rounded,
		model,
		calibration,
		set.labels?.slice(0, calibration.length),
		inputs,
		context,
		(fraction) => context.progress(0.2 + 0.09 * fraction, 'training on the grid'),
	);
	const quantized: Quantized = trained === undefined ? rounded : { ...rounded, network: trained.network };
	const { network, statistics } = quantized;
	const { scheme } = inputs.policy;
	const measure = async ({ network: one }: Quantized): Promise<Quality> => {
		const { name, options } = observation(one, reference.tensor);
		return qualityOf(writeQdq(one, options), name, model, reference, context);
	};
	const isStatic = scheme === 'static';
	const plainFile = (further: readonly string[]) =>
		writeWeightsOnly(model, network.plan, recipe, { isDynamic: scheme === 'dynamic', further });
	const file = isStatic ? writeQdq(network) : plainFile([]);
	const quality = isStatic
		? await measure(quantized)
		: await qualityOf(
				plainFile(model.outputs.includes(reference.tensor) ? [] : [reference.tensor]),
				reference.tensor,
				model,
				reference,
				context,
			);
	const integer = isStatic ? writeIntegerOperators(network) : null;
	await context.artifact('quantized.onnx', file, 'application/octet-stream');
	if (integer !== null) await context.artifact('integer-operators.onnx', integer, 'application/octet-stream');

	context.progress(0.3, 'layers');
	// Of the network with the weights that it has now: training has moved it from the float one.
	const few = await referenceOf(network.model, reference.samples.slice(0, DIAGNOSED_SAMPLES), undefined, context);
	const noise =
		isStatic && inputs.study.layers
			? await diagnoseLayers(network, few, context, (fraction) => context.progress(0.3 + 0.35 * fraction, 'each layer by itself'))
			: [];
	const layers = layerRows(quantized, noise);
	context.progress(0.65, 'repairs');
	const repairs: Outputs['repairs'] = [];
	if (isStatic && trained === undefined && inputs.study.repairs) {
		const trials = repairsOf(recipe, noise);
		for (const [index, trial] of trials.entries()) {
			repairs.push(repairRow(trial, await measure(await book.quantize(trial.recipe)), quality));
			context.progress(0.65 + (0.15 * (index + 1)) / trials.length, 'repairs');
		}
	}
	const bits: Outputs['bits'] = [];
	if (isStatic && trained === undefined && inputs.study.bits) {
		for (const [index, width] of BITS.entries()) {
			for (const granularity of ['channel', 'tensor'] as const)
				bits.push({
					bits: width,
					granularity,
					quality: await measure(await book.quantize({ ...recipe, bits: width, granularity })),
				});
			context.progress(0.8 + (0.14 * (index + 1)) / BITS.length, `${width} bits`);
		}
	}
	const { integers, says } = isStatic ? integersOf(network) : { integers: undefined, says: 'not for this scheme' };
	const compared =
		integers === undefined ? null : await withinOneStep(network, integers, reference.samples.slice(0, COMPARED_SAMPLES), context);
	context.progress(0.95, 'speed');
	const speed = isStatic && inputs.study.speed ? await measureSpeed(model, network, integers, reference, context) : [];
	const units = layerUnits(network);
	const worst = layers.toSorted((a, b) => b.lossShare - a.lossShare).slice(0, PICTURED);
	const figures: Omit<Outputs, 'answer' | 'notes'> = {
		network: {
			name: model.name,
			operators: model.nodes.length,
			layers: units.length,
			weights: units.reduce((sum, unit) => sum + floatLayer(model, unit).weights.length, 0),
		},
		samples: { origin: set.origin, calibration: calibration.length, evaluation: reference.samples.length, isShared },
		sizes: {
			given: bytes,
			float: writeModel(model).byteLength,
			quantized: file.byteLength,
			integer: integer?.byteLength ?? null,
			packed: packedBytes(model, network.plan, recipe.bits, recipe.granularity),
		},
		floatAccuracy: floatAccuracy(reference),
		quantized: quality,
		training:
			trained === undefined
				? null
				: { steps: inputs.training.steps, before: await measure(rounded), losses: [...trained.losses] },
		layers,
		floatOperators: network.plan.units.flatMap((unit) =>
			unit.kind === 'float' ? [{ operator: unit.node.opType, name: unit.node.output[0] ?? '', reason: unit.reason }] : [],
		),
		repairs,
		search: keptFloat?.search ?? null,
		bits,
		histograms: isStatic
			? units
					.filter(({ name }) => worst.some((one) => one.name === name))
					.flatMap((unit) => layerHistograms(network, unit, statistics))
			: [],
		integerRun: { withinOneStep: compared, says },
		speed,
	};
	const outputs: Outputs = { answer: answerOf(figures, inputs), notes: notesOf(figures, inputs), ...figures };
	await context.artifact('report.json', `${JSON.stringify(outputs, undefined, '\t')}\n`, 'application/json');
	context.progress(1, 'done');
	return outputs;
}

function recipeOf({ policy, ranges, repairs }: Inputs): Recipe {
	return {
		granularity: policy.granularity,
		bits: policy.weightBits,
		rounding: policy.rounding === 'tflite' ? 'half-away' : 'half-even',
		...ranges,
		equalise: repairs.equalise,
		correctBiases: repairs.correctBiases,
		keptFloat: new Set(
			repairs.keepFloat
				.split(',')
				.map((name) => name.trim())
				.filter((name) => name !== ''),
		),
	};
}

function layerUnits({ plan }: QuantizedNetwork): LayerUnit[] {
	return plan.units.filter((unit) => unit.kind === 'layer');
}

function layerRows({ network, statistics }: Quantized, noise: readonly LayerNoise[]): LayerOutput[] {
	const units = layerUnits(network);
	return units.map((unit, index) => {
		const float = floatLayer(network.model, unit);
		const spread = channelSpread(channelMaxima(float));
		const found = noise[index];
		const coarsened = network.layers.get(unit.name)?.coarsened ?? [];
		return {
			name: unit.name,
			type: unit.type,
			weights: float.weights.length,
			channelRatio: spread.ratio,
			deadChannels: new Set([...spread.dead, ...coarsened]).size,
			weightDecibels: weightDecibels(float, network.options),
			localDecibels: found?.localDecibels ?? null,
			accumulatedDecibels: found?.accumulatedDecibels ?? null,
			logitDecibels: found?.logitDecibels ?? null,
			lossShare: found?.lossShare ?? 0,
			clippedShare: found?.clippedShare ?? 0,
			causes: causesOf(network, unit, statistics, {
				isFirst: index === 0,
				isLast: index === units.length - 1,
				clippedShare: found?.clippedShare ?? 0,
			}).map(({ kind, says, channels }) => ({ kind, says, channels: [...channels] })),
		};
	});
}

function integersOf(network: QuantizedNetwork): { readonly integers: IntegerNetwork | undefined; readonly says: string } {
	const floats = network.plan.units.filter((unit) => unit.kind === 'float').length;
	if (floats > 0) return { integers: undefined, says: `${floats} operators stay float, so it does not run in integers alone` };
	const rescaling = network.options.rounding === 'half-away' ? 'fixed-point' : 'float';
	return { integers: toIntegerNetwork(network, rescaling), says: 'the whole network runs in integers alone' };
}
