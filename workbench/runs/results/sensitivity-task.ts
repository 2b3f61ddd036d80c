/** Sensitivity on a thread of its own: fitting takes a second that whoever serves people does not have. */
import type { ParallelTask } from '@assay/contract';
import { type Factor, type Sensitivity, sensitivityOf } from '@assay/sensitivity';

interface Question {
	readonly factors: readonly Factor[];
	/** NaN where a run has none. */
	readonly outputs: Float64Array;
}

export const sensitivityTask: ParallelTask<Question, Sensitivity> = {
	module: import.meta.url,
	name: 'sensitivityTask',
	run: async ({ factors, outputs }) => sensitivityOf(factors, outputs),
};
