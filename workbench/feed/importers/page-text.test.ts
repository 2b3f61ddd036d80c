import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { importPage, type PageLines, parsePage, printPage } from './page-text.ts';

const today = '2026-11-27';

/** A page in the grammar, made for these tests. */
const synthetic = [
	['new', 'Get trending papers in your email inbox!', 'Subscribe', 'Daily Papers', 'byAK and the research community', 'Dec 26'],
	['Alpha: A First Title', 'An abstract about alpha, with 6times debris.', '  • 5 authors\n·\nSep 8'],
	['Beta -- Another (Second) Title', 'An abstract about beta.', '  • 1 authors\n·\nJul 2, 2024'],
	['Gamma by an Organisation?', 'An abstract about gamma.', 'Zyphra Zyphra\n·\nNov 21 1'],
	['Delta Without a Footer', 'An abstract about delta.'],
	['Epsilon', 'An abstract about epsilon at https://x.org/e', '  • 16 authors\n·\nMar 11, 2024 4'],
]
	.flat()
	.join('\n\n');

const data = process.env['ASSAY_DATA'];
if (!data) console.warn('skipped: tests on the real page, because ASSAY_DATA is not set');
const read = (name: string): string => readFileSync(join(data ?? '', 'daily-papers', name), 'utf8');
const pages = [{ name: 'synthetic', text: synthetic }, ...(data ? [{ name: 'real', text: read('feed-sample.txt') }] : [])];

test('the grammar is read field by field', () => {
	const page = parsePage(synthetic, { today });
	expect(page).toMatchObject({ label: 'Dec 26', day: '2025-12-26', yearInferred: true });
	expect(page.messages).toEqual([{ level: 'info', line: 11, text: 'the page prints no year; it is taken to be 2025' }]);
	const fields = page.entries.map(({ position, titleLine, authorsCount, organisation, publishedOn, yearInferred, stamp }) => [
		position,
		titleLine,
		authorsCount,
		organisation,
		publishedOn,
		yearInferred,
		stamp?.comments ?? null,
	]);
	expect(fields).toEqual([
		[1, 13, 5, null, '2025-09-08', true, null],
		[2, 21, 1, null, '2024-07-02', false, null],
		[3, 29, null, 'Zyphra', '2025-11-21', true, 1],
		[4, 37, null, null, null, null, null],
		[5, 41, 16, null, '2024-03-11', false, 4],
	]);
});

test('what a page does not say is unknown, not 0', () => {
	const [paper] = importPage(synthetic, { today }).papers;
	const unknown = {
		arxivId: null,
		doi: null,
		authors: null,
		upvotesElsewhere: null,
		commentsElsewhere: null,
		links: {},
		tags: null,
	};
	expect(paper).toMatchObject(unknown);
});

test.skipIf(!data)('the real page gives the published reading, field for field (C1), and its years (C2)', () => {
	const expected = z
		.object({
			page_label: z.string(),
			page_date_iso: z.string(),
			papers: z.array(z.object({ slug: z.string(), footer_tail_raw: z.string().nullish() }).loose()),
		})
		.parse(JSON.parse(read('papers.json')));
	const page = parsePage(read('feed-sample.txt'), { today });
	const ours = page.entries.map((entry, index) => ({
		title: entry.title,
		slug: expected.papers[index]?.slug,
		authors_count: entry.authorsCount,
		attribution_raw: entry.footer?.[0]?.trim() ?? null,
		organisation: entry.organisation,
		date_label: entry.stamp?.label ?? null,
		date_iso: entry.publishedOn,
		year_inferred: entry.yearInferred,
		comments: entry.stamp?.comments ?? null,
		has_footer: entry.footer !== null,
		title_line: entry.titleLine,
		abstract_chars: entry.abstract?.length,
		...(entry.footer === null ? {} : { footer_tail_raw: entry.footer[2] }),
		position: entry.position,
	}));
	expect(ours).toEqual(expected.papers);
	expect([page.label, page.day]).toEqual([expected.page_label, expected.page_date_iso]);
	const years = Object.groupBy(page.entries, ({ publishedOn }) => publishedOn?.slice(0, 4) ?? 'none');
	const counts = Object.entries(years).map(([year, entries]) => [year, entries?.length]);
	const published = { 2018: 2, 2019: 1, 2020: 4, 2022: 2, 2023: 6, 2024: 16, 2025: 14, none: 2 };
	expect(Object.fromEntries(counts)).toEqual(published);
	expect(page.entries.reduce((sum, { authorsCount }) => sum + (authorsCount ?? 0), 0)).toBe(257);
});

