/** How evolution makes new coordinates out of old ones, in the unit cube (Deb and Agrawal 1995; Deb and Goyal 1996). */
import type { Random } from '@assay/contract';
import type { SearchSpace } from '../search-space.ts';

/** Larger indices keep children nearer to their parents. */
const CROSSOVER_INDEX = 15;
const MUTATION_INDEX = 20;

/** A child of two parents: simulated binary crossover for numbers, either parent's option for choices. */
export function crossover(space: SearchSpace, a: Float64Array, b: Float64Array, random: Random): Float64Array {
	return a.map((first, index) => {
		const second = b[index] as number;
		if (space.dimensions[index]?.kind === 'choice' || random.uniform() < 0.5) return random.uniform() < 0.5 ? first : second;
		const u = random.uniform();
		const exponent = 1 / (CROSSOVER_INDEX + 1);
		const spread = u <= 0.5 ? (2 * u) ** exponent : (1 / (2 * (1 - u))) ** exponent;
		const side = random.uniform() < 0.5 ? 1 : -1;
		return clamp(0.5 * (first + second) + side * 0.5 * spread * (second - first));
	});
}

/** Changes each coordinate with a chance of 1 over their number: polynomial mutation for numbers, any option for choices. */
export function mutate(space: SearchSpace, coordinates: Float64Array, random: Random): Float64Array {
	return coordinates.map((coordinate, index) => {
		if (random.uniform() >= 1 / coordinates.length) return coordinate;
		if (space.dimensions[index]?.kind === 'choice') return random.uniform();
		const u = random.uniform();
		const exponent = 1 / (MUTATION_INDEX + 1);
		if (u < 0.5) {
			const room = (1 - coordinate) ** (MUTATION_INDEX + 1);
			return clamp(coordinate + (2 * u + (1 - 2 * u) * room) ** exponent - 1);
		}
		const room = coordinate ** (MUTATION_INDEX + 1);
		return clamp(coordinate + 1 - (2 * (1 - u) + 2 * (u - 0.5) * room) ** exponent);
	});
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
