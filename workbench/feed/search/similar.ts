/** Papers like a paper, and why. */
import type { AssayDatabase } from '@assay/database';
import { meaningOf, type PaperText, readPaperTexts } from './paper-text.ts';
import type { TermWeights } from './term-weights.ts';
import { stem, wordsOf } from './tokens.ts';
import type { VectorTable } from './vector-table.ts';

export interface SimilarPaper {
	readonly id: number;
	/** Cosine of the two papers' vectors. */
	readonly score: number;
	/** What both speak of, as the similar paper writes it; what tells most comes first. */
	readonly terms: readonly string[];
}

/** Scores that agree to this many decimals count as tied; then the number of shared tags decides. */
const DECIMALS = 2;
const TERMS = 5;
/** Candidates beyond those wanted, for ties and hidden papers. */
const SPARE = 20;

/** The nearest visible papers, nearest first. */
export async function similarPapers(
	{ kysely }: AssayDatabase,
	table: VectorTable,
	weights: TermWeights,
	id: number,
	count: number,
): Promise<SimilarPaper[]> {
	const vector = table.get(id);
	if (vector === undefined) return [];
	const near = table.nearest(vector, count + SPARE, (other) => other !== id);
	if (near.length === 0) return [];
	const ids = near.map((paper) => paper.id);
	const shown = await kysely.selectFrom('papers').select('id').where('hidden', '=', 0).where('id', 'in', ids).execute();
	const shared = await kysely
		.selectFrom('paper_tags')
		.select(({ fn }) => ['paper_id', fn.countAll<number>().as('tags')])
		.where('paper_id', 'in', ids)
		.where('tag_id', 'in', (query) => query.selectFrom('paper_tags').select('tag_id').where('paper_id', '=', id))
		.groupBy('paper_id')
		.execute();
	const visible = new Set(shown.map((row) => row.id));
	const tags = new Map(shared.map((row) => [row.paper_id, row.tags]));
	const tied = ({ score }: { score: number }): number => Math.round(score * 10 ** DECIMALS);
	const best = near
		.filter((paper) => visible.has(paper.id))
		.sort((a, b) => tied(b) - tied(a) || (tags.get(b.id) ?? 0) - (tags.get(a.id) ?? 0) || b.score - a.score || b.id - a.id)
		.slice(0, count);
	const texts = new Map((await readPaperTexts(kysely, [id, ...best.map((paper) => paper.id)])).map((text) => [text.id, text]));
	const own = texts.get(id);
	if (own === undefined) return [];
	return best.map(({ id: other, score }) => ({ id: other, score, terms: sharedTerms(weights, own, texts.get(other)) }));
}

/** The terms with the largest product of weights; a pair of words takes the place of its words. */
function sharedTerms(weights: TermWeights, own: PaperText, other: PaperText | undefined): string[] {
	if (other === undefined) return [];
	const text = meaningOf(other);
	const [a, b] = [weights.weighText(meaningOf(own)), weights.weighText(text)];
	const weightOf = new Map(Array.from(a.indices, (term, entry) => [term, a.values[entry]!]));
	const shared = Array.from(b.indices, (term, entry) => ({ term, product: (weightOf.get(term) ?? 0) * b.values[entry]! }))
		.filter(({ product }) => product > 0)
		.sort((x, y) => y.product - x.product || x.term - y.term)
		.slice(0, 4 * TERMS)
		.map(({ term }) => weights.terms[term]!.split(' '));
	const told: string[][] = [];
	for (const stems of shared) {
		const known = told.findIndex((earlier) => earlier.some((part) => stems.includes(part)));
		if (known < 0) told.push(stems);
		else if (stems.length > told[known]!.length) told[known] = stems;
	}
	const written = new Map(wordsOf(text).map((word) => [stem(word), word]));
	return told.slice(0, TERMS).map((stems) => stems.map((part) => written.get(part) ?? part).join(' '));
}
