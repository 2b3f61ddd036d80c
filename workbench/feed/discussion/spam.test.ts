import { expect, test } from 'vitest';
import { assessSpam, shouldWait, similarity } from './spam.ts';

const plain = { body: 'A thoughtful remark about the third table.', role: 'user', accountAgeHours: 1000, recent: [] } as const;
const waits = (change: Partial<Parameters<typeof assessSpam>[0]>) => shouldWait(assessSpam({ ...plain, ...change }));

test('plain remarks pass, also of a fresh account', () => {
	expect(waits({})).toBe(false);
	expect(waits({ accountAgeHours: 1 })).toBe(false);
	expect(waits({ body: 'See https://example.org and https://example.com' })).toBe(false);
});

test('many links, links of a fresh account, and repetition wait, with the reasons', () => {
	expect(waits({ body: 'https://a.example '.repeat(4) })).toBe(true);
	expect(waits({ body: 'https://a.example www.b.example', accountAgeHours: 1 })).toBe(true);
	expect(waits({ recent: ['a THOUGHTFUL remark, about the third table!'] })).toBe(true);
	expect(waits({ recent: ['Something else altogether about the second figure.'] })).toBe(false);
	expect(assessSpam({ ...plain, body: 'www.a.example', accountAgeHours: 2 }).reasons).toEqual([
		'links: 1',
		'account younger than a day',
	]);
});

test('trusted people are not held back', () => {
	for (const role of ['trusted', 'moderator', 'admin'] as const)
		expect(waits({ role, body: 'https://a.example '.repeat(9), accountAgeHours: 0, recent: ['https://a.example'] })).toBe(false);
});

test('similarity is Jaccard over runs of three words, by hand', () => {
	// Runs: {a b c, b c d} and {b c d, c d e}: one in common of three.
	expect(similarity('a b c d', 'B, c: d; e')).toBeCloseTo(1 / 3, 12);
	expect(similarity('same words here', 'same words here')).toBe(1);
	expect(similarity('thanks', 'Thanks!')).toBe(1);
	expect(similarity('thanks', 'thanks a lot indeed')).toBeCloseTo(1 / 4, 12);
	expect(similarity('', 'x')).toBe(0);
});
