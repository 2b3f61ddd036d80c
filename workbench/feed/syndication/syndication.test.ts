import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { PaperCard } from '../paper.ts';
import { atomFeed } from './atom.ts';
import { type FeedDocument, feedUpdated, tagUri } from './feed-document.ts';
import { jsonFeed } from './json-feed.ts';
import { rfc822, rssFeed } from './rss.ts';

const hostile: readonly string[] = [
	'<script>alert(1)</script>',
	'"><img src=x onerror=alert(1)>',
	"' onmouseover='alert(1)",
	'&lt;b&gt; & &amp; &#0; &unknown;',
	'a ]]> b <![CDATA[ c',
	'<!-- -- --> <?php ?> <!DOCTYPE x [<!ENTITY y "z">]>',
	'bell \u0007, nul \u0000, escape \u001b, delete \u007f, \ufffe and \uffff',
	'lone \ud800 and \udc00, paired \ud83d\ude00',
	'javascript:alert(1)//\u2028\u2029\u202e',
	'123',
	'true',
	'0x10',
	' spaces ',
	'',
];

function card(id: number, title: string, changes: Partial<PaperCard> = {}): PaperCard {
	return {
		id,
		slug: `paper-${id}`,
		title,
		summary: null,
		abstract: `About ${title}`,
		arxivId: null,
		doi: null,
		publishedOn: '2025-12-26',
		listedOn: null,
		authorsCount: 2,
		authors: [
			{ slug: 'a', name: title },
			{ slug: 'b', name: 'B' },
		],
		organisations: [],
		tags: [{ slug: 'x', name: title }],
		votes: 0,
		comments: 0,
		commentsElsewhere: null,
		upvotesElsewhere: null,
		links: {},
		hidden: false,
		updatedAt: `2025-12-${10 + (id % 20)}T00:00:00.000Z`,
		...changes,
	};
}

function feedOf(papers: readonly PaperCard[], title = 'Daily Papers'): FeedDocument {
	return {
		title,
		selfUrl: 'https://papers.example/feed?a=1&b=2',
		homeUrl: 'https://papers.example/',
		id: tagUri('papers.example', 2025, 'feeds/front'),
		definedAt: '2025-01-01T00:00:00.000Z',
		entries: papers.map((paper) => ({
			paper,
			url: `https://papers.example/papers/${paper.slug}`,
			id: tagUri('papers.example', 2025, `papers/${paper.id}`),
		})),
	};
}

/** One element with its children in order, without any of the parser's conveniences. */
interface Element {
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly text: string;
	readonly children: readonly Element[];
}

const parser = new XMLParser({
	preserveOrder: true,
	ignoreAttributes: false,
	attributeNamePrefix: '',
	parseTagValue: false,
	parseAttributeValue: false,
	trimValues: false,
	processEntities: true,
});

type Node = Readonly<Record<string, unknown>>;

function parse(xml: string): Element {
	expect(XMLValidator.validate(xml)).toBe(true);
	expect(xml).toMatch(/^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
	const nodes: Node[] = parser.parse(xml);
	const [root] = nodes.filter((node) => !('?xml' in node)).flatMap(elements);
	return root!;
}

function elements(node: Node): Element[] {
	const name = Object.keys(node).find((key) => key !== ':@');
	if (name === undefined || name === '#text') return [];
	const inside = z.array(z.record(z.string(), z.unknown())).parse(node[name]);
	const attributes = z.record(z.string(), z.string()).parse(node[':@'] ?? {});
	const text = inside.map((child) => (typeof child['#text'] === 'string' ? child['#text'] : '')).join('');
	return [{ name, attributes, text, children: inside.flatMap(elements) }];
}

function all({ children }: Element, name: string): readonly Element[] {
	return children.filter((child) => child.name === name);
}

function only(element: Element, name: string): Element {
	const found = all(element, name);
	expect(found.map((one) => one.name)).toEqual([name]);
	return found[0]!;
}

const absolute = (text: string): boolean => URL.canParse(text);
/** RFC 3339 date-time, as RFC 4287 section 3.3 wants it: capital T and Z. */
const rfc3339 = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** RFC 822 section 5 with RSS's four-digit year. */
const rfc822Date =
	/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} (GMT|[+-]\d{4})$/;

