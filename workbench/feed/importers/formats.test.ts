import { describe, expect, test } from 'vitest';
import type { PaperCard } from '../paper.ts';
import { printBibtex, printCsv } from '../papers/export-papers.ts';
import { parseArxivAtom } from './arxiv-atom.ts';
import { parseArxivId } from './arxiv-id.ts';
import { parseBibtex } from './bibtex.ts';
import { parseCsv } from './csv.ts';
import { decodeText, detectFormat, parseFormat } from './detect.ts';
import { parseHostJson, toHostJson } from './host-json.ts';
import { parseJsonLines, printJsonLines } from './json-lines.ts';
import { parseSubmission } from './manual.ts';
import { parseRis } from './ris.ts';

const entry = (id: string, title: string): string => `<entry><id>${id}</id><updated>2024-07-02T00:00:00Z</updated>
<published>2024-07-01T17:59:59Z</published>${title}<summary>  Two
 lines &amp; an &lt;entity&gt; &#228; &amp;#228;. </summary><author><name>Ada  Lovelace</name><arxiv:affiliation>Analytical Society</arxiv:affiliation></author>
<author><name>Charles Babbage</name></author><arxiv:doi>10.1000/ABC</arxiv:doi><arxiv:primary_category term="cs.AR"/>
<link href="http://arxiv.org/abs/2407.00123v2" rel="alternate" type="text/html"/><link title="pdf" href="http://arxiv.org/pdf/2407.00123v2" rel="related"/>
<category term="cs.AR" scheme="x"/><category term="cs.LG"/></entry>`;
const older = `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title type="html">ArXiv Query</title>
<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">12</opensearch:totalResults>
<opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">0</opensearch:startIndex>
${entry('http://arxiv.org/abs/2407.00123v2', '<title type="html">On\n  Engines</title>').replaceAll('<arxiv:', '<arxiv:').replaceAll('<arxiv:doi>', '<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">')}</feed>`;
const newer = `<?xml version='1.0' encoding='UTF-8'?><feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
 xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"><opensearch:itemsPerPage>10</opensearch:itemsPerPage>
<opensearch:totalResults>12</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>
${entry('https://arxiv.org/abs/2407.00123v2', '<title>On\n  Engines</title>')}</feed>`;

describe('arXiv Atom', () => {
	test.each([
		['older', older],
		['newer', newer],
	])('the %s serialisation', (_name, source) => {
		const answer = parseArxivAtom(source);
		expect([answer.totalResults, answer.startIndex, answer.messages]).toEqual([12, 0, []]);
		expect(answer.papers).toMatchObject([
			{
				title: 'On Engines',
				abstract: 'Two lines & an <entity> ä &#228;.',
				arxivId: '2407.00123',
				doi: '10.1000/abc',
				publishedOn: '2024-07-01',
				authors: ['Ada Lovelace', 'Charles Babbage'],
				authorsCount: 2,
				organisations: ['Analytical Society'],
				tags: ['cs.AR', 'cs.LG'],
				links: { pdf: 'https://arxiv.org/pdf/2407.00123v2' },
				upvotesElsewhere: null,
			},
		]);
	});

	test('nothing found, in both serialisations', () => {
		expect(parseArxivAtom(older.replace(/<entry>[\s\S]*<\/entry>/, '')).papers).toEqual([]);
		expect(parseArxivAtom(newer.replace(/<entry>[\s\S]*<\/entry>/, '').replace('>12<', '>0<')).totalResults).toBe(0);
	});

	test('an error entry, a document type and other XML are the sender’s mistakes', () => {
		const error = entry('http://arxiv.org/api/errors#bad', '<title>Error</title>').replace(
			/<summary>[\s\S]*<\/summary>/,
			'<summary>incorrect id format</summary>',
		);
		expect(() => parseArxivAtom(newer.replace(/<entry>[\s\S]*<\/entry>/, error))).toThrow(/incorrect id format/);
		expect(() => parseArxivAtom(`<!DOCTYPE x [<!ENTITY a "b">]>${newer.slice(38)}`)).toThrow(/document type/);
		expect(() => parseArxivAtom('<html><body/></html>')).toThrow(/Atom/);
		expect(() => parseArxivAtom('<feed><entry>')).toThrow(/well-formed/);
	});
});

