import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	binaryOperators,
	type Cascade,
	type Expression,
	functionNames,
	type Index,
	reductions,
	type Statement,
} from './cascade.ts';
import { checkCascade } from './check-cascade.ts';
import { parseCascade } from './parse-cascade.ts';
import { printCascade } from './print-cascade.ts';
import { onePass, threePass } from './test-data.ts';

const at = { line: 1, column: 1 };
const rank = fc.constantFrom('b', 'e', 'm', 'm0', 'm1', 'p', 'seq');
const size = fc.constantFrom('B', 'E', 'M', 'M0', 'Seq');
const tensor = fc.constantFrom('QK', 'x', 'SLN', 'size', 'max', 'V_2');
const index: fc.Arbitrary<Index> = fc.oneof(
	fc.record({ kind: fc.constant('rank' as const), rank }),
	fc.record({ kind: fc.constant('next' as const), rank }),
	fc.constant({ kind: 'first' as const }),
	fc.record({ kind: fc.constant('last' as const), size }),
);
const read = fc.record({
	kind: fc.constant('read' as const),
	tensor,
	indices: fc.array(index, { maxLength: 4 }),
	at: fc.constant(at),
});
const number = fc.record({
	kind: fc.constant('number' as const),
	value: fc.oneof(fc.double({ noNaN: true }), fc.integer()).filter((value) => !Object.is(value, -0)),
});

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
	expression: fc.oneof(
		{ maxDepth: 5 },
		read,
		number,
		fc.record({ kind: fc.constant('size' as const), size }),
		fc
			.record({ kind: fc.constant('negate' as const), of: tie('expression') })
			// A minus before a number that is not negative reads back as a negative number.
			.filter(({ of }) => of.kind !== 'number' || of.value < 0),
		fc.record({
			kind: fc.constant('binary' as const),
			operator: fc.constantFrom(...binaryOperators),
			left: tie('expression'),
			right: tie('expression'),
		}),
		fc.constantFrom(...functionNames).chain((name) => {
			const values = name === 'max' || name === 'min' ? 2 : 1;
			return fc.record({
				kind: fc.constant('call' as const),
				name: fc.constant(name),
				of: fc.array(tie('expression'), { minLength: values, maxLength: values }),
			});
		}),
	),
}));
const ranks = (minLength: number) => fc.array(rank, { minLength, maxLength: 4 });
const statement: fc.Arbitrary<Statement> = fc.oneof(
	fc.record({ kind: fc.constant('size' as const), size, value: fc.integer({ min: 1 }), at: fc.constant(at) }),
	fc.record({ kind: fc.constant('input' as const), tensor, ranks: ranks(0), at: fc.constant(at) }),
	fc.record({
		kind: fc.constant('split' as const),
		rank,
		outermost: rank,
		inner: fc.array(fc.record({ rank, size: fc.oneof(size, fc.integer({ min: 1, max: 9999 })) }), { minLength: 1, maxLength: 4 }),
		at: fc.constant(at),
	}),
	fc.record({
		kind: fc.constant('einsum' as const),
		tensor,
		indices: fc.array(index, { maxLength: 4 }),
		reduction: fc.option(fc.record({ by: fc.constantFrom(...reductions), ranks: ranks(1) })),
		expression,
		at: fc.constant(at),
	}),
	fc.record({
		kind: fc.constant('map' as const),
		tensors: fc.array(tensor, { minLength: 1, maxLength: 3 }),
		array: fc.constantFrom('array2d', 'array1d'),
		space: ranks(0),
		time: ranks(0),
		at: fc.constant(at),
	}),
);

/** Statements without their places. */
const bare = (cascade: Cascade): unknown =>
	JSON.parse(JSON.stringify(cascade, (key, value) => (key === 'at' ? undefined : infinite(value))));
const infinite = (value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);

test('what is printed reads back to the same cascade, with its line ends and without them', () => {
	fc.assert(
		fc.property(fc.array(statement, { maxLength: 12 }), (cascade) => {
			const text = printCascade(cascade);
			expect(bare(parseCascade(text))).toEqual(bare(cascade));
			expect(bare(parseCascade(text.replaceAll('\n', '')))).toEqual(bare(cascade));
		}),
		{ numRuns: 500 },
	);
});

test('precedence: products before sums, from the left; a reduction takes in the whole right side', () => {
	const value = (text: string) => {
		const [parsed] = parseCascade(`X[] = ${text}`);
		const of = (one: Expression): number => {
			if (one.kind === 'number') return one.value;
			if (one.kind !== 'binary') throw new Error(one.kind);
			const [left, right] = [of(one.left), of(one.right)];
			return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[one.operator];
		};
		return of((parsed as Extract<Statement, { kind: 'einsum' }>).expression);
	};
	expect(value('10 - 4 - 3')).toBe(3);
	expect(value('10 - (4 - 3)')).toBe(9);
	expect(value('2 + 3 * 4 / 6')).toBe(4);
	expect(value('-2 * -3')).toBe(6);
	expect(parseCascade('X[p] = sum(m) A[m, p] + 1')[0]).toMatchObject({
		reduction: { ranks: ['m'] },
		expression: { operator: '+' },
	});
	expect(parseCascade('X[p] = max(a[p], b[p])')[0]).toMatchObject({ reduction: null, expression: { kind: 'call' } });
});

