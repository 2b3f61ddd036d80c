/** The system as every face of Assay sees it. */
import {
	type ClaimContext,
	createContext,
	DataUnavailableError,
	InputError,
	judge,
	memoryFile,
	parseInputs,
	type RunContext,
} from '@assay/contract';
import { listModels } from '@assay/models';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import { MODES } from './inputs.ts';
import { checkpointRules, optimizerStates, randomCheckpoint } from './reshape/random-checkpoint.ts';
import { dataFile, dataMissing } from './test-data.ts';

const { advise, calibration } = system;

const open: RunContext['open'] = async (reference) => {
	const names: Record<string, string> = {
		'zaya-tiny-weights': 'zaya_tiny.safetensors',
		'zaya-tiny-expected': 'zaya_tiny_expected.json',
	};
	const name = names[reference];
	if (name === undefined || dataMissing !== undefined)
		throw new DataUnavailableError(`${reference}: ${dataMissing ?? 'unknown'}`);
	return dataFile(name);
};

async function runWith(raw: unknown, files: Record<string, string | Uint8Array> = {}, seed = 3) {
	const kept = new Map<string, Uint8Array>();
	const fractions: number[] = [];
	const context = createContext({
		seed,
		onArtifact: (name, content) => void kept.set(name, content),
		onProgress: (fraction) => fractions.push(fraction),
		open: async (reference) => {
			const content = files[reference];
			return content === undefined ? open(reference) : memoryFile(reference, content);
		},
	});
	const inputs = parseInputs(system, raw);
	const outputs = system.outputs.parse(await system.run(inputs, context));
	return { outputs, inputs, kept, fractions, panels: system.report(outputs, inputs) };
}

test('every mode that needs no file runs, reports and says its answer in a line', async () => {
	for (const mode of MODES.filter((one) => one !== 'reshape' && one !== 'generate')) {
		const { outputs, inputs, panels, fractions } = await runWith({ mode });
		expect(panels.length, mode).toBeGreaterThan(1);
		expect(system.headline(outputs, inputs), mode).toMatch(/^[^\n]+$/);
		expect(fractions.at(-1)).toBe(1);
		for (const panel of panels) {
			if (panel.kind !== 'plot') continue;
			const rows = panel.marks.reduce((sum, mark) => sum + ('data' in mark ? mark.data.length : 0), 0);
			expect(rows, panel.title).toBeLessThan(5000);
		}
	}
});

test('the plan’s parts add up, and its published example follows', async () => {
	const { outputs } = await runWith({});
	const { plan } = outputs;
	if (plan === null) throw new Error('no plan');
	const { step } = plan;
	const sum =
		step.computeSeconds +
		step.memoryPassSeconds +
		step.bubbleSeconds +
		step.tensorSeconds +
		step.expertSeconds +
		step.contextSeconds +
		step.pipelineSeconds +
		step.exposedDataSeconds +
		step.optimizerSeconds;
	expect(sum).toBeCloseTo(step.stepSeconds, 9);
	expect(plan.atShares.map(({ days }) => days.toFixed(1))).toEqual(['8.4', '5.6', '4.2']);
	expect(plan.days).toBeCloseTo(plan.idealDays / plan.goodput, 9);
	for (const row of plan.sensitivity) expect(Math.min(row.lessDays, row.moreDays)).toBeLessThanOrEqual(plan.days * (1 + 1e-9));
});

test('one’s own log, matrix, products, failures and model take the place of what is built in', async () => {
	const log = [
		'# Collective test starting: all_gather_perf',
		'#  Rank  0 Pid 1',
		'#  Rank  3 Pid 2',
		...Array.from({ length: 12 }, (_, i) => {
			const bytes = 4096 * 4 ** i;
			const us = 20 + bytes / 100e3;
			return `${bytes} ${bytes / 4} float none -1 ${us.toFixed(2)} ${(bytes / us / 1e3).toFixed(2)} ${((0.75 * bytes) / us / 1e3).toFixed(2)} 0`;
		}),
	].join('\n');
	const matrix = 'source\\dest,gpu0,gpu1\ngpu0,,50\ngpu1,40,\n';
	const collectives = await runWith(
		{ mode: 'collectives', machine: { name: '8xh100' }, network: { log: 'a.log', matrix: 'm.csv', lines: 1 } },
		{ 'a.log': log, 'm.csv': matrix },
	);
	expect(collectives.outputs.collectives).toMatchObject({
		collective: 'all-gather',
		ranks: 4,
		inconsistentRows: 0,
		from: 'a.log',
	});
	expect(collectives.outputs.collectives?.lines[0]?.busGigabytesPerSecond).toBeCloseTo(75, 0);
	expect(collectives.outputs.collectives?.matrix?.slowestGigabytesPerSecond).toBe(40);

	const sizing = await runWith(
		{ mode: 'sizing', model: { config: 'config.json' }, sizing: { gemmLog: 'gemm.csv' } },
		{
			'config.json': JSON.stringify({
				model_type: 'llama',
				hidden_size: 2048,
				num_hidden_layers: 16,
				num_attention_heads: 16,
				intermediate_size: 5632,
				vocab_size: 32000,
				max_position_embeddings: 4096,
				torch_dtype: 'bfloat16',
			}),
			'gemm.csv': 'm,n,k,us\n4096,4864,32896,1848.09\n',
		},
	);
	expect(sizing.outputs.sizing?.own).toMatchObject({ layers: 16, hidden: 2048, feedForward: 5632 });
	expect((sizing.outputs.sizing?.measured[0]?.predictedMicroseconds ?? 0) / 1848.09).toBeCloseTo(1, 1);

	const failures = `time,node,class\n${Array.from({ length: 60 }, (_, i) => `${i * 10 + (i % 7)},n${i},${i % 2 === 0 ? 'gpu' : 'nic'}`).join('\n')}`;
	const goodput = await runWith({ mode: 'goodput', failures: { log: 'f.csv' } }, { 'f.csv': failures });
	expect(goodput.outputs.goodput?.classes.map(({ name, logged }) => [name, logged])).toEqual([
		['gpu', 30],
		['nic', 30],
	]);
	expect(goodput.outputs.goodput?.mtbfHours).toBeCloseTo(10, 0);
});

