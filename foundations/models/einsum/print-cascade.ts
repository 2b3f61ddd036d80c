/** Writes a cascade as text that reads back to the same cascade. */
import type { Cascade, Expression, Index, Statement } from './cascade.ts';

/** One statement a line, each ended by a semicolon, so that the text survives without its line ends. */
export function printCascade(cascade: Cascade): string {
	return cascade.map((statement) => `${printStatement(statement)};\n`).join('');
}

/** One statement, without its end. */
export function printStatement(statement: Statement): string {
	switch (statement.kind) {
		case 'size':
			return `size ${statement.size} = ${statement.value}`;
		case 'input':
			return `input ${statement.tensor}[${statement.ranks.join(', ')}]`;
		case 'split': {
			const { rank, outermost, inner } = statement;
			const terms = inner.reduce(
				(before, { rank: leaf, size }, i) => `${i === 0 ? before : `(${before})`} * ${size} + ${leaf}`,
				outermost,
			);
			return `split ${rank} = ${terms}`;
		}
		case 'map': {
			const { tensors, array, space, time } = statement;
			const part = (word: string, ranks: readonly string[]) => (ranks.length === 0 ? '' : ` ${word}(${ranks.join(', ')})`);
			return `map ${tensors.join(', ')} on ${array}${part('space', space)}${part('time', time)}`;
		}
		case 'einsum': {
			const { tensor, indices, reduction, expression } = statement;
			const reduce = reduction === null ? '' : `${reduction.by}(${reduction.ranks.join(', ')}) `;
			return `${tensor}[${indices.map(printIndex).join(', ')}] = ${reduce}${printExpression(expression)}`;
		}
	}
}

function printIndex(index: Index): string {
	switch (index.kind) {
		case 'rank':
			return index.rank;
		case 'next':
			return `${index.rank}+1`;
		case 'first':
			return '0';
		case 'last':
			return index.size;
	}
}

/** How tightly an operator binds; a tighter one inside a looser one needs no brackets. */
const strength = (expression: Expression): number => {
	if (expression.kind === 'binary') return expression.operator === '+' || expression.operator === '-' ? 1 : 2;
	return 3;
};

/** An expression with as few brackets as read back to the same. */
function printExpression(expression: Expression): string {
	switch (expression.kind) {
		case 'number':
			return printNumber(expression.value);
		case 'size':
			return expression.size;
		case 'read':
			return `${expression.tensor}[${expression.indices.map(printIndex).join(', ')}]`;
		case 'call':
			return `${expression.name}(${expression.of.map(printExpression).join(', ')})`;
		case 'negate':
			return `-${within(expression.of, 3)}`;
		case 'binary': {
			const own = strength(expression);
			return `${within(expression.left, own)} ${expression.operator} ${within(expression.right, own + 1)}`;
		}
	}
}

const within = (inner: Expression, least: number): string =>
	strength(inner) < least ? `(${printExpression(inner)})` : printExpression(inner);

function printNumber(value: number): string {
	if (Number.isFinite(value)) return String(value);
	return value > 0 ? 'inf' : '-inf';
}