test.each([
	['2407.00123', '2407.00123', null],
	['arXiv:2407.00123v12', '2407.00123', 12],
	['https://arxiv.org/abs/2407.00123v2', '2407.00123', 2],
	['http://arxiv.org/pdf/0704.0001v1.pdf', '0704.0001', 1],
	['https://www.arxiv.org/abs/2407.00123?context=cs', '2407.00123', null],
	['10.48550/arXiv.2407.00123', '2407.00123', null],
	['https://arxiv.org/abs/math.GT/0309136v1', 'math.GT/0309136', 1],
	['cs/0112017', 'cs/0112017', null],
	['HEP-TH/9108001', 'hep-th/9108001', null],
])('arXiv id %s', (text, id, version) => expect(parseArxivId(text)).toEqual({ id, version }));

test.each([
	'',
	'2413.00123',
	'1412.00123',
	'1501.0001',
	'0703.0001',
	'cs/0801001',
	'2407.123',
	'https://x.org/abs/2407.00123',
	'2407.00123v0',
])('no arXiv id: %s', (text) => expect(parseArxivId(text)).toBeNull());

test('daily-papers JSON, with fields missing, unknown and of another kind', () => {
	const items = [
		{
			paper: {
				id: '2407.00123',
				authors: [{ name: 'Ada', hidden: false, user: { x: 1 } }, { name: 'Ghost', hidden: true }, { _id: 'no name' }],
				publishedAt: '2024-07-01T00:00:00.000Z',
				submittedOnDailyAt: '2024-07-02T01:00:00.000Z',
				title: 'On Engines',
				summary: 'An\nabstract.',
				upvotes: 0,
				githubRepo: 'https://github.com/a/b',
				ai_keywords: ['engines'],
				surprise: [1],
			},
			numComments: 2,
			organization: { name: 'as', fullname: 'Analytical Society' },
		},
		{ title: 'Only a title', paper: { upvotes: 'many' } },
		{ paper: {} },
		7,
	];
	const { papers, messages } = parseHostJson(JSON.stringify(items));
	expect(papers).toMatchObject([
		{
			arxivId: '2407.00123',
			abstract: 'An abstract.',
			authors: ['Ada'],
			listedOn: '2024-07-02',
			upvotesElsewhere: 0,
			commentsElsewhere: 2,
			organisations: ['Analytical Society'],
			tags: ['engines'],
			links: { code: 'https://github.com/a/b' },
		},
		{ title: 'Only a title', upvotesElsewhere: null, commentsElsewhere: null, authors: null, abstract: null },
	]);
	expect(messages.map(({ text }) => text)).toEqual([
		'entry 3 has no title; it was left out',
		'entry 4 has no title; it was left out',
	]);
	expect(() => parseHostJson('{}')).toThrow(/array/);
	expect(() => parseHostJson('[')).toThrow(/JSON/);
});

test('BibTeX: TeX becomes text, broken entries are named with their lines', () => {
	const { papers, messages } = parseBibtex(`@article{a,
  title = {On {FP4} T\\'ecniques \\& {E}ngines},
  author = {Doe, Jane and M{\\"u}ller, Karl and {The ATLAS Collaboration}},
  year = 2024, month = may, day = 3, eprint = {2401.00001v2}, doi = {10.1000/X}, url = {https://x.org/a_b~c},
  abstract = {50\\% better}, keywords = {fp4, training}
}
@misc{b, title = {Many hands}, author = {One, A. and others}, year = 2020}
@misc{c, author = {Nobody}}
@inproceedings{d, title = "unfinished`);
	expect(papers).toMatchObject([
		{
			line: 1,
			title: 'On FP4 Técniques & Engines',
			authors: ['Jane Doe', 'Karl Müller', 'The ATLAS Collaboration'],
			authorsCount: 3,
			publishedOn: '2024-05-03',
			arxivId: '2401.00001',
			doi: '10.1000/x',
			abstract: '50% better',
			tags: ['fp4', 'training'],
			links: { page: 'https://x.org/a_b~c' },
		},
		{ line: 7, title: 'Many hands', authors: null, authorsCount: null, publishedOn: null },
	]);
	expect(messages.map(({ level, line }) => [level, line])).toEqual([
		['error', 9],
		['info', 7],
		['info', 7],
		['error', 8],
	]);
});

