/** What a reader has set for this browser, kept in cookies. */

/** Light, dark, or as the reader's system says. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = 'assay_theme';

export function themeOf(cookie: string | undefined): Theme {
	return themes.find((theme) => theme === cookie) ?? 'auto';
}

/** Whether single keys act in lists of papers: `on` unless it was switched off. */
export const keysCookie = 'assay_keys';
