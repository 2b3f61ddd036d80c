/** Which sweep gets the next free hand: of those with the highest priority the one that has the fewest runs at work. */

export interface ActiveSweep {
	readonly id: string;
	readonly priority: number;
	/** Runs at work, on all workers. */
	readonly running: number;
	/** Runs that wait. */
	readonly waiting: number;
}

/**
 * How many of `hands` free hands each sweep gets; sweeps with none are left out. Sweeps come in the order in which ties are broken. A sweep
 * with nothing waiting is asked for one run if hands are left: its queue may deliver again what a dead worker held.
 */
export function shareHands(sweeps: readonly ActiveSweep[], hands: number): Map<string, number> {
	const shares = new Map<string, number>();
	const shareOf = (sweep: ActiveSweep): number => shares.get(sweep.id) ?? 0;
	for (let hand = 0; hand < hands; hand++) {
		let next: ActiveSweep | undefined;
		for (const sweep of sweeps) {
			if (shareOf(sweep) >= Math.max(1, sweep.waiting)) continue;
			if (next === undefined || comesBefore(sweep, next, shareOf)) next = sweep;
		}
		if (next === undefined) break;
		shares.set(next.id, shareOf(next) + 1);
	}
	return shares;
}

function comesBefore(a: ActiveSweep, b: ActiveSweep, shareOf: (sweep: ActiveSweep) => number): boolean {
	if (a.waiting > 0 !== b.waiting > 0) return a.waiting > 0;
	if (a.priority !== b.priority) return a.priority > b.priority;
	return a.running + shareOf(a) < b.running + shareOf(b);
}
