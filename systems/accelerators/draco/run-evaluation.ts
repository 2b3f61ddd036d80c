/** An evaluation: the network before and after the change, the trade-offs between, and the user's file rewritten. */
import { InputError, type RunContext } from '@assay/contract';
import { HIERARCHY_LEVELS } from '@assay/machines';
import { resolveNetwork } from '@assay/models/network';
import { readOnnxGraph, sourceOf } from '@assay/models/onnx';
import { runRowStationary } from './arrays/row-stationary.ts';
import { type Convolution, isDepthwise, macs, weightElements } from './convolution.ts';
import { dataReuse } from './data-reuse.ts';
import { evaluateLayer, evaluateNetwork, type LayerEvaluation, type NetworkEvaluation } from './evaluate-layer.ts';
import type { Hardware } from './hardware.ts';
import type { Inputs } from './inputs.ts';
import { layersCsv } from './layers-csv.ts';
import { layersOfNetwork } from './layers-of-network.ts';
import type { Evaluation } from './outputs.ts';
import { refuseBudget } from './refuse-budget.ts';
import { rewriteOnnx } from './rewrite/rewrite-onnx.ts';
import type { Objective } from './search/choose-widths.ts';
import { rememberingEvaluate, tradeOffs, variantFor } from './search/trade-offs.ts';
import { oneDimensional, runOnLines } from './transform/one-dimensional.ts';
import { GROUP_WIDTHS } from './transform/widen-groups.ts';

export async function evaluate(inputs: Inputs, context: RunContext): Promise<{ evaluation: Evaluation; answer: string }> {
	context.progress(0, 'the network');
	const network = await resolveNetwork(inputs.network, context);
	const layers = layersOfNetwork(network, inputs.products);
	await context.pause();
	const hardware = hardwareOf(inputs);
	const evaluateLayerOnce = rememberingEvaluate(hardware);
	const before = evaluateNetwork(layers, hardware);
	context.progress(0.3, 'widths of groups');
	await context.pause();
	const budget = {
		macs: inputs.change.mostMegaMacs === undefined ? Number.POSITIVE_INFINITY : 1e6 * inputs.change.mostMegaMacs,
		weights: inputs.change.mostWeights ?? Number.POSITIVE_INFINITY,
	};
	const objective = objectiveOf(inputs);
	const chosen =
		variantFor(layers, hardware, objective, evaluateLayerOnce, budget) ??
		refuseBudget(layers, hardware, objective, evaluateLayerOnce, budget);
	context.progress(0.5, 'trade-offs');
	await context.pause();
	const found = tradeOffs(layers, hardware, evaluateLayerOnce);
	await context.pause();
	context.progress(0.9, 'files');
	await context.artifact('layers.csv', layersCsv(chosen.layers), 'text/csv');
	const isRewritten = await rewriteFile(inputs, layers, chosen.widths, chosen.channelFactor, context);
	context.progress(1, 'done');
	const faster = 1 - chosen.evaluation.cycles / before.cycles;
	const fuller = chosen.evaluation.meanUtilisation / before.meanUtilisation - 1;
	const percent = (change: number): string => `${(100 * Math.abs(change)).toFixed(1)} %`;
	const evaluation: Evaluation = {
		network: network.name,
		array: {
			rows: hardware.array.rows,
			columns: hardware.array.columns,
			dataflow: hardware.dataflow,
			clockHertz: hardware.array.clockHertz,
			dramBytesPerSecond: inputs.memory.bandwidth === undefined ? null : 1e9 * inputs.memory.bandwidth,
			valueBytes: inputs.memory.valueBytes,
		},
		before: networkOutput(layers, before, hardware),
		after: networkOutput(chosen.layers, chosen.evaluation, hardware),
		channelFactor: chosen.channelFactor,
		layers: layers.map((layer, index) => {
			const changed = chosen.layers[index] as Convolution;
			return {
				name: layer.name,
				kind: kindOf(layer),
				width: chosen.widths[index] as number,
				before: layerOutput(layer, before.layers[index] as LayerEvaluation),
				after: layerOutput(changed, chosen.evaluation.layers[index] as LayerEvaluation),
			};
		}),
		tradeOffs: found.map(({ objective: wanted, variant: { weights, evaluation }, isOnFront }) => ({
			objective: describeObjective(wanted),
			macs: evaluation.macs,
			weights,
			cycles: evaluation.cycles,
			meanUtilisation: evaluation.meanUtilisation,
			energy: evaluation.energy,
			isOnFront,
		})),
		acrossGroupsCycles:
			hardware.dataflow === 'row-stationary'
				? layers.reduce((sum, layer) => sum + runRowStationary(layer, hardware.array, { acrossGroups: true }).cycles, 0)
				: null,
		oneDimensional: oneDimensionalOutput(layers, hardware),
		isRewritten,
	};
	return {
		evaluation,
		answer: `${network.name} on ${hardware.array.rows} x ${hardware.array.columns}, ${hardware.dataflow}: ${layers.some(isDepthwise) ? `wider groups${chosen.channelFactor === 1 ? '' : ` and ${chosen.channelFactor.toPrecision(3)} times the channels`} ${faster >= 0 ? 'take' : 'add'} ${percent(faster)} ${faster >= 0 ? 'off' : 'to'} its latency` : 'it has no depthwise layers to widen'}, with ${percent(fuller)} ${fuller >= 0 ? 'more' : 'less'} utilisation on average and ${(chosen.evaluation.macs / before.macs).toFixed(3)} times the work.`,
	};
}

