/** Words near to a misspelt one: those that share most of its trigrams (Dice's coefficient), the more common first. */

/** Share of trigrams in common that is near enough. */
const NEAR = 0.45;

export class Spelling {
	private readonly words: readonly string[];
	private readonly counts: readonly number[];
	private readonly sizes: Uint8Array;
	private readonly holders = new Map<string, number[]>();

	/** From the known words and the number of papers with each. */
	constructor(known: ReadonlyMap<string, number>) {
		this.words = [...known.keys()];
		this.counts = [...known.values()];
		this.sizes = new Uint8Array(this.words.length);
		this.words.forEach((word, index) => {
			const own = trigrams(word);
			this.sizes[index] = own.size;
			for (const trigram of own) {
				const holders = this.holders.get(trigram);
				if (holders === undefined) this.holders.set(trigram, [index]);
				else holders.push(index);
			}
		});
	}

	/** The best known word for one that is not known, if there is one near. */
	nearest(word: string): string | undefined {
		const own = trigrams(word);
		const shared = new Map<number, number>();
		for (const trigram of own) {
			for (const index of this.holders.get(trigram) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
		}
		let [best, bestScore] = [-1, NEAR];
		for (const [index, count] of shared) {
			const score = (2 * count) / (own.size + this.sizes[index]!);
			const better = score > bestScore || (score === bestScore && (best < 0 || this.counts[index]! > this.counts[best]!));
			if (better) [best, bestScore] = [index, score];
		}
		return best < 0 ? undefined : this.words[best];
	}
}

/** Of the word with two blanks before it and one behind. */
function trigrams(word: string): Set<string> {
	const padded = `  ${word} `;
	const found = new Set<string>();
	for (let i = 0; i + 3 <= padded.length; i++) found.add(padded.slice(i, i + 3));
	return found;
}
