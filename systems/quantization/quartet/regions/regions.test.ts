import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LossLaw } from '../law/loss-law.ts';
import { dataPresent, dataRows } from '../test-data.ts';
import { bestPair, predictPairs, trainingSpeed } from './precision-map.ts';
import { referenceModels } from './reference-models.ts';
import { rtx5090Speeds } from './rtx-5090.ts';
import { constantSpeeds, interpolatedSpeeds, readLatencies } from './speeds.ts';

/** The published law and factors. */
const law: LossLaw = {
	lnA: Math.log(127444.685),
	alpha: 0.57852012,
	lnB: Math.log(465834.31),
	beta: 0.5388769,
	lnE: Math.log(1.34084605),
	gamma: 0.27641569,
};
const fp4 = { parameters: 0.645163, tokens: 0.893469 };

test('Llama 3 70B with ideal speeds: the four published losses within 2e-4', () => {
	const losses = predictPairs(law, fp4, { forward: 2, backward: 2 }, 70e9, 15e12).map(({ loss }) => loss ?? Number.NaN);
	for (const [index, value] of [1.8769, 1.8803, 1.8691, 1.8668].entries())
		expect(Math.abs((losses[index] as number) - value)).toBeLessThan(2e-4);
});

test('labels of six models: all FP4 with ideal speeds; with those of an RTX 5090 three, two and one', () => {
	const labels = (speedsOf: ReturnType<typeof constantSpeeds>) =>
		referenceModels.map(({ parameters, tokens }) => bestPair(predictPairs(law, fp4, speedsOf(parameters), parameters, tokens)));
	expect(labels(constantSpeeds(2, 2))).toEqual(Array.from({ length: 6 }, () => 'FP4:FP4'));
	expect(labels(interpolatedSpeeds(rtx5090Speeds))).toEqual(['FP4:FP4', 'FP4:FP4', 'FP4:FP4', 'FP4:FP8', 'FP4:FP8', 'FP8:FP8']);
});

test('equal speeds of equal precisions change nothing: at speed 1 and without loss all four are the same', () => {
	const four = predictPairs(law, { parameters: 1, tokens: 1 }, { forward: 1, backward: 1 }, 1e9, 2e11);
	for (const { parameters, tokens, loss } of four) {
		expect(parameters).toBe(1e9);
		expect(tokens).toBeCloseTo(2e11, -2);
		expect(loss).toBeCloseTo(four[0]?.loss as number, 9);
	}
	expect(trainingSpeed({ forward: 2, backward: 2 })).toBeCloseTo(2, 12);
	expect(trainingSpeed({ forward: 1, backward: 2 })).toBeCloseTo(1.5, 12);
});

test.skipIf(!dataPresent)('typed in are the published speeds', () => {
	const published = dataRows('rtx5090_speedup_vs_fp8_bs32.csv');
	expect(rtx5090Speeds).toHaveLength(published.length);
	for (const [index, row] of published.entries()) {
		expect(rtx5090Speeds[index]?.parameters).toBe(Number(row['n_nonembedding']));
		expect(rtx5090Speeds[index]?.forward).toBeCloseTo(Number(row['forward_speedup']), 5);
		expect(rtx5090Speeds[index]?.backward).toBeCloseTo(Number(row['backward_speedup']), 5);
	}
});

describe('measured speeds', () => {
	test('lie on straight lines between sizes, end beyond the last and are unknown before the first', () => {
		const of = interpolatedSpeeds([
			{ parameters: 100, forward: 1, backward: 0.5 },
			{ parameters: 300, forward: 2, backward: 1 },
		]);
		expect(of(150)).toEqual({ forward: 1.25, backward: 0.625 });
		expect(of(300)).toMatchObject({ forward: 2, backward: 1 });
		expect(of(1e9)).toMatchObject({ forward: 2, backward: 1 });
		expect(bestPair(predictPairs(law, fp4, of(99), 99, 1e6))).toBe('FP8:FP8');
	});
	test('are times of FP8 over times of FP4, whatever the order of columns and lines', () => {
		const text = 'fp4_forward_ms,parameters,fp8_forward_ms,fp8_backward_ms,fp4_backward_ms\n2,1e9,3,8,4\n1,1e8,1,1,1\n';
		expect(readLatencies(text, 'x.csv')).toEqual([
			{ parameters: 1e8, forward: 1, backward: 1 },
			{ parameters: 1e9, forward: 1.5, backward: 2 },
		]);
	});
	test('name line and column of what is wrong', () => {
		const header = 'parameters,fp8_forward_ms,fp8_backward_ms,fp4_forward_ms,fp4_backward_ms\n';
		expect(() => readLatencies('parameters,ms\n', 't.csv')).toThrow(
			/t\.csv, line 1: found parameters,ms, expected a column fp8_forward_ms/,
		);
		expect(() => readLatencies(`${header}1e9,1,1,1,1\n1e9,1,0,1,1\n`, 't.csv')).toThrow(/line 3.*fp8_backward_ms.*found 0/);
		expect(() => readLatencies(header, 't.csv')).toThrow(/no lines below the header/);
		fc.assert(
			fc.property(fc.string({ maxLength: 100 }), (text) => {
				try {
					readLatencies(header + text, 'x');
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
