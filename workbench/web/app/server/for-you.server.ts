/** Papers like those that the visitor voted for. */
import { forYou, userActivity } from '@assay/feed';
import type { RequestContext } from '@assay/server';

/** Chance draws what the upvoted papers are compared with; the same visitor with the same votes gets the same list. */
const SEED = 1;

/** Best first; none while the visitor has not voted. */
export async function idsForVisitor({ services, visitor }: RequestContext, offset: number, limit: number): Promise<number[]> {
	if (visitor === null) return [];
	const { voted } = await userActivity(services.database, visitor.id);
	const vectors = await services.search.current.paperVectors();
	return forYou(vectors, voted, { limit: offset + limit, seed: SEED })
		.slice(offset)
		.map(({ id }) => id);
}