describe('an error names line and column, what was found and what was expected', () => {
	const prelude = 'input Q[e, p], K[e, m]\n';
	test.each([
		['QK[m, p] = sum(e) Q[e, p] * K[e, m', /cascade, line 2, column 35: found the end of text, expected "," or "\]"/],
		[
			'QK[m, p] = Q[e, p] * K[e, m]',
			/line 2, column 12: found the rank e, which is not on the left, expected a reduction over it, as in sum\(e\)/,
		],
		['QK[m, p] = sum(e) Q[e, p] * L[e, m]', /line 2, column 29: found the unknown tensor L/],
		['QK[m, p] = sum(e) Q[p, e] * K[e, m]', /line 2, column 19: found the rank p, expected e, as in Q\[e, p\]/],
		['QK[m, p] = sum(e) Q[e] * K[e, m]', /column 19: found 1 indices, expected those of Q\[e, p\]/],
		['QK[m, q] = sum(e) K[e, m]', /found the unknown rank q, expected .* a size Q/],
		['G[p] = max(m, e) Q[e, p]', /found a reduction over m, which the right side does not have/],
		['G[p] = Q[0, p]', /found the index 0/],
		['A[p] = sum(e) Q[e, p] * B[p]; B[p] = A[p] + 1', /found a circle: [AB], [AB], expected tensors that do not need themselves/],
		['R[e+1, p] = R[e, p] + Q[e, p]', /found R without a start, expected .* as in R\[0, p\] = 0/],
		['R[0, p] = 0; R[e+1, p] = R[e+1, p] + Q[e, p]', /a circle within one generation: R/],
		['R[0, p] = 0; R[e+1, p] = R[E, p] + Q[e, p]', /a circle: R, expected tensors that need only earlier generations of e/],
		['R[0, p] = 0; R[e+1, p] = R[e, p]; S[p] = R[P, p]', /found P, expected E, the last generation/],
		['Q[e, p] = 1', /found the tensor Q a second time/],
		['split m = m1 * M0 + m0; R[0, p] = 0; R[m+1, p] = R[m, p]', /m is split/],
		['X[p] = expp(1)', /found "expp", expected one of exp.*did you mean exp\?/],
		['X[p] = max(1)', /found 1 values for max, expected two/],
		['size M = 0', /expected a whole number from 1 to 2\^40/],
		['X[p] = 1 $ 2', /line 2, column 10: found "\$"/],
		['X[p] = 1; map QQ on array2d space(p)', /found the unknown tensor QQ/],
		[`X[p] = ${'('.repeat(100)}`, /more than 60 levels/],
	])('%s', (text, message) => {
		const check = () => checkCascade(parseCascade(prelude + text));
		expect(check).toThrow(InputError);
		expect(check).toThrow(message);
	});
	test('limits on length and on statements', () => {
		expect(() => parseCascade(' '.repeat(60_000))).toThrow(/60000 characters, expected at most 50000/);
		expect(() => parseCascade('X[]=1;'.repeat(600))).toThrow(/more than 500 statements/);
		expect(() => checkCascade(parseCascade('# nothing'))).toThrow(/found no Einsum/);
	});
});

test('any text is read or refused with an InputError: random characters, and the cascades above with random cuts', () => {
	const cuts = fc
		.tuple(fc.constantFrom(threePass, onePass), fc.nat(900), fc.nat(40), fc.string({ maxLength: 6 }))
		.map(([text, from, count, put]) => text.slice(0, from) + put + text.slice(from + count));
	const signs = fc
		.array(fc.constantFrom('Q', '[', ']', 'e', ',', '=', '+', '1', '0', '-', '*', '(', ')', 'max', 'sum', 'M', ' ', '\n', ';'))
		.map((all) => all.join(''));
	fc.assert(
		fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), cuts, signs), (text) => {
			try {
				checkCascade(parseCascade(text));
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 1500 },
	);
});

test('order: Einsums may be written in any order, and those that need each other run generation by generation', () => {
	const { order } = checkCascade(parseCascade(onePass));
	expect(order.filter(({ generation }) => generation !== null).map(({ einsums }) => einsums.map(({ tensor }) => tensor))).toEqual(
		expect.arrayContaining([['RM'], ['SPD', 'RD'], ['SPNV', 'RNV']]),
	);
	const backwards = checkCascade([...parseCascade(threePass)].reverse());
	expect(backwards.einsums.map(({ tensor }) => tensor)).toEqual(['QK', 'GM', 'SN', 'SD', 'A', 'AV']);
});
