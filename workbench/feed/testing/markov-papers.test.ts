import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { fillDatabase, madePapers } from './markov-papers.ts';

const texts = [
	{ title: 'Fast kernels for small models', abstract: 'We write fast kernels. Small models run on fast hardware.' },
	{ title: 'Small hardware for fast models', abstract: 'Fast hardware runs small kernels for models. We measure.' },
];
const options = { seed: 1, lastDay: '2025-12-26', voters: 50 };

test('the same seed gives the same papers, another one others', () => {
	expect([...madePapers(texts, 40, options)]).toEqual([...madePapers(texts, 40, options)]);
	expect([...madePapers(texts, 40, options)]).not.toEqual([...madePapers(texts, 40, { ...options, seed: 2 })]);
});

test('words follow one another as in the texts; days span eight years; votes follow Zipf', () => {
	const papers = [...madePapers(texts, 1_000, options)];
	const pairs = new Set(
		texts.flatMap(({ abstract }) => abstract.split(' ').map((word, index, all) => `${word} ${all[index + 1]}`)),
	);
	const starts = new Set(texts.map(({ abstract }) => abstract.split(' ')[0]));
	for (const { abstract } of papers.slice(0, 50)) {
		const words = abstract.split(' ');
		expect(words.length).toBeGreaterThanOrEqual(60);
		words.slice(1).forEach((word, index) => {
			expect(pairs.has(`${words[index]} ${word}`) || starts.has(word)).toBe(true);
		});
	}
	expect([papers[0]?.day.slice(0, 7), papers.at(-1)?.day]).toEqual(['2017-12', '2025-12-26']);
	const votes = papers.map((paper) => paper.votes).sort((a, b) => b - a);
	expect(votes.slice(0, 5)).toEqual([50, 25, 16, 12, 10]);
	expect(votes.at(-1)).toBe(0);
});

onBothEngines(({ open }) => {
	test('a database is filled with the papers, the voters and their votes', async () => {
		const database = await open();
		const ids = await fillDatabase(database, texts, 500, options);
		expect(new Set(ids).size).toBe(500);
		const wanted = [...madePapers(texts, 500, options)];
		const count = async (table: 'papers' | 'users' | 'votes'): Promise<number> => {
			const row = await database.kysely
				.selectFrom(table)
				.select(({ fn }) => fn.countAll<number>().as('rows'))
				.executeTakeFirstOrThrow();
			return row.rows;
		};
		expect(await count('papers')).toBe(500);
		expect(await count('users')).toBe(50);
		expect(await count('votes')).toBe(wanted.reduce((sum, paper) => sum + paper.votes, 0));
		const last = await database.kysely
			.selectFrom('papers')
			.selectAll()
			.where('id', '=', ids.at(-1) ?? 0)
			.executeTakeFirst();
		expect(last).toMatchObject({ title: wanted.at(-1)?.title, abstract: wanted.at(-1)?.abstract, listed_on: '2025-12-26' });
	});
});
