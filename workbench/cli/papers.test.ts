/** The feed on the command line, as its users meet it: as processes. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { searchQueries } from '@assay/feed/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ended, Start } from './testing/assay-process.ts';
import { assay, document, inTurn, slugsOf } from './testing/papers-process.ts';

// The commands under test run in a folder of their own.
const data = process.env['ASSAY_DATA'] && resolve(process.env['ASSAY_DATA']);
if (!data)
	console.warn('skipped: the real day page and the query set, because ASSAY_DATA does not name the folder with daily-papers/');

let root: string;
/** A home with the word vectors converted by the first search; the other homes share them. */
let home: string;
let firstSearch: Ended;

async function newHome(name: string): Promise<string> {
	const folder = join(root, name);
	await mkdir(folder);
	await symlink(join(home, 'cache'), join(folder, 'cache'));
	return folder;
}

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'assay-papers-'));
	home = join(root, 'first');
	await mkdir(home);
	firstSearch = await assay(home, ['search', 'boolean circuits', '--json']);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the papers that come with the product', () => {
	test('are there without an import: by day, month, topic and organisation, in an order, one by one', async () => {
		const day = await document(home, ['list', '--date', '2025-12-26', '--limit', '100']);
		expect(day.papers).toHaveLength(47);
		if (data) {
			const published = JSON.parse(await readFile(join(data, 'daily-papers/papers.json'), 'utf8'));
			expect(slugsOf(day)).toEqual(slugsOf(published));
		}
		const [month, organisation, topic] = await inTurn(
			[
				['--month', '2025-12', '--limit', '100'],
				['--org', 'Zyphra'],
				['--tag', 'serving', '--limit', '100'],
			],
			(words) => document(home, ['list', ...words]),
		);
		expect(slugsOf(month).sort()).toEqual(slugsOf(day).sort());
		expect(slugsOf(organisation)).toEqual(['zaya-amd']);
		const serving = day.papers.filter(({ tags }: { tags: { slug: string }[] }) => tags.some(({ slug }) => slug === 'serving'));
		expect(slugsOf(topic).sort()).toEqual(slugsOf({ papers: serving }).sort());
		expect((await assay(home, ['list', '--limit', '2'])).out.trim().split('\n')).toHaveLength(4);
		expect((await assay(home, ['list', '--date', '2025-12-25'])).error).toContain('2025-12-26');
	});

	test('show what is known, and whether a system runs them', async () => {
		const [runs, runsNot, shown] = await inTurn([['splitwise'], ['zaya-amd'], ['splitwise', '--json']], (words) =>
			assay(home, ['show', ...words]),
		);
		expect(runs?.out).toContain('npx assay run splitwise');
		expect(runs?.out).toMatch(/Its claims: .*\d+ reproduced/);
		expect(runsNot?.out).toContain('Zyphra');
		expect(runsNot?.out).toContain('1 on the page it came from');
		const { paper } = JSON.parse(shown?.out ?? '');
		expect(paper).toMatchObject({
			slug: 'splitwise',
			runnable: true,
			publishedOn: '2023-11-30',
			authorsCount: 7,
			upvotesElsewhere: null,
		});
		expect(paper.claims.reproduced).toBeGreaterThan(0);
	});
});

