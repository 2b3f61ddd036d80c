import { createContext, InputError, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { parseSafetensorsHeader, safetensorsHeaderLength } from '@assay/models';
import { hadamardTransform, smallFloat } from '@assay/numerics';
import { describe, expect, test } from 'vitest';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import quartet from './index.ts';
import { exactRuns, quartetRuns } from './law/published-runs.ts';
import { outputs } from './outputs.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

async function runWith(raw: Record<string, unknown>, files: Files = {}) {
	const artifacts = new Map<string, Uint8Array>();
	const context = createContext({
		seed: 3,
		onArtifact: (name, content) => void artifacts.set(name, content),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	const inputs = parseInputs(quartet, raw);
	const result = outputs.parse(await quartet.run(inputs, context));
	return { result, artifacts, panels: quartet.report(result, inputs) };
}

const quick = { law: { bootstrap: 0 } };

describe('planning', () => {
	test('Llama 3 70B at ideal speeds is best trained all in FP4, from some tokens a parameter on', async () => {
		const { result, panels, artifacts } = await runWith({ law: { bootstrap: 4 } });
		expect(result.answer).toMatch(/^llama-3-70b, 68\.5 billion parameters, 15 trillion tokens: train all in FP4/);
		expect(result.plan?.breakEven).toBeGreaterThan(20);
		expect(result.plan?.breakEven).toBeLessThan(15e12 / 68.5e9);
		expect(result.plan?.law.alpha.low).toBeLessThan(result.plan?.law.alpha.high as number);
		expect(panels.length).toBeGreaterThan(10);
		expect(JSON.stringify(panels)).not.toMatch(/NaN|undefined|Infinity/);
		expect([...artifacts.keys()].sort()).toEqual(['losses.csv', 'map.csv']);
	});
	test('a model of a billion parameters on an RTX 5090 is best trained in FP8; below the smallest that was measured so too', async () => {
		const { result } = await runWith({ ...quick, size: { parameters: 1e9 }, tokens: 2e12, speeds: { source: 'rtx-5090' } });
		expect(result.plan?.best).toBe('FP8:FP8');
		const small = await runWith({ ...quick, size: { parameters: 3e7 }, tokens: 3e9, speeds: { source: 'rtx-5090' } });
		expect(small.result.plan?.pairs.map(({ loss }) => loss === null)).toEqual([false, true, true, true]);
		expect(small.result.notes.join()).toMatch(/No 4-bit speed/);
	});
	test('the user’s own trainings give the law, and their precisions the factors', async () => {
		const line = (precision: string) => (run: (typeof exactRuns)[number]) =>
			`${run.parameters},${run.tokens},${run.loss},${precision},${precision}`;
		const text = [
			'parameters,tokens,loss,forward,backward',
			...exactRuns.map(line('bf16')),
			...quartetRuns.map(line('mine')),
		].join('\n');
		const { result } = await runWith({ ...quick, law: { bootstrap: 0, runs: 'mine.csv' } }, { 'mine.csv': text });
		expect(result.plan?.law.alpha.value).toBeCloseTo(0.5785, 3);
		expect(result.plan?.efficiency.parameters.value).toBeCloseTo(0.6584, 3);
		expect(result.plan?.efficiency.tokens.value).toBeCloseTo(0.8217, 3);
		expect(result.plan?.efficiency.source).toBe('45 trainings of mine.csv');
	});
	test('the user’s own kernel times give the speeds', async () => {
		const times = 'parameters,fp8_forward_ms,fp8_backward_ms,fp4_forward_ms,fp4_backward_ms\n1e8,3,6,2,4\n1e12,3,6,2,4\n';
		const { result } = await runWith({ ...quick, speeds: { latencies: 't.csv' } }, { 't.csv': times });
		expect(result.plan?.speeds).toMatchObject({ forward: 1.5, backward: 1.5, source: 'measured, t.csv' });
		expect(result.plan?.speeds.training).toBeCloseTo(1.5, 12);
	});
});

describe('a tensor', () => {
	test('the file decodes to the error that is reported', async () => {
		const values = Array.from({ length: 6 * 64 }, (_, i) => Math.sin(i * i) * (i % 50 === 0 ? 20 : 1));
		const csv = Array.from({ length: 6 }, (_, row) => values.slice(64 * row, 64 * row + 64).join(',')).join('\n');
		const { result, artifacts } = await runWith(
			{ mode: 'tensor', tensor: { file: 'w.csv', quantizer: 'rtn-absmax' } },
			{ 'w.csv': csv },
		);
		const file = artifacts.get('tensor-mxfp4.safetensors') as Uint8Array;
		const length = safetensorsHeaderLength(file.subarray(0, 8), 'x', file.length);
		const { tensors, metadata } = parseSafetensorsHeader(file.subarray(8, 8 + length), 'x', file.length);
		const of = (name: string) => {
			const entry = tensors.find((tensor) => tensor.name === name);
			if (entry === undefined) throw new Error(name);
			return { shape: entry.shape, bytes: file.subarray(entry.fileOffset, entry.fileOffset + entry.bytes) };
		};
		const [codes, scales] = [of('codes'), of('scales')];
		expect([codes.shape, scales.shape]).toEqual([
			[6, 32],
			[6, 2],
		]);
		const e2m1 = smallFloat('e2m1');
		const decoded = Float32Array.from(values, (_, i) => {
			const byte = codes.bytes[i >> 1] as number;
			const scale = 2 ** ((scales.bytes[i >> 5] as number) - 127);
			return e2m1.decode(i % 2 === 0 ? byte & 15 : byte >> 4) * scale * Number(metadata['multiplier']);
		});
		expect(metadata['hadamard']).toBe('32');
		hadamardTransform(decoded, 32);
		const error = values.reduce((sum, value, i) => sum + (value - (decoded[i] as number)) ** 2, 0);
		const size = values.reduce((sum, value) => sum + value * value, 0);
		const row = result.tensor?.rows.find((one) => one.quantizer === 'rtn-absmax' && one.hadamard);
		expect(row?.relativeError).toBeCloseTo(error / size, 6);
		expect(result.tensor?.used.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
		expect(result.notes.join()).toMatch(/EDEN over groups of 128 is left out/);
	});
	test('a tensor of zeros has no error, and its report no gaps', async () => {
		const { result, panels } = await runWith(
			{ mode: 'tensor', tensor: { file: 'z.csv' } },
			{ 'z.csv': Array(64).fill(0).join(' ') },
		);
		for (const row of result.tensor?.rows ?? []) expect([row.relativeError, row.alignment]).toEqual([null, null]);
		expect(JSON.stringify(panels)).not.toMatch(/NaN|undefined|Infinity/);
	});
});

test('small models trained by several schemes: curves, gradients by depth, files', async () => {
	const { result, panels, artifacts } = await runWith({
		mode: 'train',
		train: {
			corpus: 'markov',
			vocabulary: 8,
			layers: 1,
			width: 32,
			heads: 2,
			hiddenWidth: 32,
			batch: 2,
			sequenceTokens: 16,
			steps: 12,
			seeds: 2,
			schemes: ['float32', 'quartet-orthogonal'],
		},
	});
	expect(result.training?.summary.map(({ scheme }) => scheme)).toEqual(['float32', 'quartet-orthogonal']);
	expect(result.training?.runs).toHaveLength(4);
	expect(result.training?.gradients.length).toBe(5);
	// -0.5 ln 0.5 - 0.25 ln 0.25 - 0.15 ln 0.15 - 0.1 ln 0.1.
	expect(result.training?.entropy).toBeCloseTo(1.208, 3);
	expect(JSON.stringify(panels)).not.toMatch(/NaN|undefined|Infinity/);
	expect([...artifacts.keys()].sort()).toEqual(['curves.csv', 'model.safetensors']);
});

describe('bad input is one error that names the place and the smallest legal value', () => {
	test.for<[string, Record<string, unknown>, Files, RegExp]>([
		['half a shape', { size: { layers: 4 } }, {}, /size\.width: found nothing, expected both layers and width/],
		['a CSV without losses', { law: { runs: 'r' } }, { r: 'N,D\n1,2\n' }, /r, line 1: found N,D, expected a column loss/],
		[
			'too few trainings',
			{ law: { runs: 'r' } },
			{ r: 'N,D,loss\n1e8,1e9,3\n' },
			/found 1 trainings with exact products, expected at least 7/,
		],
		[
			'a row of 40 values',
			{ mode: 'tensor', tensor: { file: 't' } },
			{ t: Array(40).fill(1).join(',') },
			/last axis of 40, expected a multiple of 32.*did you mean 32/,
		],
		['not-a-number in a tensor', { mode: 'tensor', tensor: { file: 't' } }, { t: '1,2\n3,x\n' }, /t, line 2: found x/],
		[
			'infinity in a tensor',
			{ mode: 'tensor', tensor: { file: 't' } },
			{ t: `${Array(31).fill(1).join(',')},Infinity` },
			/found Infinity at value 31/,
		],
		['a width of 48', { mode: 'train', train: { width: 48 } }, {}, /train\.width: found 48, expected a multiple of 32/],
		[
			'a batch of 24 tokens',
			{ mode: 'train', train: { batch: 3, sequenceTokens: 8 } },
			{},
			/train\.batch: found 3, expected a multiple of 4/,
		],
		['heads that do not fit', { mode: 'train', train: { heads: 3 } }, {}, /train\.heads: found 3/],
		[
			'a tokenizer of 100',
			{ mode: 'train', train: { vocabulary: 100 } },
			{},
			/train\.vocabulary: found 100, expected at least 257/,
		],
		['no file', { mode: 'train', train: { corpus: 'file' } }, {}, /train\.file: found nothing/],
		[
			'a text of a line',
			{ mode: 'train', train: { corpus: 'file', file: 't' } },
			{ t: 'a short text\n' },
			/train\.file: found a text of \d+ tokens/,
		],
	])('%s', async ([_, raw, files, message]) => {
		const run = runWith({ ...quick, ...raw }, files);
		await expect(run).rejects.toThrow(message);
		await expect(run).rejects.toBeInstanceOf(InputError);
	});
});

describe('advice', () => {
	const reason = (subject: Subject) => {
		const found = advise.applies(subject);
		return 'reason' in found ? found.reason : 'applies';
	};
	test('is for training on processors that multiply 4-bit floats', () => {
		expect(reason({ goal: 'serve', model: 'llama-3-8b', machine: '8xb200' })).toMatch(/trains from the beginning/);
		expect(reason({ goal: 'train', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/no 4-bit/);
		expect(reason({ goal: 'train', model: 'llama-3-8b', machine: '8xb200' })).toBe('applies');
	});
	test('Llama 3 8B on B200: a gain that an expert would believe, said to be unchecked', async () => {
		const found = advise.applies({ goal: 'train', model: 'llama-3-8b', machine: '8xb200' });
		if (!('inputs' in found)) throw new Error(found.reason);
		const outcome = advise.assess((await runWith({ ...found.inputs })).result);
		if ('reason' in outcome) throw new Error(outcome.reason);
		expect(outcome.gain.throughput).toBeGreaterThan(1);
		expect(outcome.gain.throughput).toBeLessThan(2);
		expect(outcome.unchecked).toMatch(/peak rates/);
	});
});

test('calibration: larger models within 1 %, all in MXFP4 within 1 %', async () => {
	if (!('checks' in calibration)) throw new Error('no checks');
	const context = { ...createContext(), once: <T>(_: string, compute: () => Promise<T>) => compute() };
	const errors = await Promise.all(calibration.checks.map(({ measure }) => measure(context)));
	expect(errors.map(({ points }) => points)).toEqual([5, 21]);
	for (const { worst } of errors) expect(worst).toBeLessThan(0.01);
});
