/**
 * Text as sources give it, made readable: lost or left-over LaTeX, doubled URLs, missing spaces. The rules are a table, each
 * with examples that are its tests, applied in order until nothing changes, and never inside a URL. What looks like markup
 * but is not understood stays as it is and is named as a blemish.
 */

export interface RepairedText {
	readonly text: string;
	/** What was left as it is, each once: unknown macros, unpaired TeX quotes, characters that were lost. */
	readonly blemishes: readonly string[];
}

export interface RepairRule {
	readonly name: string;
	readonly pattern: RegExp;
	readonly replace: string | ((...groups: string[]) => string);
	readonly examples: readonly (readonly [before: string, after: string])[];
}

const ACCENTS: Readonly<Record<string, string>> = {
	'`': '\u0300',
	"'": '\u0301',
	'^': '\u0302',
	'~': '\u0303',
	'=': '\u0304',
	u: '\u0306',
	'.': '\u0307',
	'"': '\u0308',
	r: '\u030A',
	H: '\u030B',
	v: '\u030C',
	c: '\u0327',
	k: '\u0328',
};
const LETTERS: Readonly<Record<string, string>> = {
	...{ ss: 'ß', o: 'ø', O: 'Ø', aa: 'å', AA: 'Å', ae: 'æ', AE: 'Æ', oe: 'œ', OE: 'Œ', l: 'ł', L: 'Ł', i: 'ı' },
	...{ alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', epsilon: 'ε', eta: 'η', theta: 'θ', kappa: 'κ', lambda: 'λ', mu: 'μ' },
	...{ pi: 'π', rho: 'ρ', sigma: 'σ', tau: 'τ', phi: 'φ', chi: 'χ', psi: 'ψ', omega: 'ω', Delta: 'Δ', Sigma: 'Σ', Omega: 'Ω' },
	...{ times: '×', sim: '~', approx: '≈', pm: '±', le: '≤', leq: '≤', ge: '≥', geq: '≥', ll: '≪', gg: '≫', cdot: '·' },
	...{ infty: '∞', rightarrow: '→', to: '→', ldots: '…', dots: '…', neq: '≠', ell: 'ℓ', degree: '°', textemdash: '—' },
};
const SUPERSCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
	[...'0123456789-'].map((key, at) => [key, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[at] ?? '']),
);
const names = (table: Readonly<Record<string, string>>): string =>
	Object.keys(table)
		.sort((one, other) => other.length - one.length)
		.join('|');

