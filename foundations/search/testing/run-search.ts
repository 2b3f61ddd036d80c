/** Runs a search to its end. */
import type { SearchMethod, Trial } from '../search-method.ts';
import type { TestFunction } from './test-functions.ts';

export function runSearch(method: SearchMethod, { evaluate }: Pick<TestFunction, 'evaluate'>): Trial[] {
	const trials: Trial[] = [];
	for (;;) {
		const proposals = method.propose(trials);
		if (proposals.length === 0) return trials;
		for (const proposal of proposals) trials.push({ ...proposal, objectives: evaluate(proposal.point as readonly number[]) });
	}
}

/** The least value of the first objective. */
export function least(trials: readonly Trial[]): number {
	return Math.min(...trials.map(({ objectives }) => objectives?.[0] ?? Number.POSITIVE_INFINITY));
}
