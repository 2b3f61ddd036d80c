/** A module made at build time: the systems that run in a browser, by slug, each loaded when it is used. */
import { catalog } from '@assay/catalog';
import type { Plugin } from 'vite';

const NAME = 'virtual:anywhere-systems';

export function anywhereSystems(): Plugin {
	return {
		name: 'assay-anywhere-systems',
		resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
		load: (id) => {
			if (id !== `\0${NAME}`) return undefined;
			const slugs = catalog.filter((entry) => entry.card.runsOn === 'anywhere').map((entry) => entry.card.slug);
			return `export default { ${slugs.map((slug) => `'${slug}': () => import('@assay/${slug}')`).join(', ')} };`;
		},
	};
}
