/**
 * Who updates which sub-group (the paper's algorithm, after DeepSpeed's branch deep-optimizer-states). Offloaded sub-groups
 * come in order; with stride k every k-th goes to the GPU, and the first of each k starts the transfers before it is updated
 * on the CPU: k = 3 is C c G C c G. With a TwinFlow ratio r below 1, the sub-groups beyond the first r of the parameters
 * live on the GPU for ever.
 */

/** `prefetch`: on the CPU, after starting transfers; `cpu`; `gpu`: brought to the GPU and back; `resident`: lives on the GPU. */
export type Place = 'prefetch' | 'cpu' | 'gpu' | 'resident';

/** A rank's sub-groups with their places. */
export interface UpdatePlan {
	/** Parameters of each sub-group. */
	readonly sizes: readonly number[];
	readonly places: readonly Place[];
	/** Null: the default update, everything offloaded on the CPU, one after the other. */
	readonly stride: number | null;
}

/**
 * Plans an update. `ratio` is the share of the parameters whose state is offloaded, rounded to whole sub-groups. `stride` is at
 * least 2 (1 would leave nothing to the GPU, in the code as here) or null. Raises a RangeError otherwise.
 */
export function planUpdate(sizes: readonly number[], ratio: number, stride: number | null): UpdatePlan {
	if (stride !== null && !(Number.isInteger(stride) && stride >= 2))
		throw new RangeError(`a stride is an integer from 2, not ${stride}`);
	const offloaded = offloadedGroups(sizes, ratio);
	const places = sizes.map((_, x): Place => {
		if (x >= offloaded) return 'resident';
		if (stride === null) return 'cpu';
		if (x % stride === 0) return 'prefetch';
		return (x + 1) % stride === 0 ? 'gpu' : 'cpu';
	});
	return { sizes, places, stride };
}

/** How many of the sub-groups, from the first, hold the offloaded share: as many as come nearest to it. */
function offloadedGroups(sizes: readonly number[], ratio: number): number {
	const total = sizes.reduce((sum, size) => sum + size, 0);
	let best = 0;
	let held = 0;
	let nearest = ratio * total;
	for (const [index, size] of sizes.entries()) {
		held += size;
		const distance = Math.abs(held - ratio * total);
		if (distance > nearest) break;
		nearest = distance;
		best = index + 1;
	}
	return best;
}

/** The pattern in letters: C prefetch, c CPU, G GPU, R resident. */
export function patternOf({ places }: UpdatePlan): string {
	const letters: Record<Place, string> = { prefetch: 'C', cpu: 'c', gpu: 'G', resident: 'R' };
	return places.map((place) => letters[place]).join(' ');
}
