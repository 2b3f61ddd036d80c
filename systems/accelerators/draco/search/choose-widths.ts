/**
 * Which depthwise layers to widen, and how far.
 *
 * The abstract promises a co-optimisation of utilisation and latency; its steps are our reconstruction: for each depthwise layer the narrowest
 * group that reaches the wanted utilisation (or the one with the fewest cycles, or the least product of energy and cycles), then never narrower
 * than in the layer before, since deeper layers have smaller maps and more channels.
 */
import { type Convolution, isDepthwise } from '../convolution.ts';
import { possibleWidths, widenGroups } from '../transform/widen-groups.ts';

/** What a layer comes to. */
interface LayerFigures {
	readonly cycles: number;
	readonly utilisation: number;
	readonly energy: number;
}

type Evaluate = (layer: Convolution) => LayerFigures;

/** What is wanted of each depthwise layer. */
export type Objective =
	| { readonly kind: 'uniform'; readonly width: number }
	| { readonly kind: 'utilisation'; readonly atLeast: number }
	| { readonly kind: 'latency' }
	| { readonly kind: 'energy-delay' };

/** Channels per group for each layer; 1 for layers that are not depthwise. */
export function chooseWidths(layers: readonly Convolution[], objective: Objective, evaluate: Evaluate): number[] {
	let before = 1;
	return layers.map((layer) => {
		if (!isDepthwise(layer)) return 1;
		const possible = possibleWidths(layer);
		const wished = chooseWidth(layer, possible, objective, evaluate);
		const width = possible.find((candidate) => candidate >= Math.max(wished, before)) ?? (possible.at(-1) as number);
		before = Math.max(before, width);
		return width;
	});
}

function chooseWidth(layer: Convolution, possible: readonly number[], objective: Objective, evaluate: Evaluate): number {
	if (objective.kind === 'uniform') return possible.findLast((width) => width <= objective.width) ?? 1;
	const figures = possible.map((width) => evaluate(widenGroups(layer, width)));
	const least = (cost: (figure: LayerFigures) => number): number => {
		const costs = figures.map(cost);
		return possible[costs.indexOf(Math.min(...costs))] as number;
	};
	switch (objective.kind) {
		case 'utilisation': {
			const reached = figures.findIndex(({ utilisation }) => utilisation >= objective.atLeast);
			return reached >= 0 ? (possible[reached] as number) : least(({ utilisation }) => -utilisation);
		}
		case 'latency':
			return least(({ cycles }) => cycles);
		case 'energy-delay':
			return least(({ cycles, energy }) => cycles * energy);
	}
}
