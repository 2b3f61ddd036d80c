/** Reads a cascade's text. Statements end with the line or a semicolon; `#` starts a comment. */
import { nearestName, type Path, show } from '@assay/contract';
import type {
	Cascade,
	EinsumStatement,
	InputStatement,
	MapStatement,
	Position,
	SizeStatement,
	SplitStatement,
	Statement,
} from './cascade.ts';
import { ExpressionParser } from './parse-expression.ts';
import { tokenize } from './tokens.ts';

const MOST_STATEMENTS = 500;
const keywords = ['size', 'split', 'input', 'map'] as const;

/** Parses a text. Raises an `InputError` whose path ends in the line and the column of what is wrong, after `place`. */
export function parseCascade(text: string, place: Path = ['cascade']): Cascade {
	return new StatementParser(tokenize(text, place), place).cascade();
}

class StatementParser extends ExpressionParser {
	cascade(): Cascade {
		const statements: Statement[] = [];
		while (!this.atTextEnd()) {
			if (this.takeEnd()) continue;
			statements.push(...this.statement());
			if (statements.length > MOST_STATEMENTS) this.fail(`more than ${MOST_STATEMENTS} statements`, 'a shorter cascade');
			if (!this.takeEnd()) this.failHere('an operator or the end of the statement');
		}
		return statements;
	}

	private statement(): Statement[] {
		const { at, text } = this.current();
		const next = this.peek(1);
		if (this.current().kind === 'name' && next.kind === 'name') {
			this.advance();
			if (text === 'size') return this.list(() => this.sizeStatement());
			if (text === 'input') return this.list(() => this.inputStatement());
			if (text === 'split') return [this.splitStatement(at)];
			if (text === 'map') return [this.mapStatement(at)];
			throw this.error(at, show(text), 'size, split, input, map, or a tensor and its indices', nearestName(text, keywords));
		}
		return [this.einsumStatement(at)];
	}

	private sizeStatement(): SizeStatement {
		const { at } = this.current();
		const size = this.upperName('a size (a name with a capital)');
		this.expect('=');
		return { kind: 'size', size, value: this.wholeNumber(), at };
	}

	private inputStatement(): InputStatement {
		const { at } = this.current();
		const tensor = this.name('a tensor');
		this.expect('[');
		const ranks = this.take(']') ? [] : this.list(() => this.rank());
		if (ranks.length > 0) this.expect(']');
		return { kind: 'input', tensor, ranks, at };
	}

	private splitStatement(at: Position): SplitStatement {
		const rank = this.rank();
		this.expect('=');
		const { outermost, inner } = this.splitTerm();
		return { kind: 'split', rank, outermost, inner, at };
	}

	/** `m1 * M0 + m0`, or with a term in brackets in place of the first rank. */
	private splitTerm(): Pick<SplitStatement, 'outermost' | 'inner'> {
		let before: Pick<SplitStatement, 'outermost' | 'inner'>;
		if (this.take('(')) {
			this.enter();
			before = this.splitTerm();
			this.leave();
			this.expect(')');
		} else before = { outermost: this.rank(), inner: [] };
		this.expect('*');
		const size = this.current().kind === 'number' ? this.wholeNumber() : this.upperName('the size of the inner rank');
		this.expect('+');
		return { outermost: before.outermost, inner: [...before.inner, { rank: this.rank(), size }] };
	}

	private mapStatement(at: Position): MapStatement {
		const tensors = this.list(() => this.name('a tensor'));
		this.word('on');
		const array = this.name('the name of an array');
		const ranks = (word: string): string[] => {
			if (this.current().text !== word) return [];
			this.advance();
			this.expect('(');
			if (this.take(')')) return [];
			const list = this.list(() => this.rank());
			this.expect(')');
			return list;
		};
		const space = ranks('space');
		return { kind: 'map', tensors, array, space, time: ranks('time'), at };
	}

	private einsumStatement(at: Position): EinsumStatement {
		const tensor = this.name('size, split, input, map, or a tensor');
		const indices = this.indices();
		this.expect('=');
		const reduction = this.reduction();
		return { kind: 'einsum', tensor, indices, reduction, expression: this.expression(), at };
	}

	private list<T>(one: () => T): T[] {
		const list = [one()];
		while (this.take(',')) list.push(one());
		return list;
	}
}
