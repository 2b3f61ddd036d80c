import { memoryFile } from '@assay/contract';
import { resolveModel } from '@assay/models';
import { describe, expect, test } from 'vitest';
import { publishedMachineTypes } from '../machine-type.ts';
import { dataMissing, dataText, pause } from '../test-data.ts';
import { PhaseCurves } from './phase-curves.ts';
import { publishedProfile } from './published-profiles.ts';
import { medianProfiles, profileKey, readProfileRows } from './read-profile.ts';
import { rooflineProfile } from './roofline.ts';

const bloom = (hardware: string): PhaseCurves => {
	const profile = publishedProfile('bloom-176b', hardware);
	if (profile === undefined) throw new Error(hardware);
	return new PhaseCurves(profile, hardware);
};

test('golden points of BLOOM-176B within 1e-6', () => {
	const points: [string, 'prompt' | 'token', number, number][] = [
		['a100-80gb', 'prompt', 1500, 403.022],
		['a100-80gb', 'prompt', 2048, 536.055],
		['a100-80gb', 'prompt', 3000, 906.344],
		['a100-80gb', 'prompt', 20000, 6989.21],
		['h100-80gb', 'prompt', 2048, 251.964],
		['h100-80gb', 'prompt', 4096, 649.598],
		['h100-80gb', 'prompt', 8192, 1411.575],
		['a100-80gb', 'token', 1, 47.518],
		['a100-80gb', 'token', 64, 47.565],
		['a100-80gb', 'token', 1020, 49.441],
		['h100-80gb', 'token', 1, 35.327],
		['h100-80gb', 'token', 64, 35.532],
	];
	for (const [hardware, phase, tokens, milliseconds] of points) {
		const curves = bloom(hardware);
		const found = 1000 * (phase === 'prompt' ? curves.promptSeconds(tokens) : curves.tokenSeconds(tokens));
		// The specification prints the points to six digits: half a unit of the last one is the sharpest check there is.
		const digit = 10 ** (Math.floor(Math.log10(milliseconds)) - 5);
		expect(Math.abs(found - milliseconds)).toBeLessThanOrEqual(Math.max(0.5 * digit, 0.0005) + 1e-6 * milliseconds);
	}
});

test('a capped H100 takes 1.3 times as long for prompts and as long for tokens', () => {
	for (const tokens of [50, 128, 3000, 40_000]) {
		expect(bloom('h100-80gb-pcap').promptSeconds(tokens) / bloom('h100-80gb').promptSeconds(tokens)).toBeCloseTo(1.3, 9);
		expect(bloom('h100-80gb-pcap').tokenSeconds(tokens)).toBeCloseTo(bloom('h100-80gb').tokenSeconds(tokens), 12);
	}
});

test('a profile that goes below zero within the sizes of a trace is refused', () => {
	const curves = new PhaseCurves({ batchTokens: [100, 200], promptSeconds: [0.1, 0.3], tokenSeconds: [0.1, 0.1] }, 'mine.csv');
	expect(() => curves.requirePositive(1000, 'mine.csv')).toThrow(/mine\.csv: found a prompt time of -0\.09/);
});

test('the roofline meets the published medians within a factor of 1.6', () => {
	for (const [name, knownAs] of [
		['bloom-176b', 'bloom-176b'],
		['llama2-70b', 'llama-2-70b'],
	] as const) {
		for (const type of publishedMachineTypes) {
			const measured = publishedProfile(name, type.hardware);
			if (measured === undefined) throw new Error(name);
			const peak = { flopsPerSecond: 8 * type.peak.flopsPerSecond, bytesPerSecond: 8 * type.peak.bytesPerSecond };
			const estimate = new PhaseCurves(rooflineProfile(resolveModel(knownAs), peak, 1000), name);
			const curves = new PhaseCurves(measured, name);
			for (const [ours, theirs] of [
				[estimate.promptSeconds(2048), curves.promptSeconds(2048)],
				[estimate.tokenSeconds(64), curves.tokenSeconds(64)],
			] as const) {
				expect(ours / theirs).toBeLessThan(1.6);
				expect(ours / theirs).toBeGreaterThan(1 / 1.6);
			}
		}
	}
});

describe.skipIf(dataMissing !== undefined)(`published profiles (${dataMissing ?? 'data at hand'})`, () => {
	test('the embedded medians are those of the published rows', async () => {
		const rows = await readProfileRows(memoryFile('perf_model.csv', await dataText('perf_model.csv')), pause);
		expect(rows).toHaveLength(1260);
		const profiles = medianProfiles(rows);
		for (const model of ['bloom-176b', 'llama2-70b']) {
			for (const hardware of ['a100-80gb', 'h100-80gb', 'h100-80gb-pcap']) {
				const ours = publishedProfile(model, hardware);
				const theirs = profiles.get(profileKey(model, hardware, 8));
				expect(ours?.batchTokens).toEqual(theirs?.batchTokens);
				for (const phase of ['promptSeconds', 'tokenSeconds'] as const) {
					expect(ours?.[phase]).toHaveLength(9);
					for (const [i, seconds] of (ours?.[phase] ?? []).entries()) {
						expect(Math.abs(seconds / (theirs?.[phase][i] ?? Number.NaN) - 1)).toBeLessThan(1e-12);
					}
				}
			}
		}
	});
});
