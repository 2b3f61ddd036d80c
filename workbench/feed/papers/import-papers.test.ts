import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { type Import, type ImportedPaper, titledPaper } from '../importers/import.ts';
import { importPage } from '../importers/page-text.ts';
import { sample, seedSample } from '../sample/seed-sample.ts';
import { readPaper } from './browse.ts';
import { editPaper } from './edit-paper.ts';
import { exportPage } from './export-papers.ts';
import { importPapers } from './import-papers.ts';
import { mergePapers } from './merge-papers.ts';
import { findPaperId, readCards } from './read-cards.ts';

const first = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const today = '2026-11-27';

const header =
	'new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\nbyAK and the research community\n\nDec 26';
const synthetic = [
	header,
	'Alpha: A First Title of Several Words',
	'An abstract with 6times debris and \\proj.',
	'  • 5 authors\n·\nSep 8',
	'A Second Title Without a Colon at All',
	'<script>alert("xss")</script> stays text.',
	'Zyphra Zyphra\n·\nNov 21 1',
].join('\n\n');
const data = process.env['ASSAY_DATA'];
if (!data) console.warn('skipped: importing the real page, because ASSAY_DATA is not set');
const real = data ? readFileSync(join(data, 'daily-papers/feed-sample.txt'), 'utf8') : '';

const batch = (...papers: (Partial<ImportedPaper> & { title: string })[]): Import => ({
	papers: papers.map((paper, index) => ({ ...titledPaper(paper.title, index + 1), ...paper })),
	messages: [],
	listing: null,
});

/** Every row of every table that this part writes. */
async function dump({ kysely }: AssayDatabase): Promise<unknown> {
	const rows = {
		papers: await kysely.selectFrom('papers').selectAll().orderBy('id').execute(),
		fields: await kysely.selectFrom('paper_fields').selectAll().orderBy('paper_id').orderBy('field').orderBy('source').execute(),
		listings: await kysely
			.selectFrom('listings')
			.selectAll()
			.orderBy('listed_on')
			.orderBy('source')
			.orderBy('position')
			.execute(),
		authors: await kysely.selectFrom('authors').selectAll().orderBy('id').execute(),
		paperAuthors: await kysely.selectFrom('paper_authors').selectAll().orderBy('paper_id').orderBy('position').execute(),
		organisations: await kysely.selectFrom('organisations').selectAll().orderBy('id').execute(),
		paperOrganisations: await kysely.selectFrom('paper_organisations').selectAll().orderBy('paper_id').execute(),
		tags: await kysely.selectFrom('tags').selectAll().orderBy('id').execute(),
		paperTags: await kysely.selectFrom('paper_tags').selectAll().orderBy('paper_id').orderBy('tag_id').execute(),
		candidates: await kysely.selectFrom('merge_candidates').selectAll().orderBy('id').execute(),
		events: await kysely.selectFrom('events').selectAll().orderBy('id').execute(),
	};
	return rows;
}

