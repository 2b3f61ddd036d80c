/** Where a policy keeps each class of data and when its optimizer works: all that tells the known systems apart. */

export const policyNames = [
	'all-gpu',
	'zero-offload',
	'zero-offload-delayed',
	'zero-infinity',
	'g10',
	'flash-neuron',
	'fuyou',
] as const;
export type PolicyName = (typeof policyNames)[number];

export type Place = 'gpu' | 'host' | 'drives';

export interface Policy {
	readonly name: PolicyName;
	readonly title: string;
	/** In a sentence, for people. */
	readonly says: string;
	readonly place: {
		/** 16-bit weights. */
		readonly weights: Place;
		/** 16-bit gradients between backward and the optimizer. */
		readonly gradients: Place;
		/** fp32 weights and moments. */
		readonly state: Place;
		/** Checkpoints and kept intermediate results. */
		readonly activations: Place | 'host-then-drives';
	};
	/** Kept beyond the checkpoints: nothing, every intermediate result, or as much as makes the step shortest. */
	readonly swap: 'nothing' | 'everything' | 'chosen';
	readonly optimizer: 'inside-backward' | 'processor-after-backward' | 'gpu-after-backward' | 'one-step-late';
}
