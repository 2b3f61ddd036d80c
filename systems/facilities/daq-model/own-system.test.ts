/** Runs of a system of one's own: from every kind of file, out again, on any thread, stopped, and with mistakes. */
import { InputError, memoryFile, type RunContext } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import writeWorkbook from 'write-excel-file/universal';
import { gaussianClassifier } from './classifier.ts';
import { parseCsv } from './tables.ts';
import { dataAtHand, onlyEvaluation, publishedText, runWith } from './test-data.ts';

if (!dataAtHand) console.log('skipped: some of own-system.test.ts needs ASSAY_DATA with the published tables');

const files = (contents: Readonly<Record<string, string | Uint8Array>>): { open: RunContext['open'] } => ({
	open: async (reference) => memoryFile(reference, contents[reference] ?? ''),
});

const graph = {
	technologyYear: 2030,
	detectors: [
		{ name: 'Camera', outputs: ['Filter'], dataBytes: 1e6, sampleRateHz: 1e4, compression: 0.5, linkEnergyJPerBit: 1e-11 },
		{ name: 'Clock', outputs: ['Filter'], dataBytes: 8, sampleRateHz: 1e4, linkEnergyJPerBit: 1e-11 },
	],
	processors: [
		{
			name: 'Filter',
			outputs: ['Archive'],
			reductionRatio: 20,
			classifier: 'Gaussian',
			skillMean: 2,
			skillVariance: 1,
			opEnergyJPerOp: 1e-9,
		},
		{ name: 'Archive', outputs: [] },
	],
};

test('a run’s own files give the same run again: workbook, JSON and tables', async () => {
	const kept = new Map<string, Uint8Array>();
	const keep = (name: string, content: Uint8Array) => void kept.set(name, content);
	const raw = { system: 'own', own: { graph }, changes: 'Filter.skillMean=2.5; Camera.compression=0.25' };
	const first = await runWith(raw, { onArtifact: keep });
	const contents = Object.fromEntries(kept);
	const figures = ({ metrics, nodes, links, skillContour, sensitivities }: typeof first) => ({
		metrics,
		nodes: nodes.map(({ source, ...rest }) => rest),
		links,
		skillContour,
		sensitivities,
	});
	for (const own of [
		{ workbook: 'system.xlsx' },
		{ graphFile: 'system.json' },
		{ detectors: 'detectors.csv', processors: 'processors.csv', global: 'global.csv' },
	]) {
		expect(figures(await runWith({ system: 'own', own }, files(contents)))).toEqual(figures(first));
	}
	// What the contour says at a cell is what a run there says.
	const cell = first.skillContour.find((one) => one.ratio === 450 && one.other === 0);
	const there = await runWith({ ...raw, changes: `${raw.changes}; Filter.reductionRatio=450` });
	expect(cell?.f1).toBe(there.metrics.f1);
});