onBothEngines(({ open, openAgain, engine }) => {
	test('importing a page twice changes nothing, and the page can be printed again', async () => {
		const database = await open();
		const page = importPage(synthetic, { today });
		const once = await importPapers(database, page, { source: 'page-text', now: first });
		expect(once).toMatchObject({ new: 2, updated: 0, unchanged: 0, merged: 0, queued: [] });
		expect(once.entries.map(({ line, slug, outcome }) => [line, slug, outcome])).toEqual([
			[13, 'alpha', 'new'],
			[21, 'a-second-title-without-a-colon', 'new'],
		]);
		const before = await dump(database);
		const twice = await importPapers(database, page, { source: 'page-text', now: later });
		expect(twice).toMatchObject({ new: 0, updated: 0, unchanged: 2, merged: 0, queued: [] });
		expect(await dump(database)).toEqual(before);
		expect(await exportPage(database, '2025-12-26')).toBe(synthetic);
		await expect(exportPage(database, '2025-12-25')).rejects.toThrow(/2025-12-25/);
		expect(await readPaper(database, 'alpha')).toMatchObject({
			abstract: 'An abstract with 6x debris and \\proj.',
			publishedOn: '2025-09-08',
			listedOn: '2025-12-26',
			authorsCount: 5,
			authors: [],
			commentsElsewhere: null,
			upvotesElsewhere: null,
			arxivId: null,
		});
		expect(await readPaper(database, 'a-second-title-without-a-colon')).toMatchObject({
			abstract: '<script>alert("xss")</script> stays text.',
			organisations: [{ slug: 'zyphra', name: 'Zyphra' }],
			authorsCount: null,
			commentsElsewhere: 1,
		});
		const stored = await database.kysely.selectFrom('papers').select('blemishes').where('slug', '=', 'alpha').executeTakeFirst();
		expect(stored).toEqual({ blemishes: '["\\\\proj"]' });
	});

	test.skipIf(!data)(
		'the real page completes the sample and changes nothing else, twice over, and comes out byte for byte',
		async () => {
			const database = await open();
			expect(await seedSample(database, first)).toBe(true);
			const ids = await database.kysely.selectFrom('papers').select('id').orderBy('id').execute();
			const seeded = await readCards(
				database.kysely,
				ids.map(({ id }) => id),
			);
			expect(seeded.map(({ slug }) => slug)).toEqual(sample.map(({ slug }) => slug).toReversed());
			const page = importPage(real, { today });
			const report = await importPapers(database, page, { source: 'page-text', now: later });
			expect(report).toMatchObject({ new: 0, updated: 47, queued: [] });
			const cards = await readCards(
				database.kysely,
				ids.map(({ id }) => id),
			);
			expect(cards.every(({ abstract }) => abstract !== null)).toBe(true);
			const unchanged = { abstract: null, updatedAt: '' };
			expect(cards.map((card) => ({ ...card, ...unchanged }))).toEqual(seeded.map((card) => ({ ...card, ...unchanged })));
			const before = await dump(database);
			expect(await importPapers(database, page, { source: 'page-text', now: new Date() })).toMatchObject({ unchanged: 47 });
			expect(await seedSample(database, new Date())).toBe(false);
			expect(await dump(database)).toEqual(before);
			expect((await exportPage(database, '2025-12-26')) === real).toBe(true);
		},
	);

	test('trust decides what is shown, in whatever order sources come; an edit by hand wins over all', async () => {
		const database = await open();
		const title = 'One Title for All of Them';
		const say = async (source: string, abstract: string | null, more: Partial<ImportedPaper> = {}) =>
			importPapers(database, batch({ title, abstract, ...more }), { source, now: first });
		const shown = async () => (await readPaper(database, 'one-title-for-all-of-them'))?.abstract;
		await say('csv', 'csv');
		await say('page-text', 'page');
		expect(await shown()).toBe('csv');
		await say('arxiv', 'arxiv', { arxivId: '2407.00123', authors: ['Ada', 'Bob'] });
		await say('bibtex', 'bibtex');
		expect(await shown()).toBe('arxiv');
		await say('arxiv', 'arxiv, revised');
		expect(await shown()).toBe('arxiv, revised');
		const id = (await findPaperId(database.kysely, 'one-title-for-all-of-them')) ?? 0;
		expect(await editPaper(database, id, { abstract: 'by hand', title: 'Renamed', tags: ['new'] }, later)).toBe(true);
		expect(await editPaper(database, id, { abstract: 'by hand' }, new Date())).toBe(false);
		// Every source still finds the paper by the title that it knows.
		for (const source of ['arxiv', 'page-text', 'csv'])
			expect(await say(source, 'again')).toMatchObject({ new: 0, unchanged: 1 });
		expect(await readPaper(database, 'one-title-for-all-of-them')).toMatchObject({
			title: 'Renamed',
			abstract: 'by hand',
			arxivId: '2407.00123',
			authorsCount: 2,
			authors: [{ slug: 'ada' }, { slug: 'bob' }],
			tags: [{ slug: 'new', name: 'new' }],
			updatedAt: later.toISOString(),
		});
		const kept = await database.kysely
			.selectFrom('paper_fields')
			.select('source')
			.where('field', '=', 'abstract')
			.orderBy('source')
			.execute();
		expect(kept.map(({ source }) => source)).toEqual(['arxiv', 'bibtex', 'csv', 'manual', 'page-text']);
		await editPaper(database, id, { hidden: true }, later);
		expect(await readPaper(database, 'one-title-for-all-of-them')).toBeNull();
		await expect(editPaper(database, 999, {}, later)).rejects.toThrow(/paper: found 999/);
		await expect(importPapers(database, batch(), { source: 'arxivv', now: first })).rejects.toThrow(/did you mean arxiv/);
	});

	test('tags and links of all sources are joined, but for tags set by hand', async () => {
		const database = await open();
		const say = (source: string, tags: string[], links: Record<string, string>) =>
			importPapers(database, batch({ title: 'Joined', tags, links }), { source, now: first });
		await say('sample', ['training'], { code: 'https://x.org/sample', page: 'https://x.org/page' });
		await say('arxiv', ['cs.AR'], { code: 'https://x.org/arxiv' });
		const { entries } = await say('page-text', [], {});
		const names = async () => (await readPaper(database, 'joined'))?.tags.map(({ name }) => name);
		expect(await names()).toEqual(['cs.AR', 'training']);
		const links = { code: 'https://x.org/arxiv', page: 'https://x.org/page' };
		expect(await readPaper(database, 'joined')).toMatchObject({ links });
		await editPaper(database, entries[0]?.paperId ?? 0, { tags: ['mine'] }, later);
		await say('arxiv', ['cs.LG'], {});
		expect(await names()).toEqual(['mine']);
	});

	test('identity: arXiv id, then DOI, then title; what only resembles is queued', async () => {
		const database = await open();
		const base = 'A Study of the Many Ways in Which Papers Come Twice';
		const report = await importPapers(
			database,
			batch(
				{ title: base, arxivId: '2407.00001' },
				{ title: 'A quite different title', arxivId: '2407.00001' },
				{ title: 'Known by its DOI', doi: '10.1000/a' },
				{ title: 'Known by its DOI, retitled', doi: '10.1000/a', arxivId: '2407.00002' },
				{ title: `${base.toUpperCase()}!` },
				{ title: base, arxivId: '2407.00003' },
				{ title: `${base} Today` },
			),
			{ source: 'json-lines', now: first },
		);
		expect(report.entries.map(({ slug, outcome, by }) => [slug, outcome, by])).toEqual([
			['a-study-of-the-many-ways', 'new', null],
			['a-study-of-the-many-ways', 'merged', 'arXiv id'],
			['known-by-its-doi', 'new', null],
			['known-by-its-doi', 'merged', 'DOI'],
			['a-study-of-the-many-ways', 'merged', 'title'],
			['a-study-of-the-many-ways-2', 'new', null],
			['a-study-of-the-many-ways-3', 'new', null],
		]);
		// 9 trigrams of 10 are common to the title and the longer one.
		expect(report.queued.map(({ line, slug, otherSlug, similarity }) => [line, slug, otherSlug, similarity])).toEqual([
			[6, 'a-study-of-the-many-ways', 'a-study-of-the-many-ways-2', 1],
			[7, 'a-study-of-the-many-ways', 'a-study-of-the-many-ways-3', 0.9],
			[7, 'a-study-of-the-many-ways-2', 'a-study-of-the-many-ways-3', 0.9],
		]);
	});

	test('an id that two papers claim stays with the first; the pair is queued', async () => {
		const database = await open();
		await importPapers(
			database,
			batch({ title: 'First owner', arxivId: '2407.00001' }, { title: 'Second one', doi: '10.1000/b' }),
			{
				source: 'csv',
				now: first,
			},
		);
		const claim = batch({ title: 'First owner', arxivId: '2407.00001', doi: '10.1000/b' });
		const report = await importPapers(database, claim, { source: 'csv', now: later });
		expect(report.queued).toMatchObject([{ slug: 'first-owner', otherSlug: 'second-one', similarity: 1 }]);
		expect(await readPaper(database, 'first-owner')).toMatchObject({ doi: null });
		const before = await dump(database);
		await importPapers(database, claim, { source: 'csv', now: new Date() });
		expect(await dump(database)).toEqual(before);
		const id = (await findPaperId(database.kysely, 'second-one')) ?? 0;
		await expect(editPaper(database, id, { arxivId: '2407.00001' }, later)).rejects.toThrow(/another paper has/);
	});

	test('a page that is imported again with fewer papers lists only those', async () => {
		const database = await open();
		await importPapers(database, importPage(synthetic, { today }), { source: 'page-text', now: first });
		const shorter = synthetic.slice(0, synthetic.indexOf('\n\nA Second'));
		await importPapers(database, importPage(shorter, { today }), { source: 'page-text', now: later });
		expect(await exportPage(database, '2025-12-26')).toBe(shorter);
		expect(await readPaper(database, 'a-second-title-without-a-colon')).toMatchObject({ listedOn: null });
	});

	test('a merge moves votes, comments and listings, keeps one vote a person, and both slugs and titles go on leading there', async () => {
		const database = await open();
		const { kysely } = database;
		const papers = batch(
			{ title: 'Kept', listedOn: '2025-12-26', abstract: 'kept' },
			{ title: 'Dropped', listedOn: '2025-12-20', arxivId: '2407.00001', abstract: 'dropped', doi: '10.1000/c' },
		);
		const { entries } = await importPapers(database, papers, { source: 'csv', now: first });
		const [keep = 0, drop = 0] = entries.map(({ paperId }) => paperId);
		const at = first.toISOString();
		const users = await kysely
			.insertInto('users')
			.values(['a', 'b', 'c'].map((handle) => ({ handle, role: 'user' as const, created_at: at })))
			.returning('id')
			.execute();
		const [a = 0, b = 0, c = 0] = users.map(({ id }) => id);
		const vote = (user_id: number, paper_id: number) => ({ user_id, paper_id, at, weight: 1 });
		await kysely
			.insertInto('votes')
			.values([vote(a, keep), vote(a, drop), vote(b, drop), vote(c, keep)])
			.execute();
		const comment = { paper_id: drop, depth: 0, user_id: a, body: 'x', html: 'x', state: 'visible' as const, created_at: at };
		await kysely.insertInto('comments').values(comment).execute();
		const flag = { target_kind: 'paper' as const, user_id: a, reason: 'spam', weight: 1, state: 'open' as const, created_at: at };
		await kysely
			.insertInto('flags')
			.values([
				{ ...flag, target_id: keep },
				{ ...flag, target_id: drop },
			])
			.execute();
		await mergePapers(database, keep, drop, later);
		const card = await readPaper(database, 'dropped');
		expect(card).toMatchObject({
			slug: 'kept',
			votes: 3,
			comments: 1,
			listedOn: '2025-12-20',
			arxivId: '2407.00001',
			abstract: 'kept',
		});
		expect(await kysely.selectFrom('flags').select('target_id').execute()).toEqual([{ target_id: keep }]);
		expect(await importPapers(database, papers, { source: 'csv', now: later })).toMatchObject({ new: 0, merged: 1 });
		const fresh = await importPapers(database, batch({ title: 'Another', slug: 'dropped' }), { source: 'csv', now: later });
		expect(fresh.entries[0]?.slug).toBe('dropped-2');
		await expect(mergePapers(database, keep, keep, later)).rejects.toThrow(/two papers/);
	});

	test('two imports of the same papers at once make each paper once', async () => {
		const one = await open();
		// A second connection to SQLite in one thread would wait for the first and keep it from ending.
		const other = engine === 'sqlite' ? one : await openAgain();
		const papers = batch(
			...Array.from({ length: 60 }, (_, index) => ({ title: `Paper number ${index}`, authors: ['Ada', `Bob ${index}`] })),
		);
		await Promise.all([one, other, one, other].map((database) => importPapers(database, papers, { source: 'csv', now: first })));
		const counted = await one.kysely
			.selectFrom('papers')
			.select(({ fn }) => fn.countAll<number>().as('n'))
			.executeTakeFirstOrThrow();
		expect(Number(counted.n)).toBe(60);
		expect(await importPapers(one, papers, { source: 'csv', now: later })).toMatchObject({ unchanged: 60 });
	});

	test('what is no title or abstract is left out with its line', async () => {
		const database = await open();
		const report = await importPapers(
			database,
			batch({ title: 'x'.repeat(1001) }, { title: 'Fine', abstract: 'y'.repeat(50_001) }),
			{
				source: 'csv',
				now: first,
			},
		);
		expect(report.messages.map(({ level, line }) => [level, line])).toEqual([
			['error', 1],
			['warning', 2],
		]);
		expect(report.entries).toMatchObject([{ title: 'Fine', outcome: 'new' }]);
	});
});
