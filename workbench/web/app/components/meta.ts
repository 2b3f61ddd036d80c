/** Title and description of a page, for browsers, search engines and previews. */
export function pageMeta(title: string, description: string) {
	const full = title === '' ? 'Assay: Daily Papers that you can run' : `${title} · Assay`;
	return [
		{ title: full },
		{ name: 'description', content: description },
		{ property: 'og:title', content: full },
		{ property: 'og:description', content: description },
		{ property: 'og:type', content: 'website' },
		{ property: 'og:site_name', content: 'Assay' },
	];
}
