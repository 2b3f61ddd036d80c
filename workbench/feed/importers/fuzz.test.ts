/** Whatever comes in, an importer answers: with papers and messages, or with an InputError, soon. */
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, detectFormat, type Format, parseFormat } from './detect.ts';
import { parseSubmission } from './manual.ts';

const today = '2026-11-27';
const seeds: Readonly<Record<Format, string>> = {
	'page-text':
		'new\n\nSubscribe\n\nDaily Papers\n\nDec 26\n\nA Title: One\n\nAn abstract.\n\n  • 5 authors\n·\nSep 8\n\nTwo\n\nMore.\n\nZyphra Zyphra\n·\nNov 21, 2024 1',
	arxiv:
		'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2407.00123v1</id><title type="html">A &amp; B</title><author><name>C</name></author><link title="pdf" href="http://arxiv.org/pdf/1"/></entry></feed>',
	'host-json':
		'[{"paper":{"id":"2407.00123","title":"A","authors":[{"name":"B","hidden":false}],"upvotes":3},"numComments":1,"publishedAt":"2024-07-01"}]',
	bibtex:
		'@article{a, title = {On {B}} # "c", author = {D, E and F}, year = 2024, month = may, doi = {10.1000/x}}\n@string{s = "t"}\n',
	ris: 'TY  - JOUR\nTI  - A\nAU  - B, C\nDA  - 2024/07/01\nER  - \n',
	csv: 'title,authors,date\n"A ""b""",C;D,2024-07-01\nE,,\n',
	'json-lines': '{"title":"A","authors":["B"],"publishedOn":"2024-07-01","links":{"code":"https://x.org"}}\n{"title":"C"}\n',
};

/** A text with pieces cut, doubled, moved and overwritten. */
const mutated = (seed: string) => {
	const place = fc.nat(seed.length);
	const scrap = fc.oneof(
		fc.constantFrom(
			'\n',
			'\n\n',
			'{',
			'}',
			'"',
			'<',
			'>',
			'&',
			'\\',
			'·',
			'  • ',
			'\0',
			'\uFEFF',
			'@',
			',',
			'$',
			'\ud800',
			']]>',
			'<!--',
			'%',
		),
		fc.string({ maxLength: 5, unit: 'binary' }),
		fc.tuple(place, place).map(([from, to]) => seed.slice(Math.min(from, to), Math.max(from, to))),
	);
	const edit = fc.tuple(place, fc.nat(12), scrap);
	return fc
		.array(edit, { minLength: 1, maxLength: 8 })
		.map((edits) => edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), seed));
};

function answers(work: () => { papers: readonly { title: string; line: number | null }[] }): void {
	try {
		for (const { title, line } of work().papers) {
			expect(title).not.toBe('');
			if (line !== null) expect(line).toBeGreaterThan(0);
		}
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
	}
}

describe.each(Object.entries(seeds) as [Format, string][])('%s', (format, seed) => {
	test('the seed itself is read', () => {
		expect(parseFormat(format, seed, { today }).papers.length).toBeGreaterThan(0);
		expect(detectFormat(seed)).toBe(format);
	});

	test('mutated files', () => {
		fc.assert(
			fc.property(mutated(seed), (text) => answers(() => parseFormat(format, text, { today }))),
			{ numRuns: 400 },
		);
	});

	test('random bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
				answers(() => parseFormat(format, new TextDecoder().decode(bytes), { today })),
			),
			{ numRuns: 100 },
		);
	});
});

test('random bytes and names, from decoding on', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 10 }), (bytes, name) =>
			answers(() => {
				const text = decodeText(bytes, name);
				return parseFormat(detectFormat(text, name), text, { today });
			}),
		),
	);
});

test('any form', () => {
	fc.assert(fc.property(fc.anything(), (form) => answers(() => parseSubmission(form, today))));
	const field = fc.constantFrom('title', 'arxiv', 'doi', 'authors', 'code', 'publishedOn');
	fc.assert(
		fc.property(fc.dictionary(field, fc.string({ unit: 'binary' })), (form) => answers(() => parseSubmission(form, today))),
	);
});

test.each<[string, Format, string]>([
	['nested braces', 'bibtex', `@misc{a, title={${'{'.repeat(50_000)}`],
	['many open entries', 'bibtex', '@misc{a,title={b'.repeat(3_000)],
	['nested elements', 'arxiv', `<feed>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}</feed>`],
	['entities', 'arxiv', `<feed>${'&amp;'.repeat(100_000)}</feed>`],
	['billion laughs', 'arxiv', '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><feed>&b;</feed>'],
	['nested arrays', 'host-json', '['.repeat(200_000)],
	['nested lines', 'json-lines', `{"title":${'['.repeat(200_000)}`],
	['one long quote', 'csv', `title\n"${'a,'.repeat(600_000)}`],
	['many footers', 'page-text', `Dec 26\n\n${'A\n\nB\n\n'.repeat(20_000)}·\n·\n·`],
	['one long line', 'page-text', `Dec 26\n\n${'word '.repeat(200_000)}`],
	['bullets', 'page-text', '  • 1 authors\n·\n'.repeat(20_000)],
	['tags', 'ris', 'TY  - A\n'.repeat(20_000)],
])('a hostile file ends soon: %s', (_name, format, text) => answers(() => parseFormat(format, text, { today })), 10_000);

test('a file that is too long is refused before it is read', () => {
	const long = ' '.repeat(64 * 1024 * 1024 + 1);
	for (const format of ['page-text', 'arxiv', 'host-json', 'bibtex', 'ris', 'csv'] as const)
		expect(() => parseFormat(format, long, { today })).toThrow(/at most/);
});
