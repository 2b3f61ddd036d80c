/** What travels between a worker and the processes that are its hands. */
import type { RunLimits } from '@assay/contract';
import type { Outcome, Report, Work } from '../worker-protocol.ts';

export type ToHand =
	| { readonly kind: 'work'; readonly work: Work; readonly limits: RunLimits }
	/** Stop at the next pause. */
	| { readonly kind: 'stop' };

export type FromHand =
	/** The work has arrived; its time runs from here. */
	| { readonly kind: 'begun' }
	| Extract<Report, { readonly kind: 'progress' | 'log' }>
	| {
			readonly kind: 'outcome';
			readonly outcome: Outcome;
			/** The process ends after this. */
			readonly isLeaving: boolean;
	  };
