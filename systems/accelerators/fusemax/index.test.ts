import { createContext, createRandom, InputError, type Subject } from '@assay/contract';
import { checkCascade, parseCascade, runCascade } from '@assay/models/einsum';
import { describe, expect, test } from 'vitest';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import { builtInCascades } from './cascades/built-in-cascades.ts';
import { claims } from './claims/claims.ts';
import { headErrors } from './claims/numeric-claims.ts';
import { examples } from './examples.ts';
import fusemax from './index.ts';
import { attentionCases, attentionData } from './numeric/attention-cases.ts';
import { referenceAttention } from './numeric/reference-attention.ts';
import { runWith, small } from './test-data.ts';

const pause = async () => undefined;

test('the published setting as a user asks for it: FuseMax against the best of FLAT’s mappings', async () => {
	const { rows, answer } = await runWith({ lengths: [4096, 65_536], numeric: { formats: [] } });
	const fused = rows.filter(({ design }) => design === 'fusemax');
	// Latency at 4K and 64K divided out of the published tables.
	expect(fused.map(({ speedupOverFlat }) => speedupOverFlat.toFixed(3))).toEqual(['7.211', '7.407']);
	expect(answer).toMatch(/^BERT, 65536 tokens, 64 sequences: .* 7\.41 times as fast as FLAT, .* the limit is the 1D array\.$/);
	expect(fused[0]?.requiredBytes).toBe(2 * 256 * (2 * 64 + 2 * 64 + 2));
});

test.each(examples.map(({ name, inputs }) => [name, inputs] as const))('example %s: a report without gaps', async (_, raw) => {
	const outputs = await runWith(raw);
	const panels = fusemax.report(outputs, fusemax.inputs.parse(raw));
	expect(panels.length).toBeGreaterThan(15);
	for (const { latencySeconds, joules } of outputs.rows) expect(latencySeconds * joules).toBeGreaterThan(0);
	expect(JSON.stringify(panels)).not.toMatch(/NaN|undefined|Infinity/);
});

describe('bad input is one error that names the field and the smallest legal value', () => {
	test.each<[string, Record<string, unknown>, RegExp]>([
		[
			'E is not given',
			{ shape: { heads: 8 } },
			/shape\.queryKeyWidth: found nothing, expected a number of at least 1.*did you mean 1\?/,
		],
		[
			'a length that is no multiple of 256',
			{ lengths: [1000], padding: 'refused' },
			/lengths\[0\]: found 1000, expected a multiple of the array’s side, 256.*did you mean 1024\?/,
		],
		['the same, not the shortest of several', { lengths: [1000, 256], padding: 'refused' }, /lengths\[0\]: found 1000/],
		[
			'random tensors that no memory holds',
			{ numeric: { keys: 60_000, queries: 60_000 } },
			/numeric\.keys: found 60000 keys, 60000 queries .*expected at most 134217728/,
		],
		[
			'a buffer that is too small',
			{ accelerator: { bufferMebibytes: 0.1 } },
			/accelerator\.bufferMebibytes: found 0\.1\d* MiB, expected at least 0\.1259765625 MiB.*did you mean 0\.1259765625\?/,
		],
		[
			'no bandwidth',
			{ accelerator: { gigabytesPerSecond: 0 } },
			/accelerator\.gigabytesPerSecond: found 0, expected at least 0\.001/,
		],
		['no length', { lengths: [] }, /lengths: found 0 elements, expected at least 1/],
		[
			'a cascade with a slip',
			{ cascade: { text: 'input X[m]; Y[m] = X[m] +' } },
			/cascade\.text, line 1, column 26: found the end of text/,
		],
		[
			'a rank that the cascade does not have',
			{ cascade: { text: 'input X[q]; Y[q] = X[q]' } },
			/cascade\.rank: found "m", expected one of the cascade’s ranks: q/,
		],
	])('%s', async (_, raw, message) => {
		const run = runWith({ ...small, ...raw });
		await expect(run).rejects.toThrow(message);
		await expect(run).rejects.toBeInstanceOf(InputError);
	});
});

test('lengths that are no multiple are padded and said so', async () => {
	const { notes } = await runWith({ ...small, lengths: [1000] });
	expect(notes).toEqual(['At 1000 tokens 4 by 4 tiles of 256 are computed; 4.6 % of their work is padding.']);
});

test('a cascade from a file, of ranks that attention does not have: passes and proof, no figures', async () => {
	const { cascade } = await runWith(
		{ ...small, cascade: { file: 'norm.txt', rank: 'c' } },
		{ 'norm.txt': '# a norm\ninput X[c, w]\nN[w] = sum(c) X[c, w] * X[c, w]\nY[c, w] = X[c, w] / sqrt(N[w])\n' },
	);
	expect(cascade.analysis.passes).toBe(2);
	expect(cascade.operations.map(({ points }) => points)).toEqual([null, null]);
	expect(cascade.numeric).toEqual([]);
});