describe.each(pages)('$name page', ({ text }) => {
	const original = parsePage(text, { today });
	const lineOf = (part: string, from = 0): number => text.slice(0, text.indexOf(part, from)).split('\n').length;
	const dates = (page: typeof original) => page.entries.map(({ title, publishedOn }) => [title, publishedOn]);
	const mutated = (before: string | RegExp, after: string) => {
		const changed = text.replace(before, after);
		expect(changed).not.toBe(text);
		return parsePage(changed, { today });
	};
	const ownMessages = (page: typeof original) => page.messages.filter(({ text }) => !text.startsWith('the page prints no year'));

	test('printing gives the bytes back', () => {
		expect(printPage(original.label ?? '', original.entries) === text).toBe(true);
		expect(ownMessages(original)).toEqual([]);
	});

	test('1: foreign line ends', () => {
		const page = mutated(/\n/g, '\r\n');
		expect(page.entries).toEqual(original.entries);
		expect(ownMessages(page)).toMatchObject([{ level: 'info', line: 1, text: expect.stringContaining('line ends') }]);
	});

	test('2: a byte order mark', () => {
		const page = mutated(/^/, '\uFEFF');
		expect(page.entries).toEqual(original.entries);
		expect(ownMessages(page)).toMatchObject([{ level: 'info', line: 1, text: expect.stringContaining('byte order mark') }]);
	});

	test('3: a missing middle dot, with authors and with an organisation', () => {
		const line = lineOf('  • 5 authors');
		const page = mutated('  • 5 authors\n·\n', '  • 5 authors\n');
		expect(dates(page)).toEqual(dates(original));
		expect(ownMessages(page)).toMatchObject([{ level: 'warning', line, text: 'the middle dot is missing from the footer' }]);
		const organisation = mutated('Zyphra Zyphra\n·\n', 'Zyphra Zyphra\n');
		expect(organisation.entries.filter((entry) => entry.organisation === 'Zyphra')).toHaveLength(1);
		expect(ownMessages(organisation)).toMatchObject([{ level: 'warning', line: lineOf('Zyphra Zyphra') }]);
	});

	test('4: an empty line too many, between papers and inside a footer', () => {
		const page = mutated('Sep 8\n\n', 'Sep 8\n\n\n');
		expect(dates(page)).toEqual(dates(original));
		expect(ownMessages(page)).toMatchObject([
			{ level: 'info', line: lineOf('Sep 8\n') + 2, text: '2 empty lines where one is enough' },
		]);
		const inside = mutated('  • 5 authors\n·', '  • 5 authors\n\n·');
		expect(dates(inside)).toEqual(dates(original));
		expect(ownMessages(inside)).toMatchObject([
			{ level: 'warning', line: lineOf('  • 5 authors'), text: 'empty lines inside the footer' },
		]);
	});

	test('5: "1 author"', () => {
		const page = mutated('1 authors', '1 author');
		expect(dates(page)).toEqual(dates(original));
		expect(page.entries[1]?.authorsCount).toBe(1);
		expect(ownMessages(page)).toMatchObject([{ level: 'info', line: lineOf('  • 1 authors') }]);
	});

	test('6: an organisation of three words', () => {
		const page = mutated('Zyphra Zyphra', 'Allen Institute AI Allen Institute AI');
		expect(page.entries.flatMap(({ organisation }) => organisation ?? [])).toEqual(['Allen Institute AI']);
		expect(ownMessages(page)).toEqual([]);
		const single = mutated('Zyphra Zyphra', 'Zyphra');
		expect(single.entries.flatMap(({ organisation }) => organisation ?? [])).toEqual(['Zyphra']);
		expect(ownMessages(single)).toMatchObject([{ level: 'warning', line: lineOf('Zyphra Zyphra') }]);
	});

	test('7: a year in the future', () => {
		const page = mutated('Jul 2, 2024', 'Jul 2, 2031');
		expect([page.day, page.entries[1]?.publishedOn]).toEqual(['2025-12-26', null]);
		expect(page.entries[1]?.footer?.[2]).toBe('Jul 2, 2031');
		expect(ownMessages(page)).toMatchObject([
			{ level: 'warning', line: lineOf('Jul 2, 2024'), text: expect.stringContaining('lies after') },
		]);
	});

	test('8: a title twice', () => {
		const [first, second] = original.entries;
		const page = mutated(`\n${second?.title}\n`, `\n${first?.title}\n`);
		expect(page.entries).toHaveLength(original.entries.length);
		expect(ownMessages(page)).toMatchObject([{ level: 'warning', line: second?.titleLine, text: 'the title of line 13 again' }]);
	});

	test('9: a truncated file, after a title, in an abstract, in a footer', () => {
		const [first, second] = original.entries;
		const at = text.indexOf(second?.title ?? '');
		const afterTitle = parsePage(text.slice(0, at + (second?.title.length ?? 0)), { today });
		expect(afterTitle.entries.map(({ title }) => title)).toEqual([first?.title]);
		expect(afterTitle.messages).toMatchObject([
			{},
			{ level: 'error', line: 21, text: expect.stringContaining('ends after the title') },
		]);
		const inAbstract = parsePage(text.slice(0, text.indexOf(second?.abstract ?? '') + 12), { today });
		expect(inAbstract.entries[1]?.abstract).toBe(second?.abstract?.slice(0, 12));
		expect(inAbstract.messages).toMatchObject([{}, { level: 'warning', line: 23, text: expect.stringContaining('cut off') }]);
		const inFooter = parsePage(text.slice(0, text.indexOf('·', at) + 1), { today });
		expect(inFooter.entries[1]).toMatchObject({ authorsCount: 1, publishedOn: null });
		expect(inFooter.messages).toMatchObject([{}, { level: 'warning', line: 25, text: 'the footer has no date' }]);
	});

	test('10: a page of January with a stamp of December', () => {
		const changed = text.replace('Dec 26', 'Jan 3').replace('Sep 8', 'Dec 30');
		const told = parsePage(changed, { today, year: 2026 });
		expect([told.day, told.entries[0]?.publishedOn, told.entries[0]?.yearInferred]).toEqual(['2026-01-03', '2025-12-30', true]);
		expect(told.messages).toEqual([]);
		const inferred = parsePage(changed, { today });
		expect([inferred.day, inferred.entries[0]?.publishedOn]).toEqual(['2025-01-03', '2024-12-30']);
	});

	test('a stamp that is none, a day that is none, too many authors', () => {
		const page = parsePage(
			text.replace('Sep 8', 'Sept 8').replace('Jul 2, 2024', 'Feb 30, 2024').replace('• 1 authors', '• 10001 authors'),
			{ today },
		);
		expect(page.entries.slice(0, 2).map(({ publishedOn, authorsCount }) => [publishedOn, authorsCount])).toEqual([
			[null, 5],
			[null, null],
		]);
		expect(ownMessages(page).map(({ level, line }) => [level, line])).toEqual([
			['warning', lineOf('Sep 8')],
			['warning', lineOf('  • 1 authors')],
			['warning', lineOf('Jul 2, 2024')],
		]);
	});

	test('an abstract torn in two is joined; a footer on its own is left out', () => {
		const [first] = original.entries;
		const page = parsePage(
			text.replace('abstract', 'abstract.\n\nIt goes on.').replace('Sep 8', 'Sep 8\n\n  • 3 authors\n·\nSep 9'),
			{ today },
		);
		if (first?.abstract?.includes('abstract')) expect(page.entries).toHaveLength(original.entries.length);
		expect(
			ownMessages(page).some(({ level, text: message }) => level === 'error' && message.startsWith('a footer without')),
		).toBe(true);
	});

	test('the furniture of the other extraction is left out', () => {
		const header = 'Get trending papers in your email inbox once a day!Get trending papers in your email inbox!';
		const noisy = text
			.replace('Get trending papers in your email inbox!', header)
			.replace(`${original.entries[0]?.title}\n`, `Submitted by\n\nsome-user\n\nnew\n\n${original.entries[0]?.title}\n`)
			.replace(`${original.entries[1]?.title}\n`, `SubscribeSubmitted by\n\nSome User\n\n${original.entries[1]?.title}\n`);
		expect(dates(parsePage(noisy, { today }))).toEqual(dates(original));
		const texts = (page: typeof original) => page.entries.map(({ title, abstract }) => [title, abstract]);
		expect(texts(parsePage(noisy, { today }))).toEqual(texts(original));
	});
});

