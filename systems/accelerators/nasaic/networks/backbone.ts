/** A family of networks that a task may choose from: one option for each decision. */
import type { TaskNetwork } from './task-network.ts';

export interface Decision {
	readonly name: string;
	readonly options: readonly number[];
}

export interface Backbone {
	readonly name: string;
	readonly decisions: readonly Decision[];
	/** The network of some values, one for each decision; any positive values, not only the options. */
	readonly build: (values: readonly number[]) => TaskNetwork;
	/** Widths of consecutive stages, whose balance the surrogate looks at. */
	readonly widths: (values: readonly number[]) => readonly number[];
}
