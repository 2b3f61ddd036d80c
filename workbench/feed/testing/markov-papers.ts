/**
 * Any number of made-up papers, for tests of scale: titles and abstracts by word-level Markov chains (order 1) trained on
 * given texts, days spread over eight years, votes by Zipf's law. The same seed gives the same papers.
 */
import { createRandom, type Random } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';

export interface SampleText {
	readonly title: string;
	readonly abstract: string;
}

export interface MadePaper {
	/** From 0. */
	readonly index: number;
	readonly title: string;
	readonly abstract: string;
	/** `YYYY-MM-DD`. */
	readonly day: string;
	/** Distinct voters: the paper at place r of the popularity order gets `voters / r`. */
	readonly votes: number;
}

export interface MadePapersOptions {
	readonly seed: number;
	/** The days end here, `YYYY-MM-DD`. */
	readonly lastDay: string;
	readonly voters?: number;
}

const DAYS = 8 * 365;
const DAY_MS = 86_400_000;

/** Makes papers one by one; memory does not grow with their number, except for 4 bytes each. */
export function* madePapers(texts: readonly SampleText[], count: number, options: MadePapersOptions): Generator<MadePaper> {
	const random = createRandom(options.seed);
	const titles = new Chain(texts.map((text) => text.title));
	const abstracts = new Chain(texts.map((text) => text.abstract));
	const places = random.fork('places').shuffle(Uint32Array.from({ length: count }, (_, index) => index + 1));
	const last = Date.parse(`${options.lastDay}T00:00:00Z`);
	for (let index = 0; index < count; index++) {
		const own = random.fork(index);
		const age = Math.floor((DAYS * (count - 1 - index)) / count);
		yield {
			index,
			title: titles.walk(own, 4, 14),
			abstract: abstracts.walk(own, 60, 200),
			day: new Date(last - age * DAY_MS).toISOString().slice(0, 10),
			votes: Math.floor((options.voters ?? 5_000) / places[index]!),
		};
	}
}

/** Which words follow which. */
class Chain {
	private readonly starts: string[] = [];
	private readonly followers = new Map<string, string[]>();

	constructor(texts: readonly string[]) {
		for (const text of texts) {
			const words = text.split(/\s+/).filter((word) => word !== '');
			if (words[0] !== undefined) this.starts.push(words[0]);
			words.slice(1).forEach((word, index) => {
				const before = words[index]!;
				const known = this.followers.get(before);
				if (known === undefined) this.followers.set(before, [word]);
				else known.push(word);
			});
		}
	}

	/** A text of `least` to `most` words; where the chain ends it begins again. */
	walk(random: Random, least: number, most: number): string {
		const length = least + random.integer(most - least + 1);
		const words: string[] = [];
		let word: string | undefined;
		while (words.length < length) {
			const next: readonly string[] = (word === undefined ? undefined : this.followers.get(word)) ?? this.starts;
			word = next[random.integer(next.length)] ?? '';
			words.push(word);
		}
		return words.join(' ');
	}
}

const CHUNK = 400;

/** Writes made papers with their voters (accounts `voter-1` and on) and votes into a database; gives the papers' ids in order. */
export async function fillDatabase(
	database: AssayDatabase,
	texts: readonly SampleText[],
	count: number,
	options: MadePapersOptions,
): Promise<number[]> {
	const voters = await addVoters(database, options);
	const random = createRandom(options.seed).fork('votes');
	const ids: number[] = [];
	let chunk: MadePaper[] = [];
	const write = async (): Promise<void> => {
		ids.push(...(await addPapers(database, chunk, voters, random)));
		chunk = [];
	};
	for (const paper of madePapers(texts, count, options)) {
		chunk.push(paper);
		if (chunk.length === CHUNK) await write();
	}
	if (chunk.length > 0) await write();
	return ids;
}

async function addVoters(database: AssayDatabase, options: MadePapersOptions): Promise<readonly number[]> {
	const created_at = new Date(Date.parse(`${options.lastDay}T00:00:00Z`) - (DAYS + 10) * DAY_MS).toISOString();
	const ids: number[] = [];
	const handles = Array.from({ length: options.voters ?? 5_000 }, (_, index) => `voter-${index + 1}`);
	for (let start = 0; start < handles.length; start += CHUNK) {
		const users = handles.slice(start, start + CHUNK).map((handle) => ({ handle, role: 'user' as const, created_at }));
		const rows = await database.kysely.insertInto('users').values(users).returning('id').execute();
		ids.push(...rows.map(({ id }) => id));
	}
	return ids;
}

function addPapers(
	database: AssayDatabase,
	papers: readonly MadePaper[],
	voters: readonly number[],
	random: Random,
): Promise<readonly number[]> {
	return database.kysely.transaction().execute(async (transaction) => {
		const rows = await transaction.insertInto('papers').values(papers.map(paperRow)).returning(['id', 'slug']).execute();
		const idOf = new Map(rows.map(({ id, slug }) => [slug, id]));
		const ids = papers.map((paper) => idOf.get(slugOf(paper))!);
		const votes = papers.flatMap((paper, index) => votesOf(paper, ids[index]!, voters, random));
		for (let start = 0; start < votes.length; start += CHUNK) {
			await transaction
				.insertInto('votes')
				.values(votes.slice(start, start + CHUNK))
				.execute();
		}
		return ids;
	});
}

function slugOf({ index }: MadePaper): string {
	return `made-${index}`;
}

function paperRow(paper: MadePaper) {
	const { title, abstract, day } = paper;
	const at = `${day}T00:00:00.000Z`;
	const titleKey = title.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
	return {
		slug: slugOf(paper),
		title,
		abstract,
		title_key: titleKey,
		published_on: day,
		listed_on: day,
		created_at: at,
		updated_at: at,
	};
}

/** Voters side by side from a random start, within 72 hours of the day. */
function votesOf({ votes, day }: MadePaper, paper: number, voters: readonly number[], random: Random) {
	const first = random.integer(voters.length);
	const from = Date.parse(`${day}T00:00:00Z`);
	return Array.from({ length: votes }, (_, index) => ({
		user_id: voters[(first + index) % voters.length]!,
		paper_id: paper,
		at: new Date(from + random.integer(3 * DAY_MS)).toISOString(),
		weight: 1,
		network: null,
	}));
}
