/** How a system answers "would this pay off for me?" */

/** What a user asks about. References are names or whole descriptions, resolved by the system through `models` and `machines`. */
export interface Subject {
	/** A known model's name, the content of a config.json, or a description. */
	readonly model?: string | Readonly<Record<string, unknown>>;
	/** Data reference of the file that `model` was read from, so that a run can open it again. */
	readonly modelFile?: string;
	/** A known machine's name, or a cluster's or device's description. */
	readonly machine?: string | Readonly<Record<string, unknown>>;
	/** Data reference of the machine file that `machine` was read from, and what it was called there. */
	readonly machineFile?: { readonly reference: string; readonly name: string };
	readonly goal: 'serve' | 'train' | 'fine-tune' | 'edge' | 'design-chip';
	/** Data reference of a request trace. */
	readonly trace?: string;
	/** Data reference of a data set. */
	readonly dataset?: string;
	/** Most one is willing to pay: rent per hour, or money once for what would have to be bought. */
	readonly budget?: { readonly dollarsPerHour?: number; readonly dollars?: number };
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

/** What a technique takes in return, each in a sentence; left out where it takes nothing. */
export interface Costs {
	/** What becomes of the model's answers or of its training. */
	readonly quality?: string;
	/** What must be there or bought. */
	readonly hardware?: string;
	/** What people have to do. */
	readonly effort?: string;
}

/** The inputs to run for a subject, or the reason why the technique does not apply to it. */
export type Applicability<Inputs> = { readonly inputs: Inputs } | { readonly reason: string };

/** What a run said of the technique on its subject. */
export interface Assessment {
	/** Gains of the run's figures with the technique over those without it, both of this very run. Empty where nothing is comparable. */
	readonly gain: Gain;
	/** What "without" is, in a few words: `one stage after the other on the same GPUs`. */
	readonly against: string;
	/** Set where the subject cannot be done at all without the technique: what was lacking. Then there is nothing to divide by. */
	readonly enables?: string;
	readonly costs: Costs;
	/** Set where the gains rest on something that the system's calibration does not cover: what nobody has compared with measurements. */
	readonly unchecked?: string;
}

export interface Advise<Inputs, Outputs> {
	/** Quick: looks at the subject, computes no result. */
	applies(subject: Subject): Applicability<Inputs>;
	/** Reads a run's outputs; a reason where the run showed that the technique does not work on the subject. */
	assess(outputs: Outputs): Assessment | { readonly reason: string };
}
