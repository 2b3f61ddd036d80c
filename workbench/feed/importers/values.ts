/** Values that foreign sources write in many ways, read strictly: what is not certain is null. */

/** The text with white space made single, without NUL and halves of characters, which databases refuse; null where nothing is left. */
export function cleanText(value: unknown): string | null {
	if (typeof value !== 'string') return null;
	const text = value.toWellFormed().normalize('NFC').replaceAll('\0', ' ').replace(/\s+/g, ' ').trim();
	return text === '' ? null : text;
}

/** An integer from 0 to 1,000,000,000, given as a number or as digits; else null. */
export function cleanCount(value: unknown): number | null {
	const number = typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
	return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 1e9 ? number : null;
}

/** The day of a date or time that starts with `YYYY-MM-DD` or `YYYY/MM/DD`, if it exists in the calendar; else null. */
export function cleanDay(value: unknown): string | null {
	const match = typeof value === 'string' ? /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?![\d.])/.exec(value) : null;
	return match ? calendarDay(Number(match[1]), Number(match[2]), Number(match[3])) : null;
}

/** `YYYY-MM-DD` for a day that exists from year 1000 to 9999; else null. Months count from 1. */
export function calendarDay(year: number, month: number, day: number): string | null {
	if (!(year >= 1000 && year <= 9999)) return null;
	const date = new Date(Date.UTC(year, month - 1, day));
	return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.toISOString().slice(0, 10) : null;
}

/** A DOI in lower case without its resolver or `doi:`; null where the text holds none. */
export function cleanDoi(value: unknown): string | null {
	if (typeof value !== 'string' || value.length > 500) return null;
	const match = /^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)?(10\.\d{4,9}\/[^\s"<>]+)$/i.exec(value.trim());
	return match?.[1]?.toLowerCase() ?? null;
}

/** An http or https URL of at most 2,000 characters as it was written; else null. */
export function cleanUrl(value: unknown): string | null {
	if (typeof value !== 'string') return null;
	const text = value.trim();
	if (text.length > 2000 || !/^https?:\/\/[^\s"<>\\^`{}|]+$/i.test(text) || !URL.canParse(text)) return null;
	return text;
}

/** Non-empty names, white space made single, each once, in order; null where none is left. */
export function cleanNames(values: readonly unknown[]): string[] | null {
	const names = [...new Set(values.flatMap((value) => cleanText(value)?.slice(0, 300) ?? []))];
	return names.length > 0 ? names : null;
}

/** Only those links that have a URL. */
export function cleanLinks(links: Readonly<Record<string, unknown>>): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const [kind, value] of Object.entries(links)) {
		const url = cleanUrl(value);
		if (url !== null && /^[a-z][a-z0-9-]{0,30}$/.test(kind)) kept[kind] = url;
	}
	return kept;
}
