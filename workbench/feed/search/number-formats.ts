/**
 * Number formats by their other names. A paper writes "FP4" where a reader asks for "four-bit floating point", and the other
 * way round; so every format that a text names is spelt out once more, in a line of its own, for the index to find.
 */

const COUNTS = new Map([
	[1, 'one'],
	[2, 'two'],
	[3, 'three'],
	[4, 'four'],
	[5, 'five'],
	[6, 'six'],
	[8, 'eight'],
	[16, 'sixteen'],
	[32, 'thirty two'],
	[64, 'sixty four'],
]);
const BITS = new Map([...COUNTS].map(([bits, word]) => [word, bits]));

const NAMED = /\b(?<kind>(?:mx|nv)?fp|bf|tf|u?int)(?<bits>\d{1,2})\b/gi;
const WIDTH = /\b(?<bits>\d{1,2}|one|two|three|four|five|six|eight|sixteen|thirty[- ]two|sixty[- ]four)[- ]?bits?\b/gi;

/** The formats that the text names, spelt out, each once: `4 bit four bit floating point`; empty if it names none. */
export function spelledOutFormats(text: string): string {
	const readings = new Set<string>();
	for (const { groups = {} } of text.matchAll(NAMED)) {
		readings.add(`${width(Number(groups['bits']))} ${/int/i.test(groups['kind'] ?? '') ? 'integer' : 'floating point'}`);
	}
	for (const { groups = {} } of text.matchAll(WIDTH)) {
		const bits = groups['bits'] ?? '';
		readings.add(width(BITS.get(bits.toLowerCase().replace('-', ' ')) ?? Number(bits)));
	}
	return [...readings].join('\n');
}

function width(bits: number): string {
	const word = COUNTS.get(bits);
	return word === undefined ? `${bits} bit` : `${bits} bit ${word} bit`;
}
