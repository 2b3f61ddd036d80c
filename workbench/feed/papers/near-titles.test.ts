import { onBothEngines } from '@assay/database/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { titledPaper } from '../importers/import.ts';
import { importPapers } from './import-papers.ts';
import { jaccard, paperSlug, slugOf, titleKey, titleWords, wordTrigrams } from './title.ts';

test('the Jaccard index of word trigrams, by hand', () => {
	const trigrams = (title: string) => wordTrigrams(titleWords(title));
	expect([...trigrams('One two, THREE four')]).toEqual(['one two three', 'two three four']);
	expect(jaccard(trigrams('a b c d'), trigrams('a b c e'))).toBe(1 / 3);
	expect(jaccard(trigrams('a b'), trigrams('A, b!'))).toBe(1);
	expect(jaccard(new Set(), new Set())).toBe(0);
});

test.each([
	['ProxylessNAS: Direct Search', 'proxylessnas'],
	['ProSper -- A Python Library', 'prosper'],
	['Analyzing Modern NVIDIA GPU cores', 'analyzing-modern-nvidia-gpu-cores'],
	['Über Größe und Maß', 'uber-große-und-maß'],
	['量子计算', '量子计算'],
])('slug of %s', (title, slug) => expect(paperSlug(title)).toBe(slug));

test('keys and slugs of any text are usable', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
			expect(slugOf(text)).toMatch(/^[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*$/u);
			expect(slugOf(slugOf(text))).toBe(slugOf(text));
			expect(titleKey(titleKey(text))).toBe(titleKey(text));
		}),
	);
	expect(titleKey('ﬁne—Ｔｉｔｌｅ No. 1')).toBe('finetitleno1');
	expect(titleKey(' ?! ')).toBe('?!');
});

/** Long titles of few words, many of which differ in one place only. */
const titles = fc.uniqueArray(
	fc
		.tuple(fc.constantFrom(11, 12, 13, 25), fc.constantFrom('', 'x', 'y'), fc.constantFrom('', 'z'), fc.constantFrom(0, 1))
		.map(([length, before, after, shift]) =>
			[before, ...Array.from({ length }, (_, index) => `w${index + shift}`), after].filter((word) => word !== '').join(' '),
		),
	{ minLength: 25, maxLength: 40 },
);

onBothEngines(({ open, engine }) => {
	test('near-duplicates are those that comparing all pairs finds, for few new papers and for many', async () => {
		await fc.assert(
			fc.asyncProperty(titles, async (list) => {
				const truth = list.flatMap((one, index) =>
					list
						.slice(index + 1)
						.filter((other) => jaccard(wordTrigrams(titleWords(one)), wordTrigrams(titleWords(other))) >= 0.9)
						.map((other) => [one, other].sort().join(' | ')),
				);
				for (const size of [1, list.length]) {
					const database = await open();
					for (let start = 0; start < list.length; start += size) {
						const papers = list.slice(start, start + size).map((title) => titledPaper(title, null));
						await importPapers(database, { papers, messages: [], listing: null }, { source: 'csv', now: new Date(0) });
					}
					const pairs = await database.kysely
						.selectFrom('merge_candidates')
						.innerJoin('papers as one', 'one.id', 'merge_candidates.paper_id')
						.innerJoin('papers as other', 'other.id', 'merge_candidates.other_id')
						.select(['one.title as a', 'other.title as b'])
						.execute();
					const found = pairs.map(({ a, b }) => [a, b].sort().join(' | ')).sort();
					// At most five are named for each new paper.
					if (truth.length <= 5) expect(found).toEqual(truth.sort());
					else expect(truth).toEqual(expect.arrayContaining(found));
					await database.close();
				}
			}),
			{ numRuns: engine === 'sqlite' ? 6 : 1 },
		);
	});
});