test('RIS', () => {
	const { papers, messages } = parseRis(
		'TY  - JOUR\r\nTI  - On Engines\r\nAU  - Lovelace, Ada\r\nAU  - Babbage, Charles, Jr.\r\nDA  - 2024/07/01\r\nAB  - First line\r\nsecond line\r\nDO  - 10.1000/Y\r\nUR  - https://arxiv.org/abs/2407.00123v1\r\nKW  - engines\r\nER  - \r\n\r\nTY  - BOOK\r\nAU  - Nobody\r\nER  - \r\nstray',
	);
	expect(papers).toMatchObject([
		{
			line: 1,
			title: 'On Engines',
			authors: ['Ada Lovelace', 'Charles Babbage Jr.'],
			abstract: 'First line second line',
			publishedOn: '2024-07-01',
			doi: '10.1000/y',
			arxivId: '2407.00123',
			tags: ['engines'],
		},
	]);
	expect(messages.map(({ line }) => line)).toEqual([16, 13]);
});

test('CSV: tolerant names, quoted line ends, line numbers', () => {
	const { papers, messages } = parseCsv(
		'\uFEFFPaper Title;Authors;Publication-Date;arXiv ID;Upvotes;Colour\r\n"On ""Engines""";Ada Lovelace; 2024-07-01;2407.00123v1;0;red\r\n"Two\r\nlines";A; not a day;x;;\r\n;B;;;;\r\n',
	);
	expect(papers).toMatchObject([
		{
			line: 2,
			title: 'On "Engines"',
			authors: ['Ada Lovelace'],
			publishedOn: '2024-07-01',
			arxivId: '2407.00123',
			upvotesElsewhere: 0,
		},
		{ line: 3, title: 'Two lines', publishedOn: null, arxivId: null, upvotesElsewhere: null },
	]);
	expect(messages.map(({ level, line }) => [level, line])).toEqual([
		['info', 1],
		['warning', 3],
		['warning', 3],
		['error', 5],
	]);
	expect(() => parseCsv('titl,authors\na,b')).toThrow(/column "title"; did you mean titl/);
	expect(() => parseCsv('title,a\n"open')).toThrow(/CSV/);
});

const card: PaperCard = {
	id: 7,
	slug: 'on-engines',
	title: '<script>alert(1)</script> & "Engines": 50% {faster}, $5_000~x^2\\',
	summary: 'One. Two.',
	abstract: '=cmd|x, "quoted"; été',
	arxivId: '2407.00123',
	doi: '10.1000/abc',
	publishedOn: '2024-07-01',
	listedOn: '2024-07-02',
	authorsCount: 2,
	authors: [
		{ slug: 'ada-lovelace', name: 'Ada Lovelace' },
		{ slug: 'c-babbage', name: 'C. Babbage' },
	],
	organisations: [{ slug: 'analytical-society', name: 'Analytical Society' }],
	tags: [{ slug: 'engines', name: 'engines' }],
	votes: 3,
	comments: 1,
	commentsElsewhere: 2,
	upvotesElsewhere: 0,
	links: { code: 'https://github.com/a/b' },
	hidden: false,
	updatedAt: '2026-01-01T00:00:00.000Z',
};
const bare: PaperCard = {
	...card,
	...{ slug: 'bare', title: 'Bare', summary: null, abstract: null, arxivId: null, doi: null, publishedOn: null, listedOn: null },
	...{ authorsCount: null, authors: [], organisations: [], tags: [], commentsElsewhere: null, upvotesElsewhere: null, links: {} },
};
const facts = {
	title: card.title,
	arxivId: '2407.00123',
	doi: '10.1000/abc',
	publishedOn: '2024-07-01',
	authors: ['Ada Lovelace', 'C. Babbage'],
	tags: ['engines'],
};
const unknown = {
	title: 'Bare',
	abstract: null,
	arxivId: null,
	authors: null,
	authorsCount: null,
	publishedOn: null,
	tags: null,
};

