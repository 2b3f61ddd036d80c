/** Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): the sum over the lists of 1 / (60 + rank), ranks from 1. */

const OFFSET = 60;

export interface Fused {
	readonly id: number;
	readonly score: number;
}

/** Of lists with the best first, each id at most once in a list; ties by the larger id. */
export function fuse(lists: readonly (readonly number[])[]): Fused[] {
	const scores = new Map<number, number>();
	for (const list of lists) {
		list.forEach((id, index) => {
			scores.set(id, (scores.get(id) ?? 0) + 1 / (OFFSET + index + 1));
		});
	}
	return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || b.id - a.id);
}