test('what is wrong is an InputError with its place', async () => {
	const fails = (raw: unknown, message: RegExp, files: Record<string, string> = {}) =>
		expect(runWith(raw, files)).rejects.toThrow(message);
	await fails({ model: { name: 'zaya2' } }, /model.name: found "zaya2"/);
	await fails({ model: { name: 'bert-base' } }, /an encoder/);
	await fails({ training: { tensorParallel: 3 } }, /training: found 1024 devices are no multiple/);
	await fails({ mode: 'collectives', machine: { name: '8xh100' } }, /network.log: found nothing/);
	await fails({ mode: 'collectives', network: { log: 'l' } }, /l: found 2 sizes/, {
		l: '8 2 float 10 1 1 0\n16 4 float 11 1 1 0\n# Rank 7 \n',
	});
	await fails({ mode: 'generate' }, /generate.weights: found nothing/);
	await fails({ mode: 'generate', generate: { weights: 'w' } }, /w: found 3 bytes/, { w: 'abc' });
	await fails({ mode: 'reshape' }, /reshape.files: found no files/);
	await fails({ mode: 'reshape', reshape: { files: ['a'] } }, /reshape.targetLayout/);
	await fails(
		{ failures: { nodeMtbfHours: 1, restartMinutes: 600 }, machine: { name: '16384xh100' }, model: { name: 'llama-3-8b' } },
		/never recovers/,
	);
	expect(() => parseInputs(system, { mode: 'plann' })).toThrow(/did you mean plan/);
});

describe('reshape as a run', () => {
	const size = { layers: 2, hidden: 16, heads: 8, kvHeads: 4, experts: 4, width: 8, vocabulary: 37 };
	const layout = (tensor: number, expert: number, data: number) =>
		JSON.stringify({
			parallel: { tensor, expert, data },
			rules: checkpointRules(size, 1),
			optimizer: { states: optimizerStates, align: 4 },
		});
	const start = randomCheckpoint(size, 5, 4);
	const asFiles = (files: Iterable<readonly [string, Uint8Array]>) => Object.fromEntries(files);

	test('files go in by reference and come out as artifacts, there and back the same', async () => {
		const there = await runWith(
			{ mode: 'reshape', reshape: { files: start.map(({ name }) => name), sourceLayout: 'one.json', targetLayout: 'many.json' } },
			{
				...asFiles(start.map(({ name, bytes }) => [name, bytes] as const)),
				'one.json': layout(1, 1, 1),
				'many.json': layout(2, 2, 3),
			},
		);
		const shards = [...there.kept.keys()].filter((name) => name.endsWith('.safetensors'));
		expect(shards).toHaveLength(4 + 12);
		expect(there.panels.filter(({ kind }) => kind === 'file')).toHaveLength(18);
		const back = await runWith(
			{ mode: 'reshape', reshape: { files: shards, sourceLayout: 'layout.json', targetLayout: 'one.json' } },
			{ ...asFiles(there.kept), 'one.json': layout(1, 1, 1) },
		);
		for (const { name, bytes } of start)
			expect(Buffer.compare(Buffer.from(back.kept.get(name) ?? []), Buffer.from(bytes))).toBe(0);
		expect(back.kept.get('manifest.json')).toEqual(there.kept.get('manifest.json'));
	});

	test('beyond the limit it says what to use instead', async () => {
		await expect(
			runWith(
				{ mode: 'reshape', reshape: { files: start.map(({ name }) => name), targetLayout: 'many.json', limitGibibytes: 0.001 } },
				{ ...asFiles(start.map(({ name }) => [name, new Uint8Array(600_000)] as const)), 'many.json': layout(2, 2, 3) },
			),
		).rejects.toThrow(/reshape-command/);
	});
});

