/** Energy by kind of action: a multiply-accumulate, an access to a register, to a buffer, to DRAM. */

/** Energy of one action of each kind, in one unit for all: picojoules, or multiples of a multiply-accumulate. */
export type EnergyTable<Action extends string> = Readonly<Record<Action, number>>;

/** How often each action happens. */
export type ActionCounts<Action extends string> = Readonly<Record<Action, number>>;

/** Energy of each kind of action, in the table's unit. */
export function energyByAction<Action extends string>(
	counts: ActionCounts<Action>,
	table: EnergyTable<Action>,
): Record<Action, number> {
	const energy: Record<string, number> = {};
	for (const action in table) energy[action] = counts[action] * table[action];
	return energy;
}

/** Levels of the memory hierarchy of a spatial array, nearest first. */
export const HIERARCHY_LEVELS = ['multiply-accumulate', 'register file', 'array', 'global buffer', 'DRAM'] as const;
export type HierarchyLevel = (typeof HIERARCHY_LEVELS)[number];

/** One 16-bit access to each level, a multiply-accumulate counting 1 (Chen, Emer and Sze, Eyeriss, ISCA 2016, table IV; 65 nm). */
export const EYERISS_RELATIVE_ENERGY: EnergyTable<HierarchyLevel> = {
	'multiply-accumulate': 1,
	'register file': 1,
	array: 2,
	'global buffer': 6,
	DRAM: 200,
};