/** The rules, in the order in which they are applied. */
export const REPAIR_RULES: readonly RepairRule[] = [
	{
		name: 'accent',
		pattern:
			/\\(['`^"~=.]) ?(?:\{(\\i|[A-Za-z])\}|(\\i(?![A-Za-z])|[A-Za-z]))|\\([cvuHrk])(?:\{([A-Za-z])\}| ([A-Za-z])(?![A-Za-z]))/g,
		replace: (_match, mark, inBraces, bare, letterMark, inner, spaced) => {
			const letter = (inBraces ?? bare ?? inner ?? spaced ?? '').replace('\\i', 'i');
			return `${letter}${ACCENTS[mark ?? letterMark ?? '']}`.normalize('NFC');
		},
		examples: [
			['M{\\"u}ller, Erd\\H{o}s and Fran\\c{c}ois', 'M{ü}ller, Erdős and François'],
			['caf\\\'e and na\\"{\\i}ve', 'café and naïve'],
		],
	},
	{
		name: 'braced letter',
		pattern: /\{([^\s{}\\A-Za-z0-9])\}/gu,
		replace: '$1',
		examples: [['M{ü}ller', 'Müller']],
	},
	{
		name: 'letter or sign',
		pattern: new RegExp(`\\\\(${names(LETTERS)})(?![A-Za-z])(?:\\{\\})?`, 'g'),
		replace: (_match, name) => LETTERS[name ?? ''] ?? '',
		examples: [
			['Stra\\ss{}e', 'Straße'],
			['3\\times faster, \\alpha = 2', '3× faster, α = 2'],
		],
	},
	{
		name: 'styled text',
		pattern: /\\(?:emph|textbf|textit|texttt|textsc|textrm|text|mathrm|mathbf|mathit|mathcal|mathbb|underline|mbox)\{([^{}]*)\}/g,
		replace: '$1',
		examples: [['a \\emph{very} \\textbf{bold} claim', 'a very bold claim']],
	},
	{
		name: 'inline formula',
		pattern: /\$([^\s$](?:[^$\n]{0,120}[^\s$\\])?)\$(?![\d$])/g,
		replace: '$1',
		examples: [
			['in $O(n)$ time', 'in O(n) time'],
			['costs $12 or $15 a day', 'costs $12 or $15 a day'],
		],
	},
	{
		name: 'escaped sign',
		pattern: /\\([%&#_$])/g,
		replace: '$1',
		examples: [['2.08\\% and R\\&D', '2.08% and R&D']],
	},
	{
		name: 'lost times sign',
		pattern: /(?<=\d)times(?![A-Za-z])/g,
		replace: 'x',
		examples: [
			['6times fewer', '6x fewer'],
			['41-137times, 64times64', '41-137x, 64x64'],
			['7.1 times as fast', '7.1 times as fast'],
		],
	},
	{
		name: 'lost similarity sign',
		pattern: /(?<=\d )sim(?= \d)|(?<![\p{L}\p{N}_-])sim(?=\d)/gu,
		replace: '~',
		examples: [
			['3.65 sim 39.14x faster', '3.65 ~ 39.14x faster'],
			['sim1.5 million', '~1.5 million'],
			['the sim 3 game', 'the sim 3 game'],
		],
	},
	{
		name: 'non-breaking space',
		pattern: /(?<=[\p{L}.,;:)\]])~(?=[\p{L}\p{N}(\\[])|(?<=\p{N})~(?=[\p{L}(\\[])/gu,
		replace: ' ',
		examples: [
			['utilize~proxy tasks', 'utilize proxy tasks'],
			['models~(LLMs), Fig.~3, 5~nm', 'models (LLMs), Fig. 3, 5 nm'],
			['containing ~1.5 million, 3~4', 'containing ~1.5 million, 3~4'],
		],
	},
	{
		name: 'double quotes',
		pattern: /``([^`]{1,300}?)(?:''|"|”)/g,
		replace: '“$1”',
		examples: [
			["``coverage'' and ``depth''", '“coverage” and “depth”'],
			['``plug and play" style', '“plug and play” style'],
		],
	},
	{
		name: 'single quotes',
		pattern: /(?<![`\p{L}\p{N}\\])`([^`'"\s](?:[^`'"]{0,98}[^`'"\s])?)'(?!['\p{L}])/gu,
		replace: '‘$1’',
		examples: [["a `synthesis recipe' guided by", 'a ‘synthesis recipe’ guided by']],
	},
	{
		name: 'power of a number',
		pattern: /(?<=\d)\^(?:\{(-?\d{1,6})\}|(-?\d{1,6}))/g,
		replace: (_match, braced, bare) => [...(braced ?? bare ?? '')].map((digit) => SUPERSCRIPTS[digit]).join(''),
		examples: [['10^4 hours, 2^{-3}', '10⁴ hours, 2⁻³']],
	},
	{
		name: 'missing space',
		pattern: /(?<=\p{Ll}{2}|\p{Ll}\)|\d[%x])\.(?=\p{Lu}\p{L}* )/gu,
		replace: '. ',
		examples: [
			['model improvement.To address this', 'model improvement. To address this'],
			['of weights.We benchmark', 'of weights. We benchmark'],
			['in Node.js and e.g. U.S. law', 'in Node.js and e.g. U.S. law'],
		],
	},
];

/** Every rule and every blemish needs one of these; most texts have none. */
const DEBRIS = /[\\~`^${\uFFFD]|\dtimes|sim|\.\p{Lu}/u;
const DOUBLED_URL = /(https?:\/\/[^\s{}]+)\{\1\}/g;
const URL_TEXT = /https?:\/\/[^\s{}<>"]+/g;
const MAX_PASSES = 25;
/** Longer texts are no titles or abstracts; they are left as they are. */
const MAX_LENGTH = 100_000;

/** Repairs a text. Repairing the result again changes nothing. */
export function repairText(raw: string): RepairedText {
	if (raw.length > MAX_LENGTH) return { text: raw, blemishes: ['too long to repair'] };
	if (!DEBRIS.test(raw)) return { text: raw, blemishes: [] };
	let text = raw;
	for (let pass = 0; pass < MAX_PASSES; pass++) {
		const before = text;
		text = outsideUrls(text.replace(DOUBLED_URL, '$1'), applyRules);
		if (text === before) break;
	}
	return { text, blemishes: blemishesOf(text) };
}

function applyRules(text: string): string {
	// A replacement may be a text or a function; the two overloads of `replace` do not take the union.
	return REPAIR_RULES.reduce(
		(result, { pattern, replace }) =>
			typeof replace === 'string' ? result.replace(pattern, replace) : result.replace(pattern, replace),
		text,
	);
}

function outsideUrls(text: string, change: (part: string) => string): string {
	let [result, end] = ['', 0];
	for (const { 0: url, index } of text.matchAll(URL_TEXT)) {
		result += change(text.slice(end, index)) + url;
		end = index + url.length;
	}
	return result + change(text.slice(end));
}

function blemishesOf(text: string): string[] {
	const found: string[] = [];
	outsideUrls(text, (part) => {
		for (const [mark] of part.matchAll(/\\[A-Za-z]+|``/g)) found.push(mark);
		if (part.includes('\uFFFD')) found.push('lost characters');
		return part;
	});
	return [...new Set(found)].slice(0, 50);
}