test.skipIf(!dataAtHand).each(['Reduction Ratio', 'Reduction'])(
	'the older layout runs without edits, its column called %s (needs ASSAY_DATA)',
	async (head) => {
		const sheet = async (name: string) => {
			const table = parseCsv(await publishedText(`cms_system_200_smartpx_uled.${name}.csv`), name);
			const cell = (text: unknown) => {
				if (text === '') return null;
				return Number.isNaN(Number(text)) ? (text === 'Reduction Ratio' ? head : String(text)) : Number(text);
			};
			return table.map((row) => row.map(cell));
		};
		const blob = await writeWorkbook([
			{ sheet: 'Detectors', data: await sheet('detectors') },
			{ sheet: 'Processors', data: await sheet('processors') },
			{ sheet: 'Global', data: await sheet('global') },
		]).toBlob();
		const content = new Uint8Array(await blob.arrayBuffer());
		const outputs = await runWith(
			{ ...onlyEvaluation, system: 'own', own: { workbook: 'uled.xlsx' } },
			files({ 'uled.xlsx': content }),
		);
		const node = (name: string) => outputs.nodes.find((one) => one.name === name);
		expect(node('Intermediate')?.messageBytes).toBeCloseTo(7_647_400, 6);
		expect(node('Intermediate')?.classifier).toBe('Gaussian');
		expect(node('Intermediate')?.source).toBe('uled.xlsx, Processors, row 6');
		// Links of 2 pJ/bit from detectors and categories, 25 pJ/bit after the triggers.
		const event = 7_647_400;
		const power = 8 * (2e-12 * 2 * (event - 260_000) * 40e6 + 25e-12 * event * (40e6 / 53.3 + 40e6 / 5330));
		expect(outputs.metrics.linkPowerW / power).toBeCloseTo(1, 9);
		// Two Gaussian triggers in a row, solved apart: skill 3 then skill 4, both of deviation 1.
		const [irrelevant, relevant] = [40e6 - 40e6 / 5330, 40e6 / 5330];
		const one = gaussianClassifier(3, 1, 'exact').decide(irrelevant, relevant, 1 - 1 / 53.3);
		if ('smallestRatio' in one) throw new Error('infeasible');
		const [background, signal] = [irrelevant * (1 - one.rejectedIrrelevant), relevant * (1 - one.rejectedRelevant)];
		const two = gaussianClassifier(4, 1, 'exact').decide(background, signal, 0.99);
		if ('smallestRatio' in two) throw new Error('infeasible');
		const recall = (signal * (1 - two.rejectedRelevant)) / relevant;
		expect(outputs.metrics.recall).toBeCloseTo(recall, 10);
		// As many kept as relevant ones come in, so precision is recall, and both are F1.
		expect(outputs.metrics.f1).toBeCloseTo(recall, 10);
	},
);

test('tasks give the same whatever thread runs them and in whatever order', async () => {
	const raw = { curves: 'stand-in', samples: 3000, contourPoints: 21, repetitions: 3, sweep: 'Global.reductionRatio=50..150/5' };
	const reversed: RunContext['parallel'] = async (task, items, onResult) => {
		const results = new Array(items.length);
		for (const index of [...items.keys()].reverse()) {
			// A worker gets a copy of the item and sends back a copy of the result.
			results[index] = structuredClone(await task.run(structuredClone(items[index] as never), async () => undefined));
			onResult?.(results[index], index);
		}
		return results;
	};
	const fractions: number[] = [];
	const alone = await runWith(raw, { seed: 9, onProgress: (fraction) => fractions.push(fraction) });
	expect(JSON.stringify(await runWith(raw, { seed: 9 }))).toBe(JSON.stringify(alone));
	expect(JSON.stringify(await runWith(raw, { seed: 9, parallel: reversed }))).toBe(JSON.stringify(alone));
	expect(JSON.stringify(await runWith(raw, { seed: 10 }))).not.toBe(JSON.stringify(alone));
	expect(fractions.every((fraction, index) => index === 0 || fraction >= (fractions[index - 1] ?? 0))).toBe(true);
	expect(fractions.at(-1)).toBe(1);
});

describe('a run that is told to stop raises the reason', () => {
	const raw = { curves: 'stand-in', samples: 1_000_000, contourPoints: 101, repetitions: 100 };

	test('before it begins', async () => {
		const signal = AbortSignal.abort(new Error('never mind'));
		await expect(runWith(raw, { signal })).rejects.toThrow('never mind');
	});

	test.each(['sampling', 'variations', 'repetition'])('at the stage "%s"', async (stage) => {
		const controller = new AbortController();
		const quick = stage === 'sampling' ? raw : { ...raw, samples: 2000, contourPoints: stage === 'variations' ? 101 : 5 };
		const onProgress = (_: number, note: string) => {
			if (note.includes(stage)) controller.abort(new Error(`stopped while ${note}`));
		};
		await expect(runWith(quick, { signal: controller.signal, onProgress })).rejects.toThrow(/^stopped while/);
	});
});

const header = 'Category,Detector,Data (bytes),Sample Rate,Compression,Link Efficiency (J/bit),Op Efficiency (J/op)';
const processorHeader =
	'Name,Output,Data (bytes),Reduction Ratio,Classifier,Skill mean,Skill variance,Link Efficiency (J/bit),Op Efficiency (J/op),Compression';