test.skipIf(dataMissing !== undefined)('a tiny model continues a prompt, the same for the same seed', async () => {
	const raw = {
		mode: 'generate',
		generate: { weights: 'zaya-tiny-weights', prompt: [42, 61, 27], newTokens: 6, temperature: 5 },
	};
	const first = await runWith(raw);
	expect(first.outputs.generation?.tokens).toHaveLength(6);
	expect((await runWith(raw)).outputs).toEqual(first.outputs);
	await expect(runWith({ mode: 'generate', generate: { weights: 'zaya-tiny-weights', prompt: [64] } })).rejects.toThrow(
		/a token below 64/,
	);
});

test('claims come out as the tolerances, set before, say', async () => {
	const once: ClaimContext['once'] = (_, compute) => compute();
	for (const claim of system.claims) {
		if (claim.evidence === 'quoted') continue;
		try {
			const ours = await claim.measure({ ...createContext({ seed: 0, open }), once });
			expect(judge(claim, ours), `${claim.id}: ${ours}`).toBe('reproduced');
		} catch (error) {
			if (!(error instanceof DataUnavailableError)) throw error;
		}
	}
});

test('calibration: the curve of 25 messages, each message from the others, and the largest from the links', async () => {
	if (calibration === undefined || 'none' in calibration) throw new Error('no calibration');
	const once: ClaimContext['once'] = (_, compute) => compute();
	const errors = [];
	for (const check of calibration.checks) errors.push(await check.measure({ ...createContext({ seed: 0 }), once }));
	expect(errors.map(({ points }) => points)).toEqual([25, 25, 5]);
	expect(errors[0]?.mean).toBeLessThan(0.015);
	expect(errors[0]?.worst).toBeLessThan(0.16);
	expect(errors[2]?.worst).toBeLessThan(0.05);
});

describe('advice', () => {
	const assess = async (model: string, machine: string) => {
		const applicability = advise?.applies({ goal: 'train', model, machine });
		if (applicability === undefined || 'reason' in applicability) throw new Error(applicability?.reason);
		const { outputs } = await runWith(applicability.inputs);
		const found = advise?.assess(outputs);
		if (found === undefined || 'reason' in found) throw new Error(found?.reason);
		return found;
	};

	test('a few percent on a large cluster, next to nothing on one node', async () => {
		const large = (await assess('llama-3.1-405b', '16384xh100')).gain.throughput ?? 0;
		expect(large).toBeGreaterThan(1.01);
		expect(large).toBeLessThan(1.1);
		const small = await assess('llama-3-8b', '8xh100');
		expect(small.gain.throughput).toBeCloseTo(1, 2);
		expect(small.gain.cost).toBe(small.gain.throughput);
		expect(small.against).toContain('one node in ten');
		const zaya = (await assess('zaya1', '1024xmi300x')).gain.throughput ?? 0;
		expect(zaya).toBeGreaterThan(1);
		expect(zaya).toBeLessThan(1.05);
	});

	test('it does not apply to serving, to one device, to what is no GPU, or to an encoder', () => {
		const reason = (subject: Parameters<NonNullable<typeof advise>['applies']>[0]) => {
			const found = advise?.applies(subject);
			return found !== undefined && 'reason' in found ? found.reason : undefined;
		};
		expect(reason({ goal: 'serve', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/training/);
		expect(reason({ goal: 'fine-tune', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/fine-tuning/);
		expect(reason({ goal: 'train', model: 'llama-3-8b', machine: 'rtx-4090' })).toMatch(/one device/);
		expect(reason({ goal: 'train', model: 'llama-3-8b', machine: 'tpu-v5p-pod' })).toMatch(/no GPU/);
		expect(reason({ goal: 'train', model: 'bert-base', machine: '8xh100' })).toMatch(/encoder/);
		expect(reason({ goal: 'train', machine: '8xh100' })).toMatch(/no model/);
		expect(reason({ goal: 'train', model: 'llama-3-8b' })).toMatch(/no machine/);
		for (const { name } of listModels().slice(0, 10))
			expect(advise?.applies({ goal: 'train', model: name, machine: '4xv100' })).toBeDefined();
	});
});

test('a run that is told to stop raises the reason', async () => {
	const controller = new AbortController();
	const context = createContext({
		signal: controller.signal,
		onProgress: (fraction) =>
			void (fraction > 0.1 && controller.abort(new InputError({ path: ['test'], found: 'a stop', expected: 'one' }))),
	});
	await expect(system.run(parseInputs(system, { mode: 'goodput' }), context)).rejects.toThrow(/a stop/);
});
