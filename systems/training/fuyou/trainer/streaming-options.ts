/** How a streamed training is to be done. */
import type { AdamOptions, GptShape, SavedItem } from '@assay/learning';

export const streamingModes = ['inside-backward', 'after-backward'] as const;
export type StreamingMode = (typeof streamingModes)[number];

export interface StreamingOptions {
	/** Made if it is not there; holds the state files and the journal, and scratch files that are removed at the end. */
	readonly folder: string;
	readonly shape: GptShape;
	readonly seed: number;
	readonly adam: AdamOptions;
	readonly mode: StreamingMode;
	/** A segment's state is written only once the read of the next one's stands in the drives' queue. */
	readonly readBeforeWrite: boolean;
	readonly keptItems: readonly SavedItem[];
	readonly stateCapBytes: number;
	readonly activationCapBytes: number;
	readonly driveThreads: number;
	/** Largest request to the drive. */
	readonly requestBytes: number;
	/** Slows each drive thread down to this rate, for comparing machines; 0 does not. */
	readonly throttleBytesPerSecond: number;
	readonly text?: Uint8Array;
	readonly signal?: AbortSignal;
}
