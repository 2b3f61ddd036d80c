/** A sweep made for Sobol indices: the settings of a Saltelli design, as the list of a sweep's specification. */
import { InputError } from '@assay/contract';
import { saltelliDesign } from '@assay/sensitivity';
import { type SearchSpecification, searchSpaceOf } from './search/search-specification.ts';

/**
 * One setting a run, (inputs + 2) for each of `points` points. Raises an InputError for ranges that cannot be, and for fewer than two inputs, whose
 * shares need no design.
 */
export function saltelliSettings(vary: SearchSpecification['vary'], points: number, seed: number): Record<string, unknown>[] {
	if (vary.length < 2)
		throw new InputError({
			path: ['vary'],
			found: 'one input',
			expected: 'two or more inputs whose shares are sought',
		});
	const space = searchSpaceOf({ vary });
	return saltelliDesign(vary.length, points, seed).map((unit) => {
		const point = space.at(unit);
		return Object.fromEntries(vary.map(({ path }, at) => [path, point[at]]));
	});
}
