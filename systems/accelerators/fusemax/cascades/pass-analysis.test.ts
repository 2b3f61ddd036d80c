import { InputError } from '@assay/contract';
import { checkCascade, parseCascade, rankSizes } from '@assay/models/einsum';
import { describe, expect, test } from 'vitest';
import { onePassCycles } from '../designs/one-pass.ts';
import { builtInCascades, cascadeText } from './built-in-cascades.ts';
import { mappedCycles } from './mapped-cycles.ts';
import { analysePasses } from './pass-analysis.ts';
import { analyseBuiltIn } from './taxonomy.ts';

const analyse = (text: string, rank = 'm') => analysePasses(checkCascade(parseCascade(text)), rank);
const passesByTensor = (text: string, rank = 'm') =>
	Object.fromEntries(analyse(text, rank).einsums.map(({ tensor, pass }) => [tensor, pass]));

test('the four attentions take 3, 2, 1 and 1 passes, layer norm 3 and 2', () => {
	expect(
		(['three-pass', 'two-pass', 'one-pass', 'no-maximum', 'layer-norm-two-step', 'layer-norm-sums'] as const).map(
			(name) => analyseBuiltIn(name).passes,
		),
	).toEqual([3, 2, 1, 1, 3, 2]);
});

test('what is kept for the whole of m: logits in two passes, exponentials as well in three, nothing in one', () => {
	const kept = (name: Parameters<typeof analyseBuiltIn>[0]) =>
		analyseBuiltIn(name)
			.tensors.filter(({ footprint }) => footprint === 'fibre')
			.map(({ tensor }) => tensor);
	expect(kept('three-pass')).toEqual(['QK', 'SN']);
	expect(kept('two-pass')).toEqual(['QK']);
	expect(kept('one-pass')).toEqual([]);
	expect(kept('no-maximum')).toEqual([]);
	expect(analyseBuiltIn('no-maximum').unsafeExponentials).toEqual(['SN']);
	expect(analyseBuiltIn('one-pass').unsafeExponentials).toEqual([]);
});

test('the order in which Einsums are written does not matter', () => {
	const { text } = builtInCascades['one-pass'];
	const turned = text.split(';\n').reverse().join(';\n');
	expect(analyse(turned).passes).toBe(1);
});

describe('cascades of one’s own, worked by hand', () => {
	test('cosine similarity with a norm: the norm is complete after the first pass', () => {
		expect(passesByTensor('input X[m, p]; S[p] = sum(m) X[m, p] * X[m, p]; N[p] = sqrt(S[p]); Y[m, p] = X[m, p] / N[p]')).toEqual(
			{ S: 1, N: 1, Y: 2 },
		);
	});
	test('four reductions that need each other take five passes', () => {
		const text = `input X[m]
			A[] = sum(m) X[m]
			B[] = sum(m) X[m] * A[]
			C[] = sum(m) X[m] * B[]
			D[] = sum(m) X[m] * C[]
			Y[m] = X[m] - D[]`;
		expect(passesByTensor(text)).toEqual({ A: 1, B: 2, C: 3, D: 4, Y: 5 });
		expect(analyse(text).passes).toBe(5);
	});
	test('a running sum costs no pass, its last generation does', () => {
		const prefix = 'input X[m]; R[0] = 0; R[m+1] = R[m] + X[m];';
		expect(analyse(`${prefix} Y[m] = X[m] * R[m]`).passes).toBe(1);
		expect(analyse(`${prefix} Y[m] = X[m] / R[M]`).passes).toBe(2);
	});
	test('a reduction within a tile costs none, one over all tiles does', () => {
		const split = 'split m = m1 * M0 + m0; input X[m];';
		expect(analyse(`${split} T[m1] = max(m0) X[m]; Y[m] = X[m] - T[m1]`).passes).toBe(1);
		expect(analyse(`${split} T[m0] = max(m1) X[m]; Y[m] = X[m] - T[m0]`).passes).toBe(2);
	});
	test('iterations over another rank that each need a sum over m: no number of passes is enough', () => {
		const { passes, einsums } = analyse(`input X[m]; size T = 10
			V[0, m] = X[m]
			N[t] = sum(m) V[t, m] * V[t, m]
			V[t+1, m] = V[t, m] / sqrt(N[t])`);
		expect(passes).toBeNull();
		expect(einsums[0]?.because).toMatch(/each generation walks m once more/);
	});
	test('with respect to another rank the counts differ', () => {
		expect(analyse(builtInCascades['three-pass'].text, 'e').passes).toBe(1);
		expect(analyse(builtInCascades['three-pass'].text, 'p').passes).toBe(1);
	});
	test('the proof says why', () => {
		const { einsums } = analyseBuiltIn('three-pass');
		expect(einsums.map(({ because }) => because)).toEqual([
			'walks m and needs K as it comes in pass 1',
			'walks m and needs QK as it comes in pass 1; GM is complete when m has been walked to its end',
			'walks m and needs GM, complete only after pass 1: pass 2',
			'walks m and needs SN as it comes in pass 2; SD is complete when m has been walked to its end',
			'walks m and needs SD, complete only after pass 2: pass 3',
			'walks m and needs A as it comes in pass 3; AV is complete when m has been walked to its end',
		]);
	});
});

describe('cycles from a mapping', () => {
	const sizes = { E: 48, F: 80, M: 1000, P: 700, M0: 32, P0: 32 };
	const cyclesOf = (text: string) => {
		const cascade = checkCascade(parseCascade(text));
		return mappedCycles(cascade, rankSizes(cascade, sizes), 32);
	};
	test('the one-pass cascade as mapped in its text takes what the closed form says, Einsum by Einsum', () => {
		const shape = { batch: 1, heads: 1, queryKeyWidth: 48, valueWidth: 80, keys: 1000, queries: 700 };
		const byName = (list: readonly { einsum: string; array: string; cycles: number }[]) =>
			[...list].sort((a, b) => (a.einsum < b.einsum ? -1 : 1));
		expect(byName(cyclesOf(builtInCascades['one-pass'].text))).toEqual(byName(onePassCycles(shape, 32, 'fusemax')));
	});
	test('arrays that are not there and ranks that do not fit are refused with their place', () => {
		const text = 'split p = p1 * P0 + p0; split m = m1 * M0 + m0; input Q[e, p], V[f, m]; X[e, p] = Q[e, p] + 0 * M;';
		expect(() => cyclesOf(`${text} map X on array3d space(p0)`)).toThrow(/found array3d, expected array2d or array1d/);
		expect(() => cyclesOf(`${text} map X on array1d space(p0, p1)`)).toThrow(InputError);
	});
});

test('a name stands for its cascade, any other text for itself', () => {
	expect(cascadeText(' two-pass ')).toBe(builtInCascades['two-pass'].text);
	expect(cascadeText('X[] = 1')).toBe('X[] = 1');
});
