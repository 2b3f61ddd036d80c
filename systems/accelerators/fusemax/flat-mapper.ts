/**
 * The best mapping of the three-pass baseline, by trying all: what waits on the chip, which operand stays in the array, how many rows of
 * queries are worked on at a time. What does not fit is spilled.
 *
 * A tensor that waits on the chip is held twice, so that the next part arrives while this one is used; one that streams through takes two
 * tiles; logits are overwritten in place by their exponentials and probabilities. This rule gives the spilled shares that FLAT's own tool printed.
 */
import type { Accelerator } from './accelerator.ts';
import { type AttentionShape, ranksOf } from './attention-shape.ts';
import type { DesignResult } from './designs/design-result.ts';
import { type FlatMapping, runFlat, stationarities } from './designs/flat.ts';

/** Words on the chip under a mapping without spilling. */
export function wordsOnChip(shape: AttentionShape, side: number, mapping: Omit<FlatMapping, 'spilledShare'>): number {
	const { E, F, M, P } = ranksOf(shape);
	const rows = Math.min(mapping.rowsAtATime, P);
	const logits = mapping.logitsOnChip ? rows * M : 0;
	const queries = (mapping.queriesOnChip ? rows : side) * E;
	const keys = (mapping.keysOnChip ? M : side) * E;
	const values = (mapping.valuesOnChip ? M : side) * F;
	const results = (mapping.resultsOnChip ? rows : side) * F;
	return logits + 2 * (queries + keys + values + results);
}

/** Share of what should be on the chip that does not fit. */
export function spilledShare(
	shape: AttentionShape,
	{ array, buffer, wordBytes }: Accelerator,
	mapping: Omit<FlatMapping, 'spilledShare'>,
): number {
	return Math.max(0, 1 - buffer.bytes / (wordBytes * wordsOnChip(shape, array.rows, mapping)));
}

export interface MappedFlat {
	readonly mapping: FlatMapping;
	readonly result: DesignResult;
	/** Mappings that were tried. */
	readonly tried: number;
}

/** Numbers of rows of queries to try: a tile of them times a power of two, and all. */
function rowChoices(queries: number, side: number): number[] {
	const choices: number[] = [];
	for (let rows = side; rows < queries; rows *= 2) choices.push(rows);
	return [...choices, queries];
}

const EITHER = [true, false] as const;

/** The fastest mapping; among equally fast ones the one that moves least. */
export function mapFlat(shape: AttentionShape, accelerator: Accelerator): MappedFlat {
	let best: MappedFlat | undefined;
	let tried = 0;
	for (const rowsAtATime of rowChoices(shape.queries, accelerator.array.rows)) {
		for (const queriesOnChip of EITHER)
			for (const keysOnChip of EITHER)
				for (const logitsOnChip of EITHER)
					for (const valuesOnChip of EITHER)
						for (const firstStationarity of stationarities)
							for (const secondStationarity of stationarities) {
								// With weights in the array results grow part by part, and wait on the chip for the next part.
								const resultsOnChip = secondStationarity === 'weight';
								const kept = { queriesOnChip, keysOnChip, logitsOnChip, valuesOnChip, resultsOnChip };
								const choice = { ...kept, firstStationarity, secondStationarity, rowsAtATime };
								const mapping = { ...choice, spilledShare: spilledShare(shape, accelerator, choice) };
								const result = runFlat(shape, accelerator, mapping);
								tried++;
								if (best === undefined || isBetter(result, best.result)) best = { mapping, result, tried };
							}
	}
	if (best === undefined) throw new RangeError('no mapping was tried');
	return { ...best, tried };
}

function isBetter(one: DesignResult, other: DesignResult): boolean {
	if (one.latencySeconds !== other.latencySeconds) return one.latencySeconds < other.latencySeconds;
	return one.trafficBytes < other.trafficBytes;
}