describe('arithmetic', () => {
	test('the running cascade against softmax in double precision: the first of 64 heads of 1024 by 1024, in f64 and f32', async () => {
		const errors = await headErrors.run(0, async () => undefined);
		expect(errors.float64).toBeLessThan(1e-12);
		expect(errors.float32).toBeLessThan(2e-6);
	});
	test('the reference itself: rows of equal logits give the mean, a far larger logit its value', async () => {
		const size = { E: 4, F: 3, M: 10, P: 2, tile: 4 };
		const equal = attentionData('equal logits', size, createRandom(1));
		const mean = (f: number) => equal.values.slice(f * 10, f * 10 + 10).reduce((sum, value) => sum + value, 0) / 10;
		(await referenceAttention(equal, size, pause)).forEach(
			(value, i) => void expect(value).toBeCloseTo(mean(Math.floor(i / 2)), 12),
		);
		const large = attentionData('large logit', size, createRandom(1));
		(await referenceAttention(large, size, pause)).forEach(
			(value, i) => void expect(value).toBe(large.values[Math.floor(i / 2) * 10 + 5]),
		);
	});
	test('hard cases give no undefined number in any format and any safe cascade; without the maximum a large logit overflows', async () => {
		for (const text of ['one-pass', 'two-pass', 'three-pass'] as const) {
			const { cascade } = await runWith({ ...small, cascade: { text }, numeric: { keys: 100, queries: 16, tile: 32 } });
			expect(cascade.numeric).toHaveLength(attentionCases.length * 4);
			for (const { maxError, overflowed, invalid, format } of cascade.numeric) {
				expect(overflowed + invalid).toBe(0);
				expect(maxError).toBeLessThan({ float64: 1e-13, float32: 2e-6, float16: 0.02, bfloat16: 0.1 }[format]);
			}
		}
		const { cascade } = await runWith({
			...small,
			cascade: { text: 'no-maximum' },
			numeric: { keys: 100, queries: 16, tile: 32 },
		});
		const large = cascade.numeric.filter(({ which }) => which === 'large logit');
		for (const { maxError, overflowed } of large) {
			expect(overflowed).toBeGreaterThan(0);
			expect(maxError).toBeNull();
		}
	});
	test('tiles of any size give the same result up to rounding', async () => {
		const size = { E: 8, F: 8, M: 50, P: 6 };
		const data = attentionData('normal', { ...size, tile: 8 }, createRandom(4));
		const cascade = checkCascade(parseCascade(builtInCascades['one-pass'].text));
		const inputs = { Q: data.queries, K: data.keys, V: data.values };
		const reference = await referenceAttention(data, size, pause);
		for (const tile of [1, 3, 50, 64]) {
			const run = await runCascade(cascade, { sizes: { ...size, M0: tile, P0: 4 }, inputs });
			run.values('AV').forEach((value, i) => void expect(value).toBeCloseTo(reference[i] ?? Number.NaN, 13));
		}
	});
});

describe('advice', () => {
	const reason = (subject: Subject) => {
		const found = advise.applies(subject);
		return 'reason' in found ? found.reason : 'applies';
	};
	test('for chips, with a known model', () => {
		expect(reason({ goal: 'serve', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/FlashAttention/);
		expect(reason({ goal: 'design-chip' })).toMatch(/no model/);
		expect(reason({ goal: 'design-chip', model: 'llama-3-8b' })).toBe('applies');
	});
	test.each(['llama-3.1-8b', 'bert-base', 'gpt2'])(
		'a chip for %s: gains an expert would believe, against FLAT with the same buffer',
		async (model) => {
			const found = advise.applies({ goal: 'design-chip', model });
			if (!('inputs' in found)) throw new Error(found.reason);
			const outcome = advise.assess(await runWith(found.inputs));
			if ('reason' in outcome) throw new Error(outcome.reason);
			expect(outcome.gain.latency).toBeGreaterThan(1);
			expect(outcome.gain.latency).toBeLessThan(9);
			expect(outcome.gain.energy).toBeGreaterThan(0.9);
			expect(outcome.gain.energy).toBeLessThan(2);
			expect(outcome.unchecked).toMatch(/published/);
		},
	);
});

test('calibration: latencies to ten digits, energies within 3 %', async () => {
	if (!('checks' in calibration)) throw new Error('no checks');
	const context = { ...createContext(), once: <T>(_: string, compute: () => Promise<T>) => compute() };
	const [latency, energy] = await Promise.all(calibration.checks.map(({ measure }) => measure(context)));
	expect(latency).toMatchObject({ points: 24 });
	expect(latency?.worst).toBeLessThan(1e-9);
	expect(energy?.worst).toBeLessThan(0.03);
});

test('the means of the published evaluation: 6.72, 0.79, 5.30 and 0.83', async () => {
	const context = { ...createContext(), once: <T>(_: string, compute: () => Promise<T>) => compute() };
	const measure = async (id: string) => {
		const claim = claims.find((one) => one.id === id);
		if (claim === undefined || claim.evidence === 'quoted') throw new Error(id);
		return claim.measure(context);
	};
	expect(await measure('C1')).toBeCloseTo(6.7226, 4);
	expect(Math.abs((await measure('C2')) - 79)).toBeLessThan(2);
	expect(await measure('C3')).toBeCloseTo(5.3017, 4);
	expect(Math.abs((await measure('C4')) - 83)).toBeLessThan(2);
});
