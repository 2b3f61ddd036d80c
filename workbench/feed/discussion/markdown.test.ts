import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { ALLOWED_TAGS, COMMENT_LIMIT, renderMarkdown } from './markdown.ts';
import { XSS_CORPUS } from './testing/xss-corpus.ts';

/** What another parser makes of the output: elements with their attributes. */
function elements(html: string): { tag: string; attributes: Record<string, string> }[] {
	const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
	return [...document.body.querySelectorAll('*')].map((element) => ({
		tag: element.tagName.toLowerCase(),
		attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name.toLowerCase(), value])),
	}));
}

function expectInert(html: string): void {
	for (const { tag, attributes } of elements(html)) {
		expect(ALLOWED_TAGS, html).toContain(tag);
		for (const [name, value] of Object.entries(attributes)) {
			expect(tag === 'a' ? ['href', 'rel'] : tag === 'ol' ? ['start'] : [], html).toContain(name);
			if (name === 'href') expect(new URL(value).protocol, html).toMatch(/^(https?|mailto):$/);
		}
		if (tag === 'a') expect(attributes['rel'], html).toBe('nofollow ugc noopener');
	}
	// The same, without any parser: each `<` begins one of the allowed tags in a form with nothing but the allowed attributes.
	const tags = html.match(/<[^>]*>?/g) ?? [];
	const form =
		/^<(?:\/?(?:p|strong|em|s|code|pre|blockquote|ul|ol|li|a)|br \/|hr \/|ol start="\d+"|a href="(?:https?:\/\/|mailto:)[^"<>]*" rel="nofollow ugc noopener")>$/;
	for (const tag of tags) expect(tag).toMatch(form);
}

test('the corpus is large and each of its texts is known to be dangerous to a page that trusts it', () => {
	expect(XSS_CORPUS.length).toBeGreaterThanOrEqual(40);
	expect(new Set(XSS_CORPUS).size).toBe(XSS_CORPUS.length);
	for (const text of XSS_CORPUS) expect(text).toMatch(/alert|evil\.example|PHNjcmlwdD/);
});

test.each(XSS_CORPUS.map((text) => [text]))('inert: %j', (text) => expectInert(renderMarkdown(text)));

test('pieces of the corpus put together in any order are inert too', () => {
	const piece = fc.oneof(
		fc.constantFrom(...XSS_CORPUS),
		fc.constantFrom(
			'[',
			'](',
			')',
			'<',
			'>',
			'"',
			"'",
			'`',
			'```\n',
			'\n',
			'\n\n',
			'> ',
			'- ',
			'&',
			'&#x6a;',
			'javascript:',
			'\\',
			'\t',
		),
		fc.string({ maxLength: 6, unit: 'binary' }),
	);
	fc.assert(
		fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
			const text = pieces.join('');
			if (text.trim() !== '') expectInert(renderMarkdown(text));
		}),
		{ numRuns: 1500 },
	);
});

describe('what people write', () => {
	test.each([
		['**bold** and *slanted* and `code`', '<p><strong>bold</strong> and <em>slanted</em> and <code>code</code></p>'],
		['one\ntwo', '<p>one<br />\ntwo</p>'],
		['> said\n\nI say', '<blockquote>\n<p>said</p>\n</blockquote>\n<p>I say</p>'],
		['2. two\n3. three', '<ol start="2">\n<li>two</li>\n<li>three</li>\n</ol>'],
		['a < b && c > d', '<p>a &lt; b &amp;&amp; c &gt; d</p>'],
		[
			'[paper](https://example.org/a?b=1&c=2)',
			'<p><a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">paper</a></p>',
		],
		['see https://example.org', '<p>see <a href="https://example.org" rel="nofollow ugc noopener">https://example.org</a></p>'],
		['[here](/logout)', '<p>[here](/logout)</p>'],
		['# no heading', '<p># no heading</p>'],
	])('%j', (text, html) => expect(renderMarkdown(text)).toBe(html));
});

test('a comment has 1 to 10,000 characters, and depth costs no more than length', () => {
	expect(renderMarkdown('x'.repeat(COMMENT_LIMIT))).toHaveLength(COMMENT_LIMIT + 7);
	for (const text of ['', ' \n\t', 'x'.repeat(COMMENT_LIMIT + 1)]) expect(() => renderMarkdown(text)).toThrow(InputError);
	for (const piece of ['>', '- ', '[', '![', '*', '_a', '**a', '`', '<', '](', '&#', 'http://a.', '\\'])
		expectInert(renderMarkdown(piece.repeat(Math.floor(COMMENT_LIMIT / piece.length))));
});
