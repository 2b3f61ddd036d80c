/** How the feed is used, in counts. */
import type { AssayDatabase, Database } from '@assay/database';

const COUNTED = ['papers', 'users', 'votes', 'comments'] as const satisfies readonly (keyof Database)[];

export interface FeedStatistics {
	readonly papers: number;
	readonly users: number;
	readonly votes: number;
	readonly comments: number;
	readonly subscribers: number;
}

export async function feedStatistics({ kysely }: AssayDatabase): Promise<FeedStatistics> {
	const count = async (table: (typeof COUNTED)[number]): Promise<number> => {
		const row = await kysely
			.selectFrom(table)
			.select(({ fn }) => fn.countAll<number>().as('count'))
			.executeTakeFirstOrThrow();
		return Number(row.count);
	};
	const [papers = 0, users = 0, votes = 0, comments = 0] = await Promise.all(COUNTED.map(count));
	const active = await kysely
		.selectFrom('subscriptions')
		.select(({ fn }) => fn.countAll<number>().as('count'))
		.where('state', '=', 'active')
		.executeTakeFirstOrThrow();
	return { papers, users, votes, comments, subscribers: Number(active.count) };
}