const sound = {
	'd.csv': `${header}\nF,D,10,1000,0,0,0\n`,
	'p.csv': `${processorHeader}\nF,S,0,10,Gaussian,2,1,0,0,0\nS,,0,1,Dummy,0,0,0,0,0\n`,
	'g.csv': 'Year\n2030\n',
	'ops.csv': '1,1\n2,2\n',
};
const tables = { detectors: 'd.csv', processors: 'p.csv', global: 'g.csv' };

const mistakes: readonly [
	what: string,
	wrong: Readonly<Record<string, string>>,
	own: Record<string, unknown>,
	message: RegExp,
][] = [
	[
		'a cycle',
		{ 'p.csv': `${processorHeader}\nF,S,0,1,Dummy,0,0,0,0,0\nS,F,0,1,Dummy,0,0,0,0,0\n` },
		tables,
		/^p\.csv, row [23], Output: found a cycle/,
	],
	['two sinks', { 'p.csv': `${sound['p.csv']}T,,0,1,Dummy,0,0,0,0,0\n` }, tables, /^p\.csv, row 4, Output: found a second sink/],
	[
		'a typo in Output',
		{ 'p.csv': sound['p.csv'].replace('F,S,', 'F,SS,') },
		tables,
		/^p\.csv, row 2, Output: found "SS".*did you mean S\?/,
	],
	[
		'ratio 0.5',
		{ 'p.csv': sound['p.csv'].replace(',10,Gau', ',0.5,Gau') },
		tables,
		/^p\.csv, row 2, Reduction Ratio: found 0\.5, expected at least 1/,
	],
	[
		'a NaN byte count',
		{ 'd.csv': sound['d.csv'].replace(',10,', ',NaN,') },
		tables,
		/^d\.csv, row 2, Data \(bytes\): found "NaN"/,
	],
	[
		'a negative energy',
		{ 'd.csv': `${header}\nF,D,10,1000,0,-1e-12,0\n` },
		tables,
		/^d\.csv, row 2, Link Efficiency \(J\/bit\): found -1e-12/,
	],
	[
		'a node that nothing feeds',
		{ 'p.csv': `${sound['p.csv']}U,S,0,1,Dummy,0,0,0,0,0\n` },
		tables,
		/^p\.csv, row 4: found the processor "U", which nothing feeds/,
	],
	[
		'no skill spread',
		{ 'p.csv': sound['p.csv'].replace('Gaussian,2,1', 'Gaussian,2,0') },
		tables,
		/^p\.csv, row 2, Skill variance: found 0/,
	],
	[
		'an unknown classifier',
		{ 'p.csv': sound['p.csv'].replace('Gaussian', 'Gausian') },
		tables,
		/^p\.csv, row 2, Classifier: found "Gausian".*did you mean Gaussian/,
	],
	[
		'a cell beyond the columns',
		{ 'd.csv': sound['d.csv'].replace('0,0,0\n', '0,0,0,7\n') },
		tables,
		/^d\.csv, row 2, column 8: found "7"/,
	],
	[
		'a column twice',
		{ 'd.csv': sound['d.csv'].replace('Sample Rate', 'Data (bytes)') },
		tables,
		/^d\.csv, row 1, Data \(bytes\): found the column a second time/,
	],
	['an empty table', { 'd.csv': '' }, tables, /^d\.csv, row 0: found no column/],
	['an open quote', { 'd.csv': `${header}\n"F,D` }, tables, /^d\.csv(, line \d+)?: found text that is not CSV/],
	['no year', { 'g.csv': 'Year\n\n' }, tables, /^g\.csv, row 2, Year: found an empty cell/],
	['a table left out', {}, { detectors: 'd.csv', processors: 'p.csv' }, /^own\.global: found nothing/],
	['JSON cut short', { 'g.json': '{"technologyYear": 2' }, { graphFile: 'g.json' }, /^g\.json: found text that is not JSON/],
	[
		'an unknown key',
		{ 'g.json': '{"technologyYear": 2000, "detectors": [], "processor": []}' },
		{ graphFile: 'g.json' },
		/^g\.json, processors?: found/,
	],
	[
		'a wrong type deep inside',
		{},
		{ graph: { ...graph, detectors: [{ ...graph.detectors[0], dataBytes: '1' }] } },
		/^own\.graph\.detectors\[0\]\.dataBytes: found "1"/,
	],
	[
		'compression above 1',
		{},
		{ graph: { ...graph, detectors: [{ ...graph.detectors[0], compression: 2 }] } },
		/^own\.graph\.detectors\[0\]\.compression: found 2/,
	],
	['not a workbook', { 'w.xlsx': 'PK nothing' }, { workbook: 'w.xlsx' }, /^w\.xlsx: found bytes that are not a workbook/],
	['two systems', {}, { ...tables, graph }, /^own: found 2 systems/],
	[
		'a complexity table too short',
		{ 'ops.csv': '1,1\n' },
		{ ...tables, complexities: [{ node: 'F', table: 'ops.csv' }] },
		/^ops\.csv: found 1 distinct sizes/,
	],
	[
		'a complexity of nothing',
		{},
		{ ...tables, complexities: [{ node: 'G', table: 'ops.csv' }] },
		/^own\.complexities\[0\]\.node: found "G"/,
	],
	[
		'words in a complexity table',
		{ 'ops.csv': '1,1\n2,two\n' },
		{ ...tables, complexities: [{ node: 'F', table: 'ops.csv' }] },
		/^ops\.csv, line 2: found "2,two"/,
	],
	[
		'operations below 0',
		{ 'ops.csv': '5,-5\n20,-20\n' },
		{ ...tables, complexities: [{ node: 'F', table: 'ops.csv', degree: 1 }] },
		/^p\.csv, row 2, Complexity: found -\d+/,
	],
];

