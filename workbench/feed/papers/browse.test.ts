import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { titledPaper } from '../importers/import.ts';
import { dayPage, listDays, monthPage, papersOfAuthor, papersOfOrganisation, papersOfTag, weekPage } from './browse.ts';
import { importPapers } from './import-papers.ts';
import { monthPeriod, periodOf, weekPeriod } from './period.ts';
import { readCards } from './read-cards.ts';

const now = new Date('2026-01-05T12:00:00Z');

onBothEngines(({ open }) => {
	test('days, weeks and months: order, paging, gaps, hidden papers, no future', async () => {
		const database = await open();
		const { kysely } = database;
		const day = (listedOn: string, position: number, name: string) => ({
			...titledPaper(name, null),
			...{ listedOn, position, authors: ['Ada'], organisations: ['Org'], tags: ['tag'] },
		});
		const papers = [
			day('2025-12-26', 2, 'Second'),
			day('2025-12-26', 1, 'First'),
			day('2025-12-26', 3, 'Voted'),
			day('2025-12-26', 4, 'Hidden'),
			day('2025-11-03', 1, 'November'),
			day('2025-12-30', 1, 'Hidden day'),
			day('2026-01-02', 1, 'January'),
			day('2026-01-09', 1, 'Future'),
		];
		await importPapers(database, { papers, messages: [], listing: null }, { source: 'csv', now });
		await kysely.updateTable('papers').set({ hidden: 1 }).where('slug', 'like', 'hidden%').execute();
		const user = await kysely
			.insertInto('users')
			.values({ handle: 'u', role: 'user', created_at: '' })
			.returning('id')
			.executeTakeFirstOrThrow();
		const voted = await kysely.selectFrom('papers').select('id').where('slug', '=', 'voted').executeTakeFirstOrThrow();
		await kysely.insertInto('votes').values({ user_id: user.id, paper_id: voted.id, at: '', weight: 0.2 }).execute();
		const slugs = (page: { papers: readonly { slug: string }[] } | null) => page?.papers.map(({ slug }) => slug);

		const page = await dayPage(database, '2025-12-26', { now });
		expect(slugs(page)).toEqual(['voted', 'first', 'second']);
		expect(page).toMatchObject({ total: 3, previous: '2025-11-03', next: '2026-01-02' });
		expect(slugs(await dayPage(database, '2025-12-26', { now, limit: 1, offset: 1 }))).toEqual(['first']);
		expect(await dayPage(database, '2025-12-26', { now, includeHidden: true })).toMatchObject({ total: 4, next: '2025-12-30' });
		expect(await dayPage(database, '2026-01-02', { now })).toMatchObject({ previous: '2025-12-26', next: null });
		expect(await dayPage(database, '2026-01-09', { now })).toMatchObject({ total: 0, previous: '2026-01-02', next: null });
		expect(await weekPage(database, '2025-W52', { now })).toMatchObject({ total: 3, previous: '2025-W45', next: '2026-W01' });
		expect(await monthPage(database, '2025-12', { now })).toMatchObject({ total: 3, previous: '2025-11', next: '2026-01' });
		expect(slugs(await monthPage(database, '2026-01', { now }))).toEqual(['january']);
		expect(await listDays(database, { now })).toEqual([
			{ day: '2026-01-02', papers: 1 },
			{ day: '2025-12-26', papers: 3 },
			{ day: '2025-11-03', papers: 1 },
		]);
		const newest = ['future', 'january', 'voted', 'first', 'second', 'november'];
		for (const of of [
			papersOfAuthor(database, 'ada', { now }),
			papersOfOrganisation(database, 'org', { now }),
			papersOfTag(database, 'tag', { now }),
		]) {
			expect(new Set(slugs(await of))).toEqual(new Set(newest));
			expect(await of).toMatchObject({ total: 6 });
		}
		expect(await papersOfTag(database, 'none', { now })).toBeNull();
		await expect(dayPage(database, '2025-02-30', { now })).rejects.toThrow(/day such as/);
		await expect(listDays(database, { now, limit: 0 })).rejects.toThrow(/page/);
	});

	test('cards keep the order that is asked for; ids that do not exist are left out', async () => {
		const database = await open();
		const papers = Array.from({ length: 600 }, (_, index) => titledPaper(`Paper ${index}`, null));
		const { entries } = await importPapers(database, { papers, messages: [], listing: null }, { source: 'csv', now });
		const ids = entries.map(({ paperId }) => paperId).reverse();
		expect((await readCards(database.kysely, [...ids, 0, ids[5] ?? 0])).map(({ id }) => id)).toEqual([...ids, ids[5]]);
		expect(await readCards(database.kysely, [])).toEqual([]);
	});
});

test.each([
	['2025-W52', '2025-12-22', '2025-12-28'],
	['2020-W53', '2020-12-28', '2021-01-03'],
	['2021-W01', '2021-01-04', '2021-01-10'],
	['2026-W01', '2025-12-29', '2026-01-04'],
])('ISO week %s', (week, firstDay, lastDay) => {
	expect(weekPeriod(week)).toMatchObject({ firstDay, lastDay });
	expect([periodOf(firstDay, 'week'), periodOf(lastDay, 'week')]).toEqual([week, week]);
});

test('periods that do not exist', () => {
	for (const week of ['2025-W53', '2025-W00', '2025-52', '']) expect(() => weekPeriod(week)).toThrow(/week such as/);
	for (const month of ['2025-13', '2025-1', '']) expect(() => monthPeriod(month)).toThrow(/month such as/);
	expect(monthPeriod('2024-02').lastDay).toBe('2024-02-29');
});
