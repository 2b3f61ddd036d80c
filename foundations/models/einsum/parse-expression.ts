/** Expressions, indices and the small parts that all statements are made of. */
import { nearestName, type Path, show } from '@assay/contract';
import { type EinsumStatement, type Expression, functionNames, type Index, type Position, reductions } from './cascade.ts';
import { errorAt, type Token } from './tokens.ts';

const MOST_DEPTH = 60;
const MOST_INDICES = 16;
const isLower = (text: string): boolean => /^[a-z]/.test(text) && text !== 'inf';

/** A reader of tokens; never past the last one, which ends the text. */
export class ExpressionParser {
	private readonly tokens: readonly Token[];
	private readonly place: Path;
	private next = 0;
	private depth = 0;

	constructor(tokens: readonly Token[], place: Path) {
		this.tokens = tokens;
		this.place = place;
	}

	protected peek(ahead: number): Token {
		return this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)] as Token;
	}

	protected current(): Token {
		return this.peek(0);
	}

	protected advance(): Token {
		const token = this.current();
		if (this.next < this.tokens.length - 1) this.next++;
		return token;
	}

	protected atTextEnd(): boolean {
		return this.next === this.tokens.length - 1;
	}

	/** Steps over one end of a statement; the end of the text stays. */
	protected takeEnd(): boolean {
		if (this.current().kind !== 'end') return false;
		this.advance();
		return true;
	}

	protected error(at: Position, found: string, expected: string, nearest?: string): Error {
		return errorAt(this.place, at, found, expected, nearest);
	}

	protected fail(found: string, expected: string): never {
		throw this.error(this.current().at, found, expected);
	}

	protected failHere(expected: string): never {
		const { kind, text } = this.current();
		this.fail(kind === 'end' ? `the ${text === ';' ? 'end of the statement' : text}` : show(text), expected);
	}

	/** Steps over a sign if it is there. */
	protected take(sign: string): boolean {
		const token = this.current();
		if (token.kind !== 'sign' || token.text !== sign) return false;
		this.advance();
		return true;
	}

	protected expect(sign: string): void {
		if (!this.take(sign)) this.failHere(show(sign));
	}

	protected word(word: string): void {
		if (this.current().text !== word) this.failHere(`the word ${word}`);
		this.advance();
	}

	protected name(what: string): string {
		if (this.current().kind !== 'name') this.failHere(what);
		return this.advance().text;
	}

	protected rank(): string {
		if (this.current().kind !== 'name' || !isLower(this.current().text)) this.failHere('a rank (a lower-case name)');
		return this.advance().text;
	}

	protected upperName(what: string): string {
		if (this.current().kind !== 'name' || isLower(this.current().text)) this.failHere(what);
		return this.advance().text;
	}

	protected wholeNumber(): number {
		const token = this.current();
		if (token.kind !== 'number' || !Number.isInteger(token.value) || token.value < 1 || token.value > 2 ** 40)
			this.failHere('a whole number from 1 to 2^40');
		this.advance();
		return token.value;
	}

	protected enter(): void {
		if (++this.depth > MOST_DEPTH) this.fail(`more than ${MOST_DEPTH} levels of brackets and signs`, 'a flatter expression');
	}

	protected leave(): void {
		this.depth--;
	}

	protected indices(): Index[] {
		this.expect('[');
		const indices: Index[] = [];
		if (this.take(']')) return indices;
		do {
			indices.push(this.index());
			if (indices.length > MOST_INDICES) this.fail(`more than ${MOST_INDICES} indices`, 'fewer');
		} while (this.take(','));
		if (!this.take(']')) this.failHere('"," or "]"');
		return indices;
	}

	private index(): Index {
		const token = this.current();
		if (token.kind === 'number') {
			if (token.value !== 0) this.failHere('0, the first generation');
			this.advance();
			return { kind: 'first' };
		}
		if (token.kind !== 'name') this.failHere('a rank, 0 for the first generation, or a size for the last');
		this.advance();
		if (!isLower(token.text)) return { kind: 'last', size: token.text };
		if (!this.take('+')) return { kind: 'rank', rank: token.text };
		const one = this.current();
		if (one.kind !== 'number' || one.value !== 1) this.failHere('1, for the next generation');
		this.advance();
		return { kind: 'next', rank: token.text };
	}

	/** `sum(e, f)` before the expression; a rank in brackets tells it from the functions of the same names. */
	protected reduction(): EinsumStatement['reduction'] {
		const by = reductions.find((name) => name === this.current().text);
		if (by === undefined || this.peek(1).text !== '(' || this.peek(2).kind !== 'name') return null;
		if (!isLower(this.peek(2).text) || this.peek(3).text === '[' || this.peek(3).text === '(') return null;
		this.advance();
		this.advance();
		const ranks = [this.rank()];
		while (this.take(',')) ranks.push(this.rank());
		this.expect(')');
		return { by, ranks };
	}

	protected expression(): Expression {
		let left = this.product();
		for (;;) {
			const operator = this.take('+') ? '+' : this.take('-') ? '-' : null;
			if (operator === null) return left;
			left = { kind: 'binary', operator, left, right: this.product() };
		}
	}

	private product(): Expression {
		let left = this.factor();
		for (;;) {
			const operator = this.take('*') ? '*' : this.take('/') ? '/' : null;
			if (operator === null) return left;
			left = { kind: 'binary', operator, left, right: this.factor() };
		}
	}

	private factor(): Expression {
		this.enter();
		const expression = this.unnested();
		this.leave();
		return expression;
	}

	private unnested(): Expression {
		if (this.take('-')) {
			const of = this.factor();
			// A minus before a number is part of it.
			return of.kind === 'number' && of.value >= 0 ? { kind: 'number', value: -of.value } : { kind: 'negate', of };
		}
		if (this.take('(')) {
			const inside = this.expression();
			this.expect(')');
			return inside;
		}
		const token = this.current();
		if (token.kind === 'number') {
			this.advance();
			return { kind: 'number', value: token.value };
		}
		if (token.kind !== 'name') this.failHere('a tensor, a number, a size, a function or "("');
		if (this.peek(1).text === '[') {
			this.advance();
			return { kind: 'read', tensor: token.text, indices: this.indices(), at: token.at };
		}
		if (this.peek(1).text === '(') return this.call(token);
		this.advance();
		if (token.text === 'inf') return { kind: 'number', value: Number.POSITIVE_INFINITY };
		if (isLower(token.text))
			throw this.error(token.at, show(token.text), `a tensor with its indices, as in ${token.text}[p], or a size`);
		return { kind: 'size', size: token.text };
	}

	private call(token: Token): Expression {
		const name = functionNames.find((known) => known === token.text);
		if (name === undefined) {
			const expected = (reductions as readonly string[]).includes(token.text)
				? 'a reduction only right after "=", as in sum(e) Q[e, p] * K[e, m]'
				: `one of ${functionNames.join(', ')}`;
			throw this.error(token.at, show(token.text), expected, nearestName(token.text, functionNames));
		}
		this.advance();
		this.expect('(');
		const of = [this.expression()];
		while (this.take(',')) of.push(this.expression());
		this.expect(')');
		const wanted = name === 'max' || name === 'min' ? 2 : 1;
		if (of.length !== wanted)
			throw this.error(
				token.at,
				`${of.length} values for ${name}`,
				wanted === 2 ? `two; max(m) before the expression reduces` : 'one',
			);
		return { kind: 'call', name, of };
	}
}