describe('search', () => {
	test('explains the first conversion on standard error, answers in JSON, and says nothing of it later', async () => {
		expect(firstSearch.status, firstSearch.error).toBe(0);
		expect(firstSearch.error).toContain('converted once');
		expect(JSON.parse(firstSearch.out)).toMatchObject({
			format: 1,
			papers: [{ slug: 'abc-rl', title: expect.any(String), score: expect.any(Number) }],
		});
		const started = performance.now();
		const again = await assay(home, ['search', 'boolean', 'circuits']);
		// Shown, not asserted: it is under a second on an idle machine.
		console.log(`a second search took ${Math.round(performance.now() - started)} ms`);
		expect(again.error).not.toContain('converted once');
		expect(again.out).toContain('1. Retrieval-Guided Reinforcement Learning');
	});

	test('stopped by Ctrl-C while it converts leaves nothing behind', async () => {
		const folder = join(root, 'stopped');
		await mkdir(folder);
		const stopped = await assay(folder, ['search', 'boolean'], { interruptAt: 'converted once' });
		expect(stopped).toMatchObject({ status: 130, out: '' });
		expect(await readdir(join(folder, 'cache'))).toEqual([]);
	});

	test('keeps to days and to what runs here, and corrects a misspelt word', async () => {
		const papers = ['hardware', '--limit', '100'];
		const [early, late, runnable, misspelt] = await inTurn(
			[
				[...papers, '--before', '2020'],
				[...papers, '--after', '2025-06'],
				[...papers, '--runnable'],
				['semiconducter', '--mode', 'words'],
			],
			(one) => document(home, ['search', ...one]),
		);
		const dates = (found: { papers: { publishedOn: string }[] }): string[] => found.papers.map(({ publishedOn }) => publishedOn);
		expect(dates(early).length).toBeGreaterThan(0);
		expect(dates(early).every((day) => day < '2020')).toBe(true);
		expect(dates(late).length).toBeGreaterThan(0);
		expect(dates(late).every((day) => day >= '2025-06')).toBe(true);
		expect(runnable.papers.length).toBeGreaterThan(0);
		expect(runnable.papers.every((paper: { runnable: boolean }) => paper.runnable)).toBe(true);
		expect(misspelt.corrected).toBe('semiconductor');
		expect(slugsOf(misspelt)).toEqual(['fab-devs']);
	});
});

/** A page in its exact grammar, built here from nothing but the grammar. */
const page = [
	...['new', 'Get trending papers in your email inbox!', 'Subscribe', 'Daily Papers', 'byAK and the research community', 'Mar 5'],
	...['Alpha: Caches that Forget', 'We forget lines. It helps by 6times.', '  • 3 authors\n·\nMar 4'],
	...['On Testing -- (Again)?', 'We test: again.', 'Acme Acme\n·\nMar 11, 2023 4'],
	...['Gamma Rays in Memory', 'Bits flip.'],
].join('\n\n');

const entry = (title: string, id: string): string =>
	`<entry><id>http://arxiv.org/abs/${id}v1</id><published>2024-01-01T00:00:00Z</published><title>${title}</title><summary>S.</summary><author><name>Ada Lovelace</name></author></entry>`;
const atom = (entries: string): string => `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">${entries}</feed>`;

