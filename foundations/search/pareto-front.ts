/** The points that no other point beats in every objective. */

/** +1 where more is better, -1 where less is. */
export type Direction = 1 | -1;

/**
 * Whether each point lies on the Pareto front, one coordinate for each direction; points equal to one on the front lie on it too, and points
 * that are not finite never do. Points are taken from the best in the first objective on, so that only those before one can beat it. With up to
 * three objectives those are kept as stairs (Kung, Luccio and Preparata 1975): O(n log n) but for moving steps along. With more, each point is
 * compared with the whole front so far: O(n times the front).
 */
export function paretoFront(points: readonly (readonly number[])[], directions: readonly Direction[]): boolean[] {
	const axes = directions.length;
	const gains = new Float64Array(points.length * axes);
	const candidates: number[] = [];
	for (const [index, point] of points.entries()) {
		let isNumber = true;
		for (let axis = 0; axis < axes; axis++) {
			const gain = (directions[axis] as number) * (point[axis] ?? Number.NaN);
			gains[index * axes + axis] = gain;
			if (!Number.isFinite(gain)) isNumber = false;
		}
		if (isNumber) candidates.push(index);
	}
	const gain = (index: number, axis: number): number => gains[index * axes + axis] as number;
	/** Larger first, by the first objective that differs. */
	const compare = (a: number, b: number): number => {
		for (let axis = 0; axis < axes; axis++) {
			const difference = gain(b, axis) - gain(a, axis);
			if (difference !== 0) return difference;
		}
		return 0;
	};
	candidates.sort(compare);
	const isOn = points.map(() => false);
	const isBeaten =
		axes <= 3
			? stairs(
					(index) => gain(index, 1),
					(index) => (axes === 3 ? gain(index, 2) : 0),
					axes === 1,
				)
			: wholeFront(gain, axes);
	let last: number | undefined;
	for (const index of candidates) {
		// Equal points follow each other and share what becomes of them. Any other before this one that is no worse in the rest is better somewhere.
		isOn[index] = last !== undefined && compare(last, index) === 0 ? (isOn[last] as boolean) : !isBeaten(index);
		last = index;
	}
	return isOn;
}

/**
 * Says of one point after the other whether one before it is at least as good in `first` and in `second`. Kept are the points that none other
 * is at least as good as: with `first` falling, `second` rises. With `isAny` every point before is.
 */
function stairs(first: (index: number) => number, second: (index: number) => number, isAny: boolean): (index: number) => boolean {
	const steps: number[] = [];
	return (index) => {
		if (isAny) return steps.push(index) > 1;
		const [a, b] = [first(index), second(index)];
		// Number of steps that are at least as good in the first.
		let [low, high] = [0, steps.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (first(steps[middle] as number) >= a) low = middle + 1;
			else high = middle;
		}
		// The last of them is the best in the second.
		if (low > 0 && second(steps[low - 1] as number) >= b) return true;
		const from = low > 0 && first(steps[low - 1] as number) === a ? low - 1 : low;
		let to = low;
		while (to < steps.length && second(steps[to] as number) <= b) to++;
		steps.splice(from, to - from, index);
		return false;
	};
}

/** Says of one point after the other whether one on the front before it is at least as good in all but the first objective. */
function wholeFront(gain: (index: number, axis: number) => number, axes: number): (index: number) => boolean {
	const front: number[] = [];
	return (index) => {
		const isBeaten = front.some((rival) => {
			for (let axis = 1; axis < axes; axis++) if (gain(rival, axis) < gain(index, axis)) return false;
			return true;
		});
		if (!isBeaten) front.push(index);
		return isBeaten;
	};
}