/** What a text becomes in XML: what production [2] of XML 1.0 does not allow is gone, half a character is the replacement sign. */
function legal(text: string): string {
	return Array.from(text, (character) => (/^[\ud800-\udfff]$/.test(character) ? '\ufffd' : character))
		.filter((character) => {
			const code = character.codePointAt(0)!;
			return code === 9 || code === 10 || (code >= 32 && code < 0xd800) || (code > 0xdfff && code < 0xfffe) || code > 0xffff;
		})
		.join('');
}

/** RFC 4287, sections 4.1.1 and 4.1.2. */
function validateAtom(xml: string): Element {
	const feed = parse(xml);
	expect([feed.name, feed.attributes['xmlns']]).toEqual(['feed', 'http://www.w3.org/2005/Atom']);
	for (const element of [feed, ...all(feed, 'entry')]) {
		expect(absolute(only(element, 'id').text)).toBe(true);
		only(element, 'title');
		expect(only(element, 'updated').text).toMatch(rfc3339);
		for (const link of all(element, 'link')) expect(absolute(link.attributes['href'] ?? '')).toBe(true);
		const alternates = all(element, 'link').filter(({ attributes }) => attributes['rel'] === 'alternate');
		expect(new Set(alternates.map(({ attributes }) => `${attributes['type']} ${attributes['hreflang']}`)).size).toBe(
			alternates.length,
		);
		for (const author of all(element, 'author')) only(author, 'name');
		for (const category of all(element, 'category')) expect(category.attributes).toHaveProperty('term');
		expect(all(element, 'published').every(({ text }) => rfc3339.test(text))).toBe(true);
		expect(Math.max(all(element, 'published').length, all(element, 'summary').length)).toBeLessThanOrEqual(1);
	}
	expect(all(feed, 'link').filter(({ attributes }) => attributes['rel'] === 'self')).toHaveLength(1);
	// A feed has an author unless every entry has one; an entry without content has an alternate link.
	expect(all(feed, 'author').length > 0 || all(feed, 'entry').every((entry) => all(entry, 'author').length > 0)).toBe(true);
	for (const entry of all(feed, 'entry'))
		expect(all(entry, 'link').some(({ attributes }) => attributes['rel'] === 'alternate')).toBe(true);
	const ids = all(feed, 'entry').map((entry) => only(entry, 'id').text);
	expect(new Set(ids).size).toBe(ids.length);
	return feed;
}

/** RSS 2.0: the channel's required elements, an item's title or description, dates, guids. */
function validateRss(xml: string): Element {
	const rss = parse(xml);
	expect([rss.name, rss.attributes['version']]).toEqual(['rss', '2.0']);
	const channel = only(rss, 'channel');
	for (const name of ['title', 'link', 'description']) only(channel, name);
	expect(absolute(only(channel, 'link').text)).toBe(true);
	expect(only(channel, 'lastBuildDate').text).toMatch(rfc822Date);
	expect(only(channel, 'atom:link').attributes).toMatchObject({ rel: 'self', type: 'application/rss+xml' });
	for (const item of all(channel, 'item')) {
		expect(all(item, 'title').length + all(item, 'description').length).toBeGreaterThan(0);
		expect(absolute(only(item, 'link').text)).toBe(true);
		expect(only(item, 'guid').attributes['isPermaLink']).toBe('false');
		for (const date of all(item, 'pubDate')) expect(date.text).toMatch(rfc822Date);
	}
	return channel;
}

