/** Why a layer loses: each cause is a test on its weights or on the values that it reads and makes, and a sentence for people. */

import { percentileRange } from '../calibrate/percentile.ts';
import type { TensorStatistics } from '../calibrate/tensor-statistics.ts';
import { floatLayer, type QuantizedNetwork } from '../quantize/quantized-network.ts';
import type { LayerUnit } from '../quantize/units.ts';

export const CAUSES = [
	'unequal-channels',
	'dead-channels',
	'rare-large-values',
	'range-away-from-zero',
	'unequal-operands',
	'beyond-calibration',
	'always-zero',
	'first-layer',
	'last-layer',
] as const;

export type CauseKind = (typeof CAUSES)[number];

export interface Cause {
	readonly kind: CauseKind;
	/** What was found, in a sentence. */
	readonly says: string;
	/** Channels that it is about, the worst first. */
	readonly channels: readonly number[];
}

export interface ChannelSpread {
	/** Largest magnitude of a channel's weights over that of the smallest that is not dead. */
	readonly ratio: number;
	readonly dead: readonly number[];
	/** Channels with least resolution where all share one scale, the worst first. */
	readonly smallest: readonly number[];
}

const UNEQUAL = 64;
const DEAD = 1e-6;
const RARE_PER_CENT = 0.01;
/** A range of which rare values take more than so much. */
const RARE_SHARE = 0.5;
const AWAY = 0.25;
const UNEQUAL_OPERANDS = 8;
/** Values beyond the range from which on they are named. */
const CLIPPED = 1e-3;
const MOST_NAMED = 8;

/** Largest magnitudes of the outputs' weights. */
export function channelMaxima({ weights, outputs }: { readonly weights: Float32Array; readonly outputs: number }): Float64Array {
	const taps = weights.length / outputs;
	return Float64Array.from({ length: outputs }, (_, output) => {
		let largest = 0;
		for (let i = output * taps; i < (output + 1) * taps; i++) largest = Math.max(largest, Math.abs(weights[i] as number));
		return largest;
	});
}

export function channelSpread(maxima: Float64Array): ChannelSpread {
	const largest = maxima.reduce((a, b) => Math.max(a, b), 0);
	const order = Array.from(maxima.keys()).sort((a, b) => (maxima[a] as number) - (maxima[b] as number));
	const isDead = (channel: number) => (maxima[channel] as number) < DEAD * largest;
	const alive = order.filter((channel) => !isDead(channel));
	const [first] = alive;
	return {
		ratio: first === undefined || largest === 0 ? 1 : largest / (maxima[first] as number),
		dead: order.filter(isDead),
		smallest: alive.filter((channel) => (maxima[channel] as number) * UNEQUAL < largest).slice(0, MOST_NAMED),
	};
}

/** Causes that apply to a layer. */
export function causesOf(
	network: QuantizedNetwork,
	unit: LayerUnit,
	statistics: ReadonlyMap<string, TensorStatistics>,
	{ isFirst, isLast, clippedShare }: { readonly isFirst: boolean; readonly isLast: boolean; readonly clippedShare: number },
): Cause[] {
	const causes: Cause[] = [];
	const add = (kind: CauseKind, says: string, channels: readonly number[] = []) => causes.push({ kind, says, channels });
	const spread = channelSpread(channelMaxima(floatLayer(network.model, unit)));
	const isPerChannel = network.options.granularity === 'channel';
	if (spread.ratio > UNEQUAL)
		add(
			'unequal-channels',
			`its channels' weights differ ${spread.ratio.toPrecision(3)} times in size${
				isPerChannel
					? ', which a scale for each channel copes with'
					: `, and one scale for all leaves the small ones (${named(spread.smallest)}) with few or no steps`
			}`,
			spread.smallest,
		);
	const coarsened = network.layers.get(unit.name)?.coarsened ?? [];
	const dead = [...new Set([...spread.dead, ...coarsened])];
	if (dead.length > 0)
		add(
			'dead-channels',
			`${dead.length} of its channels (${named(dead)}) have weights of nearly nothing beside their bias`,
			dead.slice(0, MOST_NAMED),
		);
	for (const [what, name] of [
		['it reads', unit.input],
		['it makes', unit.output],
	] as const) {
		const found = statistics.get(network.plan.sharedScales.get(name) ?? name);
		if (found === undefined) continue;
		const range = found.maximum - found.minimum;
		if (range === 0) {
			add(
				'always-zero',
				`the values ${what} are always ${found.minimum.toPrecision(3)} on the calibration samples: they tell no range`,
			);
			continue;
		}
		const usual = percentileRange(found.values, 100 - RARE_PER_CENT);
		if ((usual.maximum - usual.minimum) / range < RARE_SHARE)
			add(
				'rare-large-values',
				`fewer than ${RARE_PER_CENT} % of the values ${what} take ${(100 * (1 - (usual.maximum - usual.minimum) / range)).toFixed(0)} % of the range (${name}: ${found.minimum.toPrecision(3)} to ${found.maximum.toPrecision(3)})`,
			);
		const [near, far] = [
			Math.min(Math.abs(found.minimum), Math.abs(found.maximum)),
			Math.max(Math.abs(found.minimum), Math.abs(found.maximum)),
		];
		if (found.minimum * found.maximum > 0 && near / far > AWAY)
			add(
				'range-away-from-zero',
				`the values ${what} lie from ${found.minimum.toPrecision(3)} to ${found.maximum.toPrecision(3)}, and the codes from 0 on are lost`,
			);
	}
	for (const other of network.plan.units) {
		if (other.kind !== 'addition' && other.kind !== 'concatenation') continue;
		const inputs = other.inputs;
		if (!inputs.includes(unit.output)) continue;
		const scales = inputs.map((name) => network.parameters.get(name)?.scale ?? 0);
		const own = network.parameters.get(unit.output)?.scale ?? 0;
		const largest = Math.max(...scales);
		if (largest / own > UNEQUAL_OPERANDS)
			add(
				'unequal-operands',
				`its output meets one with steps ${(largest / own).toPrecision(3)} times as large in ${other.node.output[0]}, where its own are lost`,
			);
	}
	if (clippedShare > CLIPPED)
		add(
			'beyond-calibration',
			`${(100 * clippedShare).toPrecision(2)} % of its exact outputs lie beyond the range that the calibration found, and are clipped: more samples, or others, would widen it`,
		);
	if (isFirst) add('first-layer', 'it is the first layer: what it loses, all others get');
	if (isLast) add('last-layer', 'it is the last layer: nothing behind it evens out what it loses');
	return causes;
}

function named(channels: readonly number[]): string {
	return channels.length > 4 ? `${channels.slice(0, 4).join(', ')}, ...` : channels.join(', ');
}
