/** Finds the repeated part of a chain of parts. */

export interface Repetition {
	/** First part that belongs to it. */
	readonly start: number;
	/** Parts in one unit. */
	readonly period: number;
	readonly count: number;
}

/**
 * The stretch `AB AB AB` of a chain of signatures that holds the most weight: for each period p the longest runs in which part i equals
 * part i + p; of equals the shortest period, for its units are smallest. A run may be entered at several places; `cost` of a part's
 * start decides (fewer tensors carried there). Undefined where nothing stands twice in a row.
 */
export function findRepetition(
	signatures: readonly string[],
	weights: readonly number[],
	cost: (start: number) => number,
): Repetition | undefined {
	const count = signatures.length;
	const sums = [0];
	for (const weight of weights) sums.push((sums.at(-1) as number) + weight);
	let best: (Repetition & { readonly weight: number }) | undefined;
	for (let period = 1; 2 * period <= count; period++) {
		for (let i = 0; i + period < count; i++) {
			let end = i;
			while (end + period < count && signatures[end] === signatures[end + period]) end++;
			if (end === i) continue;
			const repeats = Math.floor((end + period - i) / period);
			const slack = end + period - i - repeats * period;
			if (repeats >= 2) {
				for (let shift = 0; shift <= slack; shift++) {
					const start = i + shift;
					const weight = (sums[start + repeats * period] as number) - (sums[start] as number);
					const better =
						best === undefined ||
						weight > best.weight ||
						(weight === best.weight && best.period === period && best.count === repeats && cost(start) < cost(best.start));
					if (better) best = { start, period, count: repeats, weight };
				}
			}
			i = end;
		}
	}
	return best === undefined || best.weight === 0 ? undefined : { start: best.start, period: best.period, count: best.count };
}