export function hardwareOf({ array, memory, energy }: Inputs): Hardware {
	const elements = (kibibytes: number): number => (kibibytes * 1024) / memory.valueBytes;
	return {
		array: { rows: array.rows, columns: array.columns, clockHertz: array.clock * 1e9 },
		dataflow: array.dataflow,
		globalBufferElements: elements(memory.globalBuffer),
		operandBuffers: {
			input: elements(memory.inputBuffer),
			weight: elements(memory.weightBuffer),
			output: elements(memory.outputBuffer),
		},
		dramElementsPerCycle:
			memory.bandwidth === undefined ? Number.POSITIVE_INFINITY : memory.bandwidth / (memory.valueBytes * array.clock),
		energies: {
			'multiply-accumulate': energy.multiplyAccumulate,
			'register file': energy.registerFile,
			array: energy.array,
			'global buffer': energy.globalBuffer,
			DRAM: energy.dram,
		},
	};
}

function objectiveOf({ change }: Inputs): Objective {
	if (change.objective === 'uniform') {
		if (!GROUP_WIDTHS.some((width) => width === change.width)) {
			const nearest = GROUP_WIDTHS.findLast((width) => width <= change.width) ?? 1;
			throw new InputError({
				path: ['change', 'width'],
				found: String(change.width),
				expected: `one of ${GROUP_WIDTHS.join(', ')}`,
				nearest: String(nearest),
			});
		}
		return { kind: 'uniform', width: change.width };
	}
	if (change.objective === 'utilisation') return { kind: 'utilisation', atLeast: change.utilisation };
	return { kind: change.objective };
}

function describeObjective(objective: Objective): string {
	switch (objective.kind) {
		case 'uniform':
			return objective.width === 1 ? 'unchanged' : `${objective.width} channels a group`;
		case 'utilisation':
			return `utilisation of ${(100 * objective.atLeast).toPrecision(3)} %`;
		case 'latency':
			return 'fewest cycles';
		case 'energy-delay':
			return 'least energy times cycles';
	}
}

/** Rewrites the user's ONNX file where only groups have changed; other networks have no weights to keep. */
async function rewriteFile(
	inputs: Inputs,
	layers: readonly Convolution[],
	widths: readonly number[],
	channelFactor: number,
	context: RunContext,
): Promise<boolean> {
	if (inputs.network.file === undefined || channelFactor !== 1) return false;
	const file = await context.open(inputs.network.file);
	if (/\.(csv|json)$/.test(file.name)) return false;
	const source = await sourceOf(file);
	const byName = new Map(layers.map(({ name }, index) => [name, widths[index] as number]));
	const rewritten = await rewriteOnnx(await readOnnxGraph(source), source, byName);
	await context.artifact('widened.onnx', rewritten, 'application/octet-stream');
	return true;
}

function networkOutput(layers: readonly Convolution[], evaluation: NetworkEvaluation, { array }: Hardware): Evaluation['before'] {
	const energyAt = (level: (typeof HIERARCHY_LEVELS)[number]): number =>
		evaluation.layers.reduce((sum, { energyByLevel }) => sum + energyByLevel[level], 0);
	return {
		macs: evaluation.macs,
		weights: layers.reduce((sum, layer) => sum + weightElements(layer), 0),
		arrayCycles: evaluation.arrayCycles,
		cycles: evaluation.cycles,
		seconds: evaluation.cycles / array.clockHertz,
		meanUtilisation: evaluation.meanUtilisation,
		overallUtilisation: evaluation.overallUtilisation,
		...dataReuse(layers),
		energy: evaluation.energy,
		energyByLevel: HIERARCHY_LEVELS.map((level) => ({ level, energy: energyAt(level) })),
		memoryBoundLayers: evaluation.layers.filter(({ isMemoryBound }) => isMemoryBound).length,
	};
}

function layerOutput(layer: Convolution, evaluation: LayerEvaluation): Evaluation['layers'][number]['before'] {
	const { traffic, arrayCycles, cycles, utilisation, energy, isMemoryBound } = evaluation;
	return {
		macs: macs(layer),
		...dataReuse([layer]),
		utilisation,
		cycles,
		stallCycles: cycles - arrayCycles,
		energy,
		traffic: traffic.input + traffic.weight + traffic.output,
		isMemoryBound,
	};
}

function kindOf(layer: Convolution): Evaluation['layers'][number]['kind'] {
	if (isDepthwise(layer)) return 'depthwise';
	if (layer.groups > 1) return 'grouped';
	return layer.kernelHeight === 1 && layer.kernelWidth === 1 ? 'pointwise' : 'convolution';
}

function oneDimensionalOutput(layers: readonly Convolution[], hardware: Hardware): Evaluation['oneDimensional'] {
	let [work, sameArrayCycles, linesCycles] = [0, 0, 0];
	for (const layer of layers) {
		const isReplaced = isDepthwise(layer) && layer.kernelHeight > 1 && layer.kernelWidth > 1;
		for (const part of isReplaced ? oneDimensional(layer) : [layer]) {
			const { cycles } = evaluateLayer(part, hardware);
			work += macs(part);
			sameArrayCycles += cycles;
			linesCycles += isReplaced ? runOnLines(part, hardware.array).cycles : cycles;
		}
	}
	return { macs: work, sameArrayCycles, linesCycles };
}
