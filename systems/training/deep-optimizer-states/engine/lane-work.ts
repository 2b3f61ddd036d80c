/** What is said between the engine and the threads of its lanes. */
import type { AdamScalarList } from '@assay/learning';
import type { StateAddresses, Tier } from './state-layout.ts';

/** Given to a lane's thread when it starts. */
export interface LaneSetup {
	readonly module: WebAssembly.Module;
	readonly host: WebAssembly.Memory;
	readonly device: WebAssembly.Memory;
	/** In shared memory, a number for each job: the step in which it was last done. Lanes wait for each other here. */
	readonly done: Int32Array;
	/** Bandwidth of the link in each direction; infinite: as fast as memory. */
	readonly linkBytesPerSecond: number;
}

/** A copy between the memories. */
export interface Copy {
	readonly from: Tier;
	readonly source: number;
	readonly target: number;
	readonly bytes: number;
}

/** One job's work, in order: an Adam step, conversions to 16 bits, copies over the link. */
export interface LaneWork {
	readonly job: number;
	/** Jobs that must have been done in this step. */
	readonly after: readonly number[];
	readonly update?: {
		readonly tier: Tier;
		readonly state: StateAddresses;
		readonly gradient: number;
		readonly size: number;
		readonly scalars: AdamScalarList;
	};
	readonly convert?: { readonly tier: Tier; readonly source: number; readonly target: number; readonly size: number };
	readonly copies: readonly Copy[];
}

/** All that a lane does in a step, in order. */
export interface LaneOrder {
	/** Counted from 1. */
	readonly step: number;
	readonly work: readonly LaneWork[];
}

/** When a job started and ended, seconds on the process's monotonic clock. */
export interface LaneReport {
	readonly job: number;
	readonly startSeconds: number;
	readonly endSeconds: number;
}
