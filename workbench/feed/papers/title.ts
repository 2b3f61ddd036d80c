/** What two titles have in common: a key for the same title, word trigrams for nearly the same, and a slug. */
import { createHash } from 'node:crypto';

/** The words of a title in lower case, compatibility forms resolved, without punctuation. */
export function titleWords(title: string): string[] {
	return title
		.normalize('NFKC')
		.toLowerCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '');
}

/** What an index takes as a key on either engine. */
const MAX_KEY = 500;

/** Letters and digits only: equal for titles that differ in case, spacing and punctuation. A title of signs alone is its own key. */
export function titleKey(title: string): string {
	const key = titleWords(title).join('');
	return (key === '' ? title.normalize('NFKC').trim() : key).slice(0, MAX_KEY).toWellFormed();
}

/** Every three words in a row; a title of fewer words is one gram. */
export function wordTrigrams(words: readonly string[]): Set<string> {
	if (words.length < 3) return new Set([words.join(' ')]);
	return new Set(words.slice(2).map((word, index) => `${words[index]} ${words[index + 1]} ${word}`));
}

/** Common members over all members, from 0 to 1; 0 for two empty sets. */
export function jaccard(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
	let common = 0;
	for (const member of one) if (other.has(member)) common += 1;
	const all = one.size + other.size - common;
	return all === 0 ? 0 : common / all;
}

/** Lower-case letters and digits with single dashes, marks stripped: `José Ramírez` is `jose-ramirez`. Other scripts keep their letters. */
export function slugOf(text: string, limit = 80): string {
	const slug = text
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.normalize('NFC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '-')
		.replace(/^-+|-+$/g, '');
	const short = [...slug].slice(0, limit).join('').replace(/-+$/, '');
	return short === '' ? `x-${createHash('sha256').update(text).digest('hex').slice(0, 12)}` : short;
}

/** A paper's slug before it is made unique: the short name before a colon or double dash, else the first six words. */
export function paperSlug(title: string): string {
	const short = /^([^:]{2,40}?)(?::\s| --? )/.exec(title)?.[1];
	return slugOf(short !== undefined && titleWords(short).length <= 3 ? short : titleWords(title).slice(0, 6).join(' '), 60);
}