/** JSON Feed 1.1: required keys and types, and no key the specification does not know. */
const url = z.string().refine(absolute);
const time = z.string().regex(rfc3339);
const jsonFeedSchema = z.strictObject({
	version: z.literal('https://jsonfeed.org/version/1.1'),
	title: z.string(),
	home_page_url: url,
	feed_url: url,
	language: z.string(),
	items: z.array(
		z.strictObject({
			id: z.string().min(1),
			url,
			title: z.string(),
			content_text: z.string(),
			date_published: time.optional(),
			date_modified: time,
			authors: z
				.array(z.strictObject({ name: z.string() }))
				.min(1)
				.optional(),
			tags: z.array(z.string()).min(1).optional(),
		}),
	),
});

test('an ordinary feed, an empty one, and one of papers of which little is known are valid in all three formats', () => {
	const bare = card(3, 'Bare', { abstract: null, publishedOn: null, authors: [], tags: [] });
	for (const papers of [[card(1, 'One'), card(2, 'Two')], [card(1, 'One')], [], [bare]]) {
		const feed = feedOf(papers);
		expect(all(validateAtom(atomFeed(feed)), 'entry')).toHaveLength(papers.length);
		expect(all(validateRss(rssFeed(feed)), 'item')).toHaveLength(papers.length);
		expect(jsonFeedSchema.parse(JSON.parse(jsonFeed(feed))).items).toHaveLength(papers.length);
	}
});

test('any title comes out as it went in, apart from what XML may not hold', () => {
	const check = (title: string): void => {
		const feed = feedOf([card(1, title), card(2, 'Two')], title);
		const wanted = legal(title.replace(/\r\n?/g, '\n'));
		const atom = validateAtom(atomFeed(feed));
		const [entry] = all(atom, 'entry');
		expect(only(entry!, 'title').text).toBe(wanted);
		expect(only(entry!, 'category').attributes['label']?.replace(/\s/g, ' ')).toBe(wanted.replace(/\s/g, ' '));
		expect(only(all(entry!, 'author')[0]!, 'name').text).toBe(wanted);
		const [item] = all(validateRss(rssFeed(feed)), 'item');
		expect(only(item!, 'title').text).toBe(wanted);
		expect(only(item!, 'description').text).toBe(`About ${wanted}`);
		expect(jsonFeedSchema.parse(JSON.parse(jsonFeed(feed))).items[0]?.title).toBe(wanted);
	};
	for (const title of hostile) check(title);
	fc.assert(fc.property(fc.string({ unit: 'binary' }), check));
	fc.assert(
		fc.property(
			fc.string({ unit: fc.constantFrom('<', '>', '&', ';', ']', '"', "'", '-', '!', '#', 'x', '\ud800', '\u0001', '\r') }),
			check,
		),
	);
});

test('the same feed is the same bytes, and is dated by its newest paper', () => {
	const papers = [card(1, 'One'), card(5, 'Five'), card(3, 'Three')];
	for (const write of [atomFeed, rssFeed, jsonFeed]) expect(write(feedOf(papers))).toBe(write(feedOf(structuredClone(papers))));
	expect(feedUpdated(feedOf(papers))).toBe('2025-12-15T00:00:00.000Z');
	expect(feedUpdated(feedOf([]))).toBe('2025-01-01T00:00:00.000Z');
	expect(only(validateAtom(atomFeed(feedOf(papers))), 'updated').text).toBe('2025-12-15T00:00:00.000Z');
});

test('RFC 822 dates', () => {
	expect(rfc822('2025-12-26T08:05:09.123Z')).toBe('Fri, 26 Dec 2025 08:05:09 +0000');
	fc.assert(
		fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), (date) => {
			expect(rfc822(date.toISOString())).toMatch(rfc822Date);
			expect(Date.parse(rfc822(date.toISOString()))).toBe(Math.floor(date.getTime() / 1000) * 1000);
		}),
	);
});

test('a tag URI has the form of RFC 4151, whatever the path', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (path) => {
			const uri = tagUri('papers.example', 2025, path);
			expect(uri).toMatch(/^tag:papers\.example,2025:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%]*$/);
			expect(absolute(uri)).toBe(true);
		}),
	);
});
