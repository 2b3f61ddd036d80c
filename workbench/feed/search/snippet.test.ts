import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snippetOf } from './snippet.ts';

const term = (words: string, prefix = false) => ({ words: words.split(' '), prefix, field: null });
const marked = (text: string, ...terms: ReturnType<typeof term>[]): string[] =>
	snippetOf(text, terms).flatMap((part) => (part.marked ? [part.text] : []));

test('marks words by their stem, phrases as wholes, beginnings of words', () => {
	expect(marked('We train Transformers; training is slow.', term('trains'))).toEqual(['train', 'training']);
	expect(marked('Language models model languages.', term('language model'))).toEqual(['Language', 'models']);
	expect(marked('Quantizing quantities quickly', term('quant', true))).toEqual(['Quantizing', 'quantities']);
	expect(marked('Nothing here', term('else'))).toEqual([]);
});

test('a short text is whole; of a long one the part with the most different matches is shown', () => {
	const whole = (text: string, words: string): string =>
		snippetOf(text, [term(words)])
			.map((part) => part.text)
			.join('');
	expect(whole('<b>Short & "quoted"</b>.', 'short')).toBe('<b>Short & "quoted"</b>.');
	const long = `${'alpha filler '.repeat(60)}alpha beta gamma${' filler'.repeat(60)}`;
	const parts = snippetOf(long, [term('alpha'), term('beta'), term('gamma')]);
	expect(parts.flatMap((part) => (part.marked ? [part.text] : []))).toEqual(expect.arrayContaining(['beta', 'gamma']));
	const text = parts.map((part) => part.text).join('');
	expect(text.startsWith('\u2026 ') && text.endsWith(' \u2026')).toBe(true);
	expect(text.split(' ').length).toBeLessThanOrEqual(42);
});

test('the parts are the text itself, whatever it is', () => {
	fc.assert(
		fc.property(
			fc.string({ unit: 'binary', maxLength: 150 }),
			fc.array(fc.constantFrom(term('a'), term('b c'), term('d', true))),
			(text, terms) => {
				const joined = snippetOf(text, terms)
					.map((part) => part.text)
					.join('');
				expect(text.includes(joined.replace(/^\u2026 /, '').replace(/ \u2026$/, ''))).toBe(true);
			},
		),
	);
});