test('the year of a page: above all printed years, and never after today', () => {
	const page = (label: string, stamp: string) => `${label}\n\nTitle\n\nAbstract.\n\n  • 2 authors\n·\n${stamp}`;
	const day = (label: string, stamp: string) => parsePage(page(label, stamp), { today }).day;
	expect(day('Dec 26', 'Mar 1, 2021')).toBe('2022-12-26');
	expect(day('Nov 27', 'Mar 1')).toBe('2026-11-27');
	expect(day('Nov 28', 'Mar 1')).toBe('2025-11-28');
	expect(parsePage('Title\n\nAbstract.', { today }).messages).toMatchObject([{ level: 'error', line: 1 }]);
});

const word = fc.stringMatching(/^[A-Za-z0-9(][A-Za-z0-9:?,()-]{0,8}$/);
const words = (min: number, max: number) => fc.array(word, { minLength: min, maxLength: max }).map((list) => list.join(' '));
const stamp = fc
	.tuple(fc.constantFrom('Jan 1', 'Feb 9', 'Nov 30'), fc.constantFrom('', ', 2019', ', 2024'), fc.constantFrom('', ' 1', ' 44'))
	.map((parts) => parts.join(''));
const attribution = fc.oneof(
	fc.nat(9999).map((count) => `  • ${count} authors`),
	words(1, 3).map((name) => `${name} ${name}`),
);
const footer = fc.oneof(
	{ weight: 4, arbitrary: fc.tuple(attribution, stamp).map(([by, at]) => [by, '·', at]) },
	{ weight: 1, arbitrary: fc.constant(null) },
);
const entries: fc.Arbitrary<PageLines[]> = fc.array(
	fc.record({ title: words(2, 9), abstract: words(4, 30).map((text) => `${text}.`), footer }),
	{ maxLength: 12 },
);

test('every page in the grammar is read and printed without a change', () => {
	fc.assert(
		fc.property(entries, (papers) => {
			const text = printPage('Dec 26', papers);
			const page = parsePage(text, { today });
			expect(page.entries.map(({ title, abstract, footer }) => ({ title, abstract, footer }))).toEqual(papers);
			expect(printPage(page.label ?? '', page.entries)).toBe(text);
		}),
		{ numRuns: 300 },
	);
});
