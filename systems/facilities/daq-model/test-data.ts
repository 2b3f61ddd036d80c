/** What several test files share. Nothing here is part of the system. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext, parseOrExplain } from '@assay/contract';
import { findSource, openSource } from '@assay/sources';
import fc from 'fast-check';
import { inputs } from './inputs.ts';
import type { GraphJson } from './json-graph.ts';
import type { Outputs } from './outputs.ts';
import { outputs } from './outputs.ts';
import { run } from './run.ts';
import { parseCsv } from './tables.ts';

/** Whether the published tables and curves are at hand; without them tests that need them are skipped. */
export const dataAtHand = Boolean(process.env['ASSAY_DATA']);

export const openRegistered = (reference: string) => openSource(findSource(reference));

/** A published table as text. */
export const publishedText = (name: string): Promise<string> =>
	readFile(join(process.env['ASSAY_DATA'] ?? '', 'daq-model', name), 'utf8');

/** Rows of a published table as numbers, by column name. */
export async function publishedRows(name: string): Promise<Map<string, number>[]> {
	const [heads = [], ...rows] = parseCsv(await publishedText(name), name);
	return rows
		.filter((row) => row.length === heads.length)
		.map((row) => new Map(heads.map((head, index) => [String(head), Number(row[index])])));
}

/** Runs the system without going through its index; what comes out is checked against the schema of the outputs. */
export async function runWith(raw: unknown, options: Parameters<typeof createContext>[0] = {}): Promise<Outputs> {
	return outputs.parse(await run(parseOrExplain(inputs, raw), createContext(options)));
}

/** All explorations off: a run is then one evaluation. */
export const onlyEvaluation = {
	configurations: false,
	skillContour: false,
	pileUpContour: false,
	trackerReduction: false,
	sensitivities: false,
};

const exponent = (from: number, to: number) => fc.double({ min: from, max: to, noNaN: true });

/**
 * Random systems of 2 to 5 layers. Every processor of a layer is fed by 1 to 8 nodes of the layer above, and what is left
 * over there feeds its first processor. Bytes and ratios are log-uniform: 1e2 to 1e7 B, 1 to 1e3.
 */
export const randomLayers = (classifier: fc.Arbitrary<string>): fc.Arbitrary<GraphJson> =>
	fc
		.tuple(
			fc.array(exponent(2, 7), { minLength: 1, maxLength: 8 }),
			fc.array(
				fc.array(
					fc.record({
						fanIn: fc.integer({ min: 1, max: 8 }),
						ratio: exponent(0, 3),
						skill: exponent(0, 4),
						compression: exponent(0, 0.9),
						classifier,
					}),
					{ minLength: 1, maxLength: 3 },
				),
				{ minLength: 1, maxLength: 4 },
			),
		)
		.map(([detectors, layers]): GraphJson => {
			const outputs = new Map<string, string[]>();
			const feed = (from: string, to: string) => outputs.set(from, [...(outputs.get(from) ?? []), to]);
			let above = detectors.map((_, index) => `D${index}`);
			const processors = layers.flatMap((layer, depth) => {
				const names = layer.map((_, index) => `L${depth}N${index}`);
				const left = new Set(above);
				for (const [index, { fanIn }] of layer.entries()) {
					for (let i = 0; i < Math.min(fanIn, above.length); i++) {
						const from = above[(index * 3 + i) % above.length] ?? '';
						feed(from, names[index] ?? '');
						left.delete(from);
					}
				}
				for (const from of left) feed(from, names[0] ?? '');
				above = names;
				return layer.map(({ ratio, skill, compression, classifier: name }, index) => ({
					name: names[index] ?? '',
					compression,
					reductionRatio: 10 ** ratio,
					classifier: name,
					skillMean: skill,
					skillVariance: 1,
					opEnergyJPerOp: 1e-9,
					linkEnergyJPerBit: 1e-11,
				}));
			});
			for (const from of above) feed(from, 'Sink');
			return {
				technologyYear: 2030,
				detectors: detectors.map((bytes, index) => ({
					name: `D${index}`,
					outputs: outputs.get(`D${index}`) ?? [],
					dataBytes: 10 ** bytes,
					sampleRateHz: 4e7,
					linkEnergyJPerBit: 2e-11,
				})),
				processors: [
					...processors.map((one) => ({ ...one, outputs: outputs.get(one.name) ?? [] })),
					{ name: 'Sink', outputs: [] },
				],
			};
		});
