/**
 * Papers with nearly the same title: a Jaccard index of at least 0.9 over word trigrams, found without comparing all pairs.
 *
 * If two sets are that alike, any floor(n/10) + 1 members of one of n members contain a common one. So a title's candidates
 * are those that hold one of a few of its trigrams ("probes"). For a few titles the database looks the probes up in its keys;
 * for many, both sides choose their probes in one order, rarest first, and two alike titles must then share a probe.
 */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { jaccard, titleWords, wordTrigrams } from './title.ts';

const THRESHOLD = 0.9;
/** More new papers than this are looked up in memory. */
const FEW = 20;
/** A probe that so many titles share says nothing; of a paper's many near-duplicates so many are named. */
const MAX_CANDIDATES = 200;
const MAX_PAIRS = 5;

export interface NearTitle {
	readonly paperId: number;
	readonly otherId: number;
	/** From 0.9 to 1. */
	readonly similarity: number;
}

interface Titled {
	readonly id: number;
	readonly title: string;
}

/** For new papers, stored already, the papers with nearly their title; the older one of a pair first. */
export async function nearTitles(transaction: Transaction<Database>, papers: readonly Titled[]): Promise<NearTitle[]> {
	const pairs = new Map<string, NearTitle>();
	const compare = (paper: Titled, others: readonly Titled[]): void => {
		const trigrams = wordTrigrams(titleWords(paper.title));
		let found = 0;
		for (const other of others) {
			if (other.id === paper.id || found >= MAX_PAIRS) continue;
			const similarity = jaccard(trigrams, wordTrigrams(titleWords(other.title)));
			if (similarity < THRESHOLD) continue;
			found += 1;
			const [paperId, otherId] = [Math.min(paper.id, other.id), Math.max(paper.id, other.id)];
			pairs.set(`${paperId} ${otherId}`, { paperId, otherId, similarity });
		}
	};
	if (papers.length > FEW) {
		const all = await transaction.selectFrom('papers').select(['id', 'title']).orderBy('id').execute();
		const candidates = rareProbeIndex(all);
		for (const paper of papers) compare(paper, candidates(paper));
	} else for (const paper of papers) compare(paper, await lookUp(transaction, paper));
	return [...pairs.values()].sort((one, other) => one.paperId - other.paperId || one.otherId - other.otherId);
}

async function lookUp(transaction: Transaction<Database>, { title }: Titled): Promise<Titled[]> {
	const trigrams = [...wordTrigrams(titleWords(title))];
	const probes = trigrams.slice(0, probeCount(trigrams.length)).map((trigram) => trigram.replaceAll(' ', ''));
	return transaction
		.selectFrom('papers')
		.select(['id', 'title'])
		.where((eb) => eb.or(probes.map((probe) => eb('title_key', 'like', `%${probe}%`))))
		.orderBy('id')
		.limit(MAX_CANDIDATES)
		.execute();
}

function rareProbeIndex(all: readonly Titled[]): (paper: Titled) => Titled[] {
	const counts = new Map<string, number>();
	for (const { title } of all)
		for (const trigram of wordTrigrams(titleWords(title))) counts.set(trigram, (counts.get(trigram) ?? 0) + 1);
	const probesOf = ({ title }: Titled): string[] => {
		const trigrams = [...wordTrigrams(titleWords(title))];
		trigrams.sort((one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0) || (one < other ? -1 : 1));
		return trigrams.slice(0, probeCount(trigrams.length));
	};
	const holders = new Map<string, Titled[]>();
	for (const paper of all)
		for (const probe of probesOf(paper)) {
			if (counts.get(probe) === 1) continue;
			const known = holders.get(probe);
			if (known === undefined) holders.set(probe, [paper]);
			else if (known.length < MAX_CANDIDATES) known.push(paper);
		}
	return (paper) => [...new Set(probesOf(paper).flatMap((probe) => holders.get(probe) ?? []))];
}

function probeCount(trigrams: number): number {
	return Math.floor(trigrams * (1 - THRESHOLD) + 1e-9) + 1;
}
