/** The dates of the text page: `Sep 8`, `Jul 2, 2024`, `Nov 21 1`. A year is printed only where it differs from the page's. */
import { calendarDay } from './values.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAY = `(${MONTHS.join('|')}) ([1-9]\\d?)`;
const LABEL = new RegExp(`^${MONTH_DAY}$`);
const STAMP = new RegExp(`^(${MONTH_DAY}(?:, (\\d{4}))?)(?: (\\d{1,9}))?$`);

export interface MonthDay {
	/** From 1. */
	readonly month: number;
	readonly day: number;
}

export interface Stamp extends MonthDay {
	/** Month, day and year as printed, without the comments. */
	readonly label: string;
	readonly year: number | null;
	/** The number beside the speech bubble. */
	readonly comments: number | null;
}

/** Reads a page's label such as `Dec 26`; null for any other text. */
export function parseLabel(text: string): MonthDay | null {
	const match = LABEL.exec(text);
	return match ? { month: MONTHS.indexOf(match[1] ?? '') + 1, day: Number(match[2]) } : null;
}

/** Prints a page's label: `2025-12-26` is `Dec 26`. */
export function printLabel(day: string): string {
	return `${MONTHS[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8, 10))}`;
}

/** Reads the last line of a footer; null for any other text. */
export function parseStamp(text: string): Stamp | null {
	const match = STAMP.exec(text);
	if (!match) return null;
	const [, label = '', month = '', day, year, comments] = match;
	return {
		label,
		month: MONTHS.indexOf(month) + 1,
		day: Number(day),
		year: year === undefined ? null : Number(year),
		comments: comments === undefined ? null : Number(comments),
	};
}

/**
 * The year of a page without one. A page prints exactly the years that differ from its own, so its year is the smallest
 * one above all printed years; years that would put it after the year of `today` (`YYYY-MM-DD`) count as mistakes. Where no
 * year is printed, it is the last one in which the label's day was not after `today`.
 */
export function inferPageYear(label: MonthDay, printedYears: readonly number[], today: string): number {
	const thisYear = Number(today.slice(0, 4));
	const past = printedYears.filter((year) => year < thisYear);
	if (past.length > 0) return past.reduce((latest, year) => Math.max(latest, year), 0) + 1;
	const day = calendarDay(thisYear, label.month, label.day);
	return day !== null && day <= today ? thisYear : thisYear - 1;
}

/** The day of a stamp on a page of this day: without a year the page's, or the year before if that would lie after the page. */
export function resolveStamp(stamp: Stamp, pageDay: string): string | null {
	if (stamp.year !== null) return calendarDay(stamp.year, stamp.month, stamp.day);
	const pageYear = Number(pageDay.slice(0, 4));
	const sameYear = calendarDay(pageYear, stamp.month, stamp.day);
	return sameYear !== null && sameYear <= pageDay ? sameYear : calendarDay(pageYear - 1, stamp.month, stamp.day);
}
