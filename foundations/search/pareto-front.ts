/** The points that no other point beats in every objective. */

/** +1 where more is better, -1 where less is. */
export type Direction = 1 | -1;

/**
 * Whether each point lies on the Pareto front, one coordinate for each direction; points equal to one on the front lie on it too, and points
 * that are not finite never do. From the best in the first objective on, a point is on the front if none found so far beats it:
 * O(n log n) for two objectives, O(n times the front) for more.
 */
export function paretoFront(points: readonly (readonly number[])[], directions: readonly Direction[]): boolean[] {
	const candidates = points
		.map((point, index) => ({ index, gains: directions.map((direction, axis) => direction * (point[axis] ?? Number.NaN)) }))
		.filter(({ gains }) => gains.every(Number.isFinite))
		.sort((a, b) => compareGains(a.gains, b.gains));
	const isOn = points.map(() => false);
	const front: (readonly number[])[] = [];
	// Sorted by two objectives, the last point found is the best of all in the second.
	const rivals = (): readonly (readonly number[])[] => (directions.length === 2 ? front.slice(-1) : front);
	for (const { index, gains } of candidates) {
		if (rivals().some((rival) => beats(rival, gains))) continue;
		front.push(gains);
		isOn[index] = true;
	}
	return isOn;
}

/** Larger first, by the first objective that differs. */
function compareGains(a: readonly number[], b: readonly number[]): number {
	for (const [axis, gain] of a.entries()) {
		const difference = (b[axis] as number) - gain;
		if (difference !== 0) return difference;
	}
	return 0;
}

/** At least as good everywhere and better somewhere. */
function beats(rival: readonly number[], gains: readonly number[]): boolean {
	let isBetter = false;
	for (const [axis, gain] of gains.entries()) {
		const other = rival[axis] as number;
		if (other < gain) return false;
		if (other > gain) isBetter = true;
	}
	return isBetter;
}