test('what is exported is read back: JSON Lines without loss, CSV, BibTeX and the host’s JSON in what they hold', () => {
	const whole = {
		summary: 'One. Two.',
		listedOn: '2024-07-02',
		authorsCount: 2,
		commentsElsewhere: 2,
		upvotesElsewhere: 0,
		links: card.links,
	};
	const lines = parseJsonLines(printJsonLines([card, bare]));
	expect(lines.papers).toMatchObject([
		{ ...facts, ...whole, abstract: card.abstract, slug: card.slug },
		{ ...unknown, links: {} },
	]);
	// The apostrophe before what a spreadsheet would run is the one loss.
	expect(parseCsv(printCsv([card, bare])).papers).toMatchObject([{ ...facts, ...whole, abstract: `'${card.abstract}` }, unknown]);
	const bibtex = parseBibtex(printBibtex([card, bare]));
	expect(bibtex.messages).toEqual([]);
	expect(bibtex.papers).toMatchObject([{ ...facts, abstract: card.abstract }, unknown]);
	const host = parseHostJson(JSON.stringify(toHostJson([card])));
	expect(host.papers).toMatchObject([
		{ title: card.title, arxivId: card.arxivId, authors: facts.authors, upvotesElsewhere: 3, commentsElsewhere: 1 },
	]);
	expect(parseJsonLines('{"title":"a"}\nnonsense\n{"title":""}\n{"title":5}').messages.map(({ line }) => line)).toEqual([
		2, 3, 4,
	]);
});

test('the submission form', () => {
	const form = {
		title: ' On Engines ',
		arxiv: 'https://arxiv.org/abs/2407.00123v3',
		authors: 'Ada\nCharles',
		code: 'https://github.com/a/b',
	};
	expect(parseSubmission(form, '2026-11-27').papers).toMatchObject([
		{
			title: 'On Engines',
			arxivId: '2407.00123',
			authors: ['Ada', 'Charles'],
			listedOn: '2026-11-27',
			abstract: null,
			doi: null,
		},
	]);
	expect(() => parseSubmission({}, '2026-11-27')).toThrow(/title: found nothing/);
	expect(() => parseSubmission({ title: 'a', arxiv: '99' }, '2026-11-27')).toThrow(/arxiv: found "99"/);
	expect(() => parseSubmission({ title: 'a', code: 'javascript:alert(1)' }, '2026-11-27')).toThrow(/code/);
	expect(() => parseSubmission({ title: 'a', titles: 'b' }, '2026-11-27')).toThrow(/did you mean title/);
	expect(() => parseSubmission('text', '2026-11-27')).toThrow(/form/);
});

test.each([
	['', newer, 'arxiv'],
	['x.bib', '@misc{a}', 'bibtex'],
	['', '% a comment\n@misc{a, title={b}}', 'bibtex'],
	['', 'TY  - JOUR', 'ris'],
	['', '[{"paper":{}}]', 'host-json'],
	['page.txt', 'new\n\nSubscribe\n\nDaily Papers\n\nDec 26', 'page-text'],
	['', 'Title,Authors\na,b', 'csv'],
	['papers.json', '{"title":"a"}', 'json-lines'],
])('the format of %s %s', (name, text, format) => {
	expect(detectFormat(text, name)).toBe(format);
});

test('what is no format is refused, and bytes that are no text', () => {
	expect(() => detectFormat('hello')).toThrow(/day page/);
	expect(() => decodeText(new Uint8Array([0xff, 0xfe, 0x41]))).toThrow(/UTF-8/);
	expect(decodeText(new TextEncoder().encode('\uFEFFé'))).toBe('\uFEFFé');
	expect(parseFormat('csv', 'title\na', { today: '2026-11-27' }).papers).toHaveLength(1);
});
