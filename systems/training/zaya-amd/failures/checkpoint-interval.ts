/**
 * Closed forms for a job that saves every `interval` of useful work and starts again from the last save after a failure. Failures come at
 * random (Poisson) with a mean of `mtbf` between them, during work, saving and starting alike. Any unit of time, the same for all.
 */

export interface SaveAndRestart {
	/** Mean time between failures of the whole job. */
	readonly mtbf: number;
	/** Time that a save keeps the job from working. */
	readonly save: number;
	/** Detecting, rescheduling and reloading after a failure. */
	readonly restart: number;
}

/** Wall-clock time that an interval of useful work takes on average: M e^{R/M} (e^{(t+d)/M} - 1) (Daly 2006). */
export function expectedWallTime({ mtbf, save, restart }: SaveAndRestart, interval: number): number {
	return mtbf * Math.exp(restart / mtbf) * Math.expm1((interval + save) / mtbf);
}

/** Share of the time that is useful work. */
export function expectedGoodput(job: SaveAndRestart, interval: number): number {
	return interval / expectedWallTime(job, interval);
}

/** Young's interval, sqrt(2 d M) (1974). */
export function youngInterval({ mtbf, save }: SaveAndRestart): number {
	return Math.sqrt(2 * save * mtbf);
}

/** Daly's higher-order interval (2006); the MTBF where a save takes more than twice that long. */
export function dalyInterval({ mtbf, save }: SaveAndRestart): number {
	if (save >= 2 * mtbf) return mtbf;
	const ratio = save / (2 * mtbf);
	return Math.sqrt(2 * save * mtbf) * (1 + Math.sqrt(ratio) / 3 + ratio / 9) - save;
}

/** The interval of greatest expected goodput, by bisection on the derivative: e^{-(t+d)/M} = 1 - t/M. */
export function bestInterval({ mtbf, save }: SaveAndRestart): number {
	if (!(save > 0)) return 0;
	let low = 0;
	let high = mtbf;
	for (let i = 0; i < 200; i++) {
		const middle = (low + high) / 2;
		// Below the optimum, growing the interval still helps.
		if (Math.exp(-(middle + save) / mtbf) < 1 - middle / mtbf) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}
