/**
 * Energy of attention from counts of actions (artifact of the paper; accesses to the buffer and their energies were fitted to its published
 * totals, since its table for the buffer does not explain them).
 *
 * The published totals leave registers out in effect: one element's accesses were multiplied by one. `registers` puts them in, for every element.
 */
import { type ActionCounts, type EnergyTable, energyByAction } from '@assay/machines';
import { type AttentionShape, ranksOf } from './attention-shape.ts';
import type { DesignName } from './designs/design-name.ts';
import type { FlatMapping } from './designs/flat.ts';

export const energyActions = [
	'multiply-accumulate',
	'addition',
	'maximum',
	'exponential',
	'division',
	'memory',
	'buffer',
	'registers',
] as const;
export type EnergyAction = (typeof energyActions)[number];

/** Bytes of an access to memory and of one to the global buffer. */
const MEMORY_ACCESS_BYTES = 8;
const BUFFER_ACCESS_BYTES = 512;

/** Picojoules of each action; `registers`: two reads and a write of one element. */
export type DesignEnergies = EnergyTable<EnergyAction>;

const logic = {
	'multiply-accumulate': 17.1645,
	addition: 8.3395,
	maximum: 0.028036,
	exponential: 94.6475,
	division: 36.251153,
	memory: 249.6,
} as const;

/** Of the one-pass design: a 16 MiB buffer, 12 registers an element. */
export const fusedEnergies: DesignEnergies = { ...logic, buffer: 13_400, registers: 2 * 0.653431 + 0.56957 };
/** Of the baselines: a 32 MiB buffer, 4 registers an element. */
export const baselineEnergies: DesignEnergies = { ...logic, buffer: 25_200, registers: 2 * 0.291512 + 0.225259 };

interface EnergyCase {
	readonly design: DesignName;
	readonly shape: AttentionShape;
	readonly side: number;
	readonly wordBytes: number;
	readonly trafficBytes: number;
	/** Of the baseline that has one. */
	readonly mapping?: FlatMapping;
	readonly includeRegisters: boolean;
}

/** How often each action happens. */
function countActions({
	design,
	shape,
	side,
	wordBytes,
	trafficBytes,
	mapping,
	includeRegisters,
}: EnergyCase): ActionCounts<EnergyAction> {
	const { B, H, E, F, M, P } = ranksOf(shape);
	const logits = B * H * M * P;
	// A query's share of a tile: what happens once for every query and tile of keys.
	const perTile = B * H * Math.ceil(M / side) * P;
	const memoryWords = trafficBytes / wordBytes;
	const onePass = design === 'fusemax' || design === 'architecture' || design === 'cascade';
	const chained = design === 'fusemax' || design === 'architecture' ? 6 : 0;
	const counts = {
		'multiply-accumulate': onePass ? logits * (E + F + chained) + perTile * (F + 1 + chained) : logits * (E + F),
		addition: 2 * logits + (onePass ? perTile * (F + 2) : 0),
		maximum: logits + (onePass ? perTile : 0),
		exponential: chained > 0 ? 0 : logits + (onePass ? perTile : 0),
		division: onePass ? B * H * P * F : logits,
		memory: trafficBytes / MEMORY_ACCESS_BYTES,
		buffer: (bufferWords(design, shape, side, mapping) + (onePass ? memoryWords : 0)) / (BUFFER_ACCESS_BYTES / wordBytes),
	};
	const issues = counts['multiply-accumulate'] + counts.addition + counts.maximum + counts.exponential + counts.division;
	return { ...counts, registers: includeRegisters ? issues : 0 };
}

/** Words that the arrays take from the global buffer and put there. */
function bufferWords(design: DesignName, shape: AttentionShape, side: number, mapping: FlatMapping | undefined): number {
	const { B, H, E, F, M, P } = ranksOf(shape);
	const logits = B * H * M * P;
	const perTile = B * H * Math.ceil(M / side) * P;
	if (design === 'fusemax' || design === 'architecture') return perTile * (2 * E + 4 * F + 6);
	// The baseline's elements pass logits and exponentials through the buffer: written, read for each of four operations.
	if (design === 'cascade') return perTile * (2 * E + 4 * F + 6) + 6 * logits;
	const onChip = mapping?.logitsOnChip === true;
	const first = mapping?.firstStationarity === 'weight' ? E : 2 * E;
	const second = mapping?.secondStationarity === 'weight' ? 2 * F : F;
	return logits * (onChip ? 7 : 5) + (logits / side) * (first + second);
}

/** Joules of each action. */
export function energyJoules(one: EnergyCase, energies: DesignEnergies): Record<EnergyAction, number> {
	const picojoules = energyByAction(countActions(one), energies);
	for (const action of energyActions) picojoules[action] *= 1e-12;
	return picojoules;
}

/** Sum over the actions. */
export const totalJoules = (energy: Readonly<Record<EnergyAction, number>>): number =>
	energyActions.reduce((sum, action) => sum + energy[action], 0);

/** Energy of matrix products: every operand passes the buffer once for each tile of the other, results once. */
export function productJoules(
	products: { readonly macs: number; readonly resultWords: number; readonly trafficBytes: number },
	side: number,
	wordBytes: number,
	energies: DesignEnergies,
	includeRegisters: boolean,
): number {
	const { macs, resultWords, trafficBytes } = products;
	const bufferAccesses = ((2 * macs) / side + resultWords) / (BUFFER_ACCESS_BYTES / wordBytes);
	return (
		1e-12 *
		(macs * energies['multiply-accumulate'] +
			(trafficBytes / MEMORY_ACCESS_BYTES) * energies.memory +
			bufferAccesses * energies.buffer +
			(includeRegisters ? macs * energies.registers : 0))
	);
}
