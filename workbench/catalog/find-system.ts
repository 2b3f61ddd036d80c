import { InputError, nearestName, show } from '@assay/contract';
import { type CatalogEntry, catalog } from './systems.ts';

/** The entry of a slug, or an InputError with the nearest one. */
export function findSystem(slug: string): CatalogEntry {
	const found = catalog.find((entry) => entry.card.slug === slug);
	if (found !== undefined) return found;
	const slugs = catalog.map((entry) => entry.card.slug);
	throw new InputError({
		path: ['system'],
		found: show(slug),
		expected: `one of ${slugs.join(', ')}`,
		nearest: nearestName(slug, slugs),
	});
}
