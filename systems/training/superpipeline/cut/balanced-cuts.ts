/**
 * Cuts a chain where nothing repeats: of all ways to make at most so many units by cutting at allowed places, one whose largest unit is
 * smallest. Whether units of at most b bytes suffice is answered by filling greedily, so b itself is found by halving.
 */

/** `weights`: bytes of each part between two allowed places. Returns how many parts each unit takes. */
export function balancedCuts(weights: readonly number[], units: number): number[] {
	if (!(units >= 1)) throw new RangeError('at least one unit');
	let low = Math.max(0, ...weights);
	let high = weights.reduce((sum, one) => sum + one, 0);
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (fill(weights, middle).length <= units) high = middle;
		else low = middle + 1;
	}
	return fill(weights, low);
}

function fill(weights: readonly number[], bytes: number): number[] {
	const sizes: number[] = [];
	let [parts, held] = [0, 0];
	for (const weight of weights) {
		if (parts > 0 && held + weight > bytes) {
			sizes.push(parts);
			[parts, held] = [0, 0];
		}
		parts++;
		held += weight;
	}
	if (parts > 0) sizes.push(parts);
	return sizes;
}
