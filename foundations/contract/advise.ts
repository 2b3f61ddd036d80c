/** How a system answers "would this pay off for me?" */

/** What a user asks about. References are names or whole descriptions, resolved by the system through `models` and `machines`. */
export interface Subject {
	readonly model?: string | Readonly<Record<string, unknown>>;
	readonly machine?: string | Readonly<Record<string, unknown>>;
	readonly goal: 'serve' | 'train' | 'fine-tune' | 'edge' | 'design-chip';
	/** Data reference of a request trace. */
	readonly trace?: string;
	/** Data reference of a data set. */
	readonly dataset?: string;
}

/** Ratios against the same subject without the technique; above 1 is better. A gain that was not computed is left out. */
export interface Gain {
	readonly latency?: number;
	readonly throughput?: number;
	readonly memory?: number;
	readonly energy?: number;
	readonly cost?: number;
	readonly quality?: number;
}

/** The inputs to run for a subject, or the reason why the technique does not apply to it. */
export type Applicability<Inputs> = { readonly inputs: Inputs } | { readonly reason: string };

export interface Advise<Inputs, Outputs> {
	applies(subject: Subject): Applicability<Inputs>;
	gain(outputs: Outputs): Gain;
}