test('the tables that the mistakes are made in are sound', async () => {
	const outputs = await runWith({ ...onlyEvaluation, system: 'own', own: tables }, files(sound));
	expect(outputs.nodes.find((one) => one.name === 'F')?.achievedRatio).toBeCloseTo(10, 9);
	expect(mistakes.length).toBeGreaterThanOrEqual(20);
});

test.each(mistakes)('one error with its place, and no file: %s', async (_, wrong, own, message) => {
	const kept: string[] = [];
	const options = { ...files({ ...sound, ...wrong }), onArtifact: (name: string) => void kept.push(name) };
	const error: unknown = await runWith({ system: 'own', own }, options).then(
		() => 'no error',
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(InputError);
	if (!(error instanceof InputError)) return;
	expect(error.message).toMatch(message);
	expect(error.message).not.toContain('\n');
	expect(kept).toEqual([]);
});

test('any JSON as a system, any bytes as a file: a run or one InputError', async () => {
	const value = fc.oneof(
		fc.jsonValue({ maxDepth: 3 }),
		fc.double(),
		fc.constantFrom('Filter', 'Archive', 'L1T', 0, -1, null, [], {}),
	);
	const place = fc.constantFrom(
		...['technologyYear', 'detectors', 'processors', 'detectors.0', 'processors.0'],
		...Object.keys(graph.detectors[0] ?? {}).map((key) => `detectors.0.${key}`),
		...[...Object.keys(graph.processors[0] ?? {}), 'complexity', 'parallelism', 'skillBoost'].map((key) => `processors.0.${key}`),
	);
	const attempt = async (raw: unknown, options: Parameters<typeof runWith>[1] = {}) => {
		try {
			await runWith(raw, options);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
		}
	};
	await fc.assert(
		fc.asyncProperty(place, value, async (path, changed) => {
			const raw: unknown = structuredClone(graph);
			let at = raw;
			const steps = path.split('.');
			for (const step of steps.slice(0, -1)) at = Reflect.get(at as object, step);
			Reflect.set(at as object, steps.at(-1) ?? '', changed);
			await attempt({
				...onlyEvaluation,
				sensitivities: true,
				samples: 1000,
				curves: 'stand-in',
				system: 'own',
				own: { graph: raw },
			});
		}),
		{ numRuns: 250 },
	);
	await fc.assert(
		fc.asyncProperty(
			fc.uint8Array({ maxLength: 200 }),
			fc.constantFrom('workbook', 'graphFile', 'detectors'),
			async (bytes, kind) => {
				const own = kind === 'detectors' ? { detectors: 'x', processors: 'x', global: 'x' } : { [kind]: 'x' };
				await attempt({ ...onlyEvaluation, system: 'own', own }, files({ x: bytes }));
			},
		),
		{ numRuns: 200 },
	);
});
