import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { XSS_CORPUS } from '../discussion/testing/xss-corpus.ts';
import { authorsText, firstSentences } from './digest-papers.ts';
import { bareAddress, oneLine } from './message.ts';
import { confirmationMail, type DigestPaper, digestMail, HTML_LIMIT_BYTES, magicLinkMail } from './templates.ts';

const identity = { publicUrl: 'https://papers.example.org', from: 'Daily Papers <papers@example.org>' };

function paper(id: number, changes: Partial<DigestPaper> = {}): DigestPaper {
	const url = `https://papers.example.org/papers/paper-${id}`;
	return { id, slug: `paper-${id}`, title: `Paper ${id}`, authors: 'Ada and Eve', excerpt: `About ${id}.`, url, ...changes };
}

function read(html: string) {
	const { document } = parseHTML(html);
	return {
		text: document.body.textContent?.replace(/\s+/g, ' ') ?? '',
		links: [...document.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? ''),
		tags: new Set([...document.querySelectorAll('*')].map((element) => element.tagName.toLowerCase())),
		handlers: [...document.querySelectorAll('*')].flatMap((element) =>
			[...element.attributes].filter(({ name }) => /^on/i.test(name)),
		),
	};
}

test('a digest says the day, the papers in order, and how to leave, in both forms', async () => {
	const mail = await digestMail(identity, '2025-12-26', [paper(3), paper(1)], 'TOKEN');
	expect(mail.subject).toBe('Daily Papers - Dec 26 - Paper 3');
	const { text, links } = read(mail.html);
	for (const form of [mail.text.replace(/\s+/g, ' '), text]) {
		expect(form).toMatch(/Paper 3.*Ada and Eve.*About 3\..*Paper 1.*About 1\./);
		expect(form).not.toMatch(/\{\{|\}\}/);
	}
	expect(links).toEqual([
		'https://papers.example.org/papers/paper-3',
		'https://papers.example.org/papers/paper-1',
		'https://papers.example.org/date/2025-12-26',
		'https://papers.example.org/unsubscribe/TOKEN',
	]);
	expect(mail.text).toContain('https://papers.example.org/unsubscribe/TOKEN');
	expect(mail.html).not.toMatch(/fonts\.googleapis|<img|<script/);
});

test('the subject is one line, whatever the title holds', async () => {
	const title = `A\r\nBcc: eve@example.org\u2028${'very '.repeat(60)}long`;
	const { subject } = await digestMail(identity, '2026-01-03', [paper(1, { title })], 'TOKEN');
	expect(subject).toMatch(/^Daily Papers - Jan 3 - A Bcc: eve@example\.org very [^\r\n]*…$/);
	expect(subject.length).toBeLessThan(150);
	expect(oneLine('a \0\t b', 10)).toBe('a b');
	expect(oneLine('🙂🙂🙂', 2)).toBe('🙂…');
});

test('whatever stands in titles, names and abstracts is text', async () => {
	const plain = read((await digestMail(identity, '2025-12-26', [paper(1)], 'TOKEN')).html);
	for (let from = 0; from < XSS_CORPUS.length; from += 10) {
		const papers = XSS_CORPUS.slice(from, from + 10).map((text, id) => paper(id, { title: text, authors: text, excerpt: text }));
		const { text, tags, handlers, links } = read((await digestMail(identity, '2025-12-26', papers, 'TOKEN')).html);
		expect([...tags].filter((tag) => !plain.tags.has(tag))).toEqual([]);
		expect(handlers).toEqual([]);
		expect(links.filter((link) => !link.startsWith('https://papers.example.org/'))).toEqual([]);
		for (const { title } of papers) expect(text).toContain(oneLine(title, 200));
	}
	const place = await digestMail(identity, '2025-12-26', [paper(1, { title: '{{leave}} {{url}}' })], 'TOKEN');
	expect(read(place.html).text).toContain('{{leave}} {{url}}');
});

test('ten papers of the longest texts stay below 100 kB', async () => {
	for (const character of ['"', '\u4e00', '🙂', 'x']) {
		const longest = { title: character.repeat(3000), authors: character.repeat(3000), excerpt: character.repeat(3000) };
		const url = `https://papers.example.org/papers/${'x'.repeat(200)}`;
		const { html } = await digestMail(
			identity,
			'2025-12-26',
			Array.from({ length: 10 }, (_, id) => paper(id, { ...longest, url })),
			'TOKEN',
		);
		expect(Buffer.byteLength(html)).toBeLessThanOrEqual(HTML_LIMIT_BYTES);
	}
});

test('confirmation and sign-in carry their links, and say what was asked for', async () => {
	const confirmation = await confirmationMail(identity, { token: 'CONFIRM', topics: ['<b>serving</b>'], cadence: 'weekly' });
	expect(read(confirmation.html).links).toEqual(['https://papers.example.org/confirm/CONFIRM']);
	expect(read(confirmation.html).text).toMatch(/weekly papers by mail \(<b>serving<\/b>\)/);
	expect(confirmation.text).toContain('https://papers.example.org/confirm/CONFIRM');
	const link = await magicLinkMail(identity, 'LOGIN');
	expect(read(link.html).links).toEqual(['https://papers.example.org/login/LOGIN']);
	expect(link.text).toContain('https://papers.example.org/login/LOGIN');
});

test.each([
	[[], null, ''],
	[[], 1, '1 author'],
	[[], 5, '5 authors'],
	[['A'], null, 'A'],
	[['A', 'B'], 2, 'A and B'],
	[['A', 'B', 'C'], 3, 'A, B and C'],
	[['A', 'B', 'C'], 4, 'A, B, C and 1 other'],
	[['A', 'B', 'C', 'D', 'E'], 3, 'A, B, C and 2 others'],
] as const)('authors %j of %j: %j', (names, count, text) => expect(authorsText(names, count)).toBe(text));

test('an excerpt ends with a sentence, or with a word', () => {
	expect(firstSentences('Short. Text')).toBe('Short. Text');
	const sentence = `${'word '.repeat(30).trim()}.`;
	expect(firstSentences(`${sentence} ${sentence} ${sentence}`)).toBe(sentence);
	expect(firstSentences('word '.repeat(100))).toMatch(/^(word )*word…$/);
	expect(bareAddress('Daily Papers <a@b.org> ')).toBe('a@b.org');
	expect(bareAddress('a@b.org')).toBe('a@b.org');
});