describe('import', () => {
	test('of a page: all new, then unchanged, given back byte for byte, and messages with file and line', async () => {
		const folder = await newHome('page');
		await writeFile(join(folder, 'page.txt'), page);
		const first = await document(folder, ['import', 'page.txt', '--year', '2024']);
		expect(first.imports).toMatchObject([
			{ from: 'page.txt', format: 'page-text', new: 3, updated: 0, unchanged: 0, error: null },
		]);
		expect(first.imports[0].papers.map(({ line }: { line: number }) => line)).toEqual([13, 21, 29]);
		const again = await assay(folder, ['import', '-', '--year', '2024'], { input: page });
		expect(again.out).toContain('standard input (page-text): 0 new, 0 updated, 3 unchanged, 0 merged, 0 queued');
		expect((await assay(folder, ['export', '--date', '2024-03-05', '--out', 'again.txt'])).status).toBe(0);
		expect(await readFile(join(folder, 'again.txt'), 'utf8')).toBe(page);
		const lines = (await assay(folder, ['export', '--date', '2024-03-05'])).out
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
		expect(lines).toMatchObject([
			{ title: 'Alpha: Caches that Forget', publishedOn: '2024-03-04', authorsCount: 3, upvotesElsewhere: null },
			{ organisations: ['Acme'], publishedOn: '2023-03-11', commentsElsewhere: 4 },
			{ publishedOn: null, authorsCount: null },
		]);
		await writeFile(join(folder, 'broken.txt'), page.replace('Mar 4', 'Mrz 4'));
		const broken = await assay(folder, ['import', 'broken.txt', '--year', '2024']);
		expect(broken.out).toMatch(/^broken\.txt:19: (warning|error): /m);
		expect(broken.status).toBe(0);
	});

	test('detects every format; a file that cannot be read is an error, and the others go on', async () => {
		const folder = await newHome('formats');
		const title = 'Delta: A Study of Queues';
		const files = {
			'a.bib': `@misc{d, title={${title}}, author={Ada Lovelace}, year={2024}, eprint={2401.00001}, archiveprefix={arXiv}}`,
			'b.ris': `TY  - JOUR\nTI  - ${title}\nAU  - Lovelace, Ada\nER  - \n`,
			'c.csv': `title,arxiv_id\n"${title}",2401.00001\n`,
			'd.jsonl': `${JSON.stringify({ title, arxivId: '2401.00001' })}\nno JSON\n`,
			'e.json': JSON.stringify([{ paper: { id: '2401.00001', title } }]),
			'f.xml': atom(entry(title, '2401.00001')),
			'g.dat': Buffer.from([0xff, 0xfe, 0x00]),
			'h.json': '{"broken": ',
		};
		for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
		const ended = await assay(folder, ['import', 'none.bib', ...Object.keys(files).reverse(), '--json']);
		expect(ended.status).toBe(2);
		expect(ended.error).toContain('none.bib: found no such file');
		expect(ended.error).toContain('g.dat: found bytes that are no UTF-8');
		const { imports } = JSON.parse(ended.out);
		expect(imports.map(({ from, format }: { from: string; format: string }) => [from, format])).toEqual([
			['none.bib', null],
			['h.json', 'json-lines'],
			['g.dat', null],
			['f.xml', 'arxiv'],
			['e.json', 'host-json'],
			['d.jsonl', 'json-lines'],
			['c.csv', 'csv'],
			['b.ris', 'ris'],
			['a.bib', 'bibtex'],
		]);
		const slugs = imports.flatMap(({ papers = [] }: { papers?: { slug: string }[] }) => papers.map(({ slug }) => slug));
		expect(slugs).toEqual(Array.from({ length: 6 }, () => 'delta'));
		expect(imports[5].messages).toMatchObject([{ level: 'error', line: 2 }]);
		const forced = await assay(folder, ['import', 'a.bib', '--format', 'host-json']);
		expect(forced).toMatchObject({ status: 2, error: expect.stringContaining('a.bib') });
	});

	test('from arXiv asks for ids or a search; without a network that is said, with status 3; Ctrl-C ends the wait', async () => {
		const folder = await newHome('arxiv');
		const answer = JSON.stringify(
			atom(entry('Epsilon', '2401.00002') + entry('Zeta', '2401.00003') + entry('Eta', '2401.00004')),
		);
		const stub = async (name: string, code: string): Promise<Start> => {
			await writeFile(join(folder, name), `globalThis.fetch = async (url, { signal }) => { console.error(url); ${code} };`);
			return { environment: { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, name))}` } };
		};
		const answering = await stub('answer.mjs', `return new Response(${answer});`);
		const byId = await assay(folder, ['import', '--arxiv', '2401.00002', '2401.00003', '2401.00004'], answering);
		expect(byId.error).toContain('id_list=2401.00002%2C2401.00003%2C2401.00004');
		expect(byId.out).toContain('arXiv (arxiv): 3 new');
		const bySearch = await assay(folder, ['import', '--arxiv-query', 'cat:cs.AR', '--max', '2', '--json'], answering);
		expect(bySearch.error.trim().split('\n')).toHaveLength(1);
		expect(bySearch.error).toContain('search_query=cat%3Acs.AR');
		expect(JSON.parse(bySearch.out).imports).toMatchObject([{ unchanged: 2, papers: [{ slug: 'epsilon' }, { slug: 'zeta' }] }]);
		const offline = await assay(
			folder,
			['import', '--arxiv', '2401.00002'],
			await stub('offline.mjs', `throw new TypeError('fetch failed');`),
		);
		expect(offline).toMatchObject({ status: 3, error: expect.stringContaining('error: arXiv cannot be reached') });
		const hanging = await stub(
			'hang.mjs',
			`return new Promise((_, no) => { const wait = setTimeout(no, 60_000); signal.addEventListener('abort', () => { clearTimeout(wait); no(signal.reason); }); });`,
		);
		const stopped = await assay(folder, ['import', '--arxiv', '2401.00002'], { ...hanging, interruptAt: 'id_list' });
		expect(stopped).toMatchObject({ status: 130, out: '' });
		expect(stopped.error).not.toContain('error:');
	});
});

describe.skipIf(!data)('the real day page', () => {
	const fixture = join(data ?? '', 'daily-papers/feed-sample.txt');
	let folder: string;
	beforeAll(async () => {
		folder = await newHome('real');
	});

	test('fills the abstracts of the sample, changes nothing the second time, and is given back byte for byte', async () => {
		const counts = { new: 0, merged: 0, queued: [], error: null };
		expect((await document(folder, ['import', fixture])).imports).toMatchObject([{ ...counts, updated: 47, unchanged: 0 }]);
		expect((await document(folder, ['import', fixture])).imports).toMatchObject([{ ...counts, updated: 0, unchanged: 47 }]);
		const { papers } = await document(folder, ['list', '--date', '2025-12-26', '--limit', '100']);
		expect(papers.filter(({ abstract }: { abstract: string | null }) => abstract !== null)).toHaveLength(47);
		const exported = await assay(folder, ['export', '--date', '2025-12-26', '--format', 'page']);
		expect(exported.out).toBe(await readFile(fixture, 'utf8'));
		const [csv, bibtex] = await inTurn(['csv', 'bibtex'], (format) => assay(folder, ['export', '--format', format]));
		expect(csv?.out.split('\r\n')[0]).toMatch(/^slug,title,/);
		expect(bibtex?.out.match(/^@misc\{/gm)).toHaveLength(47);
	});

	test('is searched so that at least 13 of 14 queries find their paper among the first three', async () => {
		const found = await inTurn(searchQueries, async ([query, slug]) => {
			const hits = slugsOf(await document(folder, ['search', ...query.split(' '), '--limit', '3']));
			return hits.includes(slug);
		});
		console.log(`query set: ${found.filter(Boolean).length} of ${searchQueries.length} among the first three`);
		expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(13);
	});
});

test('bad input is answered in one line, with status 2', async () => {
	await writeFile(join(home, 'empty.txt'), '');
	const cases: readonly (readonly [words: readonly string[], message: string])[] = [
		[['show', 'splitwse'], 'did you mean splitwise?'],
		[['list', '--date', '2025-02-30'], 'date: found "2025-02-30"'],
		[['list', '--date', '2025-12-26', '--order', 'top'], 'cannot be used with'],
		[['list', '--tag', 'servng'], '--tag: found "servng", expected one of the tags that papers have; did you mean serving?'],
		[['search', 'x', '--after', 'May'], '--after: found "May"'],
		[['import'], 'files: found nothing'],
		[['import', 'empty.txt'], 'empty.txt: found nothing'],
		[['import', '--arxiv', 'twelve'], 'found twelve, expected arXiv ids'],
		[['subscribe', 'ada@reader.example', '--topics', 'servng'], 'did you mean serving?'],
		[['unsubscribe', 'x'], 'token: found one that is unknown'],
		[['digest', '--date', '2999-01-01'], 'none that is still to come'],
	];
	await inTurn(cases, async ([words, message]) => {
		const { status, out, error } = await assay(home, words);
		expect(error, words.join(' ')).toContain(message);
		expect(error).not.toMatch(/\n\s+at /);
		expect(out).toBe('');
		expect(status, words.join(' ')).toBe(2);
	});
});
