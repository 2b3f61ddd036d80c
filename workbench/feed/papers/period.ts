/** Days, ISO weeks and months as they stand in addresses. */
import { InputError } from '@assay/contract';
import { calendarDay } from '../importers/values.ts';

export interface Period {
	readonly kind: 'day' | 'week' | 'month';
	/** `2025-12-26`, `2025-W52` or `2025-12`. */
	readonly name: string;
	readonly firstDay: string;
	/** Inclusive. */
	readonly lastDay: string;
}

const DAY_MILLISECONDS = 86_400_000;

/** Raises an InputError for what is no day of the calendar. */
export function dayPeriod(day: string): Period {
	const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.slice(1).map(Number) ?? [];
	if (year === undefined || month === undefined || date === undefined || calendarDay(year, month, date) === null)
		throw new InputError({ path: ['date'], found: JSON.stringify(day.slice(0, 40)), expected: 'a day such as 2025-12-26' });
	return { kind: 'day', name: day, firstDay: day, lastDay: day };
}

/** Raises an InputError for what is no month. */
export function monthPeriod(month: string): Period {
	const [year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month)?.slice(1).map(Number) ?? [];
	if (year === undefined || number === undefined || year < 1000)
		throw new InputError({ path: ['month'], found: JSON.stringify(month.slice(0, 40)), expected: 'a month such as 2025-12' });
	return { kind: 'month', name: month, firstDay: `${month}-01`, lastDay: isoDay(Date.UTC(year, number, 0)) };
}

/** ISO 8601: weeks begin on Monday, and week 1 holds 4 January. Raises an InputError for a week that its year has not. */
export function weekPeriod(week: string): Period {
	const [year, number] = /^(\d{4})-W(\d{2})$/.exec(week)?.slice(1).map(Number) ?? [];
	if (year !== undefined && number !== undefined && year >= 1000 && number >= 1) {
		const monday = mondayOf(Date.UTC(year, 0, 4)) + (number - 1) * 7 * DAY_MILLISECONDS;
		if (weekName(monday) === week)
			return { kind: 'week', name: week, firstDay: isoDay(monday), lastDay: isoDay(monday + 6 * DAY_MILLISECONDS) };
	}
	throw new InputError({ path: ['week'], found: JSON.stringify(week.slice(0, 40)), expected: 'a week such as 2025-W52' });
}

/** The name of the period of a kind that holds a day. */
export function periodOf(day: string, kind: Period['kind']): string {
	if (kind === 'day') return day;
	return kind === 'month' ? day.slice(0, 7) : weekName(Date.parse(day));
}

/** A week belongs to the year of its Thursday. */
function weekName(time: number): string {
	const thursday = mondayOf(time) + 3 * DAY_MILLISECONDS;
	const year = new Date(thursday).getUTCFullYear();
	const number = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MILLISECONDS));
	return `${year}-W${String(number).padStart(2, '0')}`;
}

function mondayOf(time: number): number {
	return time - ((new Date(time).getUTCDay() + 6) % 7) * DAY_MILLISECONDS;
}

function isoDay(time: number): string {
	return new Date(time).toISOString().slice(0, 10);
}
