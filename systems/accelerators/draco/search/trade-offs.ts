/** Networks between the given one and the widest: what each gains and takes, and which of them no other beats. */
import { paretoFront } from '@assay/search';
import { type Convolution, weightElements } from '../convolution.ts';
import { evaluateLayer, evaluateNetwork, type LayerEvaluation, type NetworkEvaluation } from '../evaluate-layer.ts';
import type { Hardware } from '../hardware.ts';
import { scaleWidth } from '../transform/scale-width.ts';
import { GROUP_WIDTHS, possibleWidths, widenGroups } from '../transform/widen-groups.ts';
import { chooseWidths, type Objective } from './choose-widths.ts';

/** A network with chosen widths. */
export interface Variant {
	/** Channels per group of each layer. */
	readonly widths: readonly number[];
	/** Factor on all channels; 1 unless a budget asks for less. */
	readonly channelFactor: number;
	readonly layers: readonly Convolution[];
	readonly weights: number;
	readonly evaluation: NetworkEvaluation;
}

/** Most of a variant. */
export interface Budget {
	readonly macs: number;
	readonly weights: number;
}

/** What a layer takes on the hardware at hand. */
export type EvaluateLayer = (layer: Convolution) => LayerEvaluation;

/** Evaluates layers and remembers the figures: the same layer is met in many variants. */
export function rememberingEvaluate(hardware: Hardware): EvaluateLayer {
	const known = new Map<string, LayerEvaluation>();
	return (layer) => {
		const key = Object.values({ ...layer, name: '' }).join(' ');
		const found = known.get(key) ?? evaluateLayer(layer, hardware);
		known.set(key, found);
		return found;
	};
}

/** The variant that an objective leads to. Where it exceeds the budget, all channels are scaled down until it does not; undefined where none fits. */
export function variantFor(
	layers: readonly Convolution[],
	hardware: Hardware,
	objective: Objective,
	evaluate: EvaluateLayer,
	budget: Budget = { macs: Number.POSITIVE_INFINITY, weights: Number.POSITIVE_INFINITY },
): Variant | undefined {
	const withFactor = (channelFactor: number): Variant => {
		const scaled = layers.map((layer) => scaleWidth(layer, channelFactor));
		const base = channelFactor === 1 ? layers : scaled;
		return variantOf(base, chooseWidths(base, objective, evaluate), hardware, evaluate, channelFactor);
	};
	const fits = ({ weights, evaluation }: Variant): boolean => weights <= budget.weights && evaluation.macs <= budget.macs;
	const full = withFactor(1);
	if (fits(full)) return full;
	let best: Variant | undefined;
	let [low, high] = [0, 1];
	for (let step = 0; step < BISECTIONS; step++) {
		const middle = (low + high) / 2;
		const variant = withFactor(middle);
		if (fits(variant)) [best, low] = [variant, middle];
		else high = middle;
	}
	return best;
}

/** Steps of the bisection: channels come in multiples of eight, so more would change nothing. */
const BISECTIONS = 10;

/** The network with these widths. */
export function variantOf(
	layers: readonly Convolution[],
	widths: readonly number[],
	hardware: Hardware,
	evaluate: EvaluateLayer,
	channelFactor = 1,
): Variant {
	const widened = layers.map((layer, index) => widenGroups(layer, widths[index] as number));
	return {
		widths,
		channelFactor,
		layers: widened,
		weights: widened.reduce((sum, layer) => sum + weightElements(layer), 0),
		evaluation: evaluateNetwork(widened, hardware, evaluate),
	};
}

/** A variant, what led to it, and whether no other is at least as good in cycles, work and utilisation. */
export interface TradeOff {
	readonly variant: Variant;
	readonly objective: Objective;
	readonly isOnFront: boolean;
}

/** All variants of one width, of one wanted utilisation, of fewest cycles and of least energy times cycles; each kept once. */
export function tradeOffs(layers: readonly Convolution[], hardware: Hardware, evaluate: EvaluateLayer): TradeOff[] {
	const utilisations = new Set<number>();
	for (const layer of layers) {
		const possible = possibleWidths(layer);
		if (possible.length > 1) for (const width of possible) utilisations.add(evaluate(widenGroups(layer, width)).utilisation);
	}
	const objectives: Objective[] = [
		...GROUP_WIDTHS.map((width) => ({ kind: 'uniform' as const, width })),
		...[...utilisations].sort((a, b) => a - b).map((atLeast) => ({ kind: 'utilisation' as const, atLeast })),
		{ kind: 'latency' },
		{ kind: 'energy-delay' },
	];
	const kept = new Map<string, { variant: Variant; objective: Objective }>();
	for (const objective of objectives) {
		const widths = chooseWidths(layers, objective, evaluate);
		const key = widths.join(' ');
		if (!kept.has(key)) kept.set(key, { variant: variantOf(layers, widths, hardware, evaluate), objective });
	}
	const found = [...kept.values()];
	const onFront = paretoFront(
		found.map(({ variant: { evaluation } }) => [evaluation.cycles, evaluation.macs, evaluation.meanUtilisation]),
		[-1, -1, 1],
	);
	return found.map((one, index) => ({ ...one, isOnFront: onFront[index] as boolean }));
}
