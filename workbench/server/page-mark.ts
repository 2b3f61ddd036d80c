/** What pages show comes from the database and from what this process is doing. */
import type { Services } from './services.ts';

/** Differs after any change of either; null where the database cannot tell of changes cheaply. */
export function pageMark({ database, queue }: Pick<Services, 'database' | 'queue'>): string | null {
	const mark = database.changeMark();
	return mark === null ? null : `${mark} ${queue.stamp}`;
}
