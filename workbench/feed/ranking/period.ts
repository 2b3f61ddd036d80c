/** The papers of a day, a week, a month, or all. */
export type Period = 'day' | 'week' | 'month' | 'all';

const DAYS: Readonly<Record<Exclude<Period, 'all'>, number>> = { day: 1, week: 7, month: 30 };

/** The first day, `YYYY-MM-DD`, on which a paper must be listed to be of the period that ends with today; null for all. */
export function firstDayOf(period: Period, now: Date): string | null {
	return period === 'all' ? null : new Date(now.getTime() - (DAYS[period] - 1) * 86_400_000).toISOString().slice(0, 10);
}
