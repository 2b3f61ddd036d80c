/** Dates as people read them, in one form everywhere. */
import { Link } from 'react-router';

const MONTHS = [
	'January',
	'February',
	'March',
	'April',
	'May',
	'June',
	'July',
	'August',
	'September',
	'October',
	'November',
	'December',
];

/** `26 December 2025` of `2025-12-26`. */
export function dayText(day: string): string {
	const [year, month, date] = day.slice(0, 10).split('-');
	return `${Number(date)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

/** `December 2025` of `2025-12`. */
export function monthText(month: string): string {
	const [year, number] = month.split('-');
	return `${MONTHS[Number(number) - 1] ?? ''} ${year}`;
}

export function Day({ day, link = false }: { readonly day: string; readonly link?: boolean }) {
	const time = <time dateTime={day.slice(0, 10)}>{dayText(day)}</time>;
	return link ? <Link to={`/date/${day}`}>{time}</Link> : time;
}

/** A moment in UTC: `26 December 2025, 14:03 UTC`. */
export function Moment({ at }: { readonly at: string }) {
	return (
		<time dateTime={at}>
			{dayText(at)}, {at.slice(11, 16)} UTC
		</time>
	);
}

/** `Week 52 of 2025` of `2025-W52`. */
export function weekText(week: string): string {
	const [year, number] = week.split('-W');
	return `Week ${Number(number)} of ${year}`;
}
