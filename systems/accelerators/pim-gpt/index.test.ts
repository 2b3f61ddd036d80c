import { createContext, InputError, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { expect, test } from 'vitest';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import pimGpt from './index.ts';
import { outputs, type SimulationOutput } from './outputs.ts';

type Raw = Record<string, unknown>;

async function runWith(raw: Raw, files: Record<string, string | Uint8Array> = {}) {
	const artifacts = new Map<string, Uint8Array>();
	const logged: string[] = [];
	const context = createContext({
		seed: 3,
		onArtifact: (name, content) => void artifacts.set(name, content),
		onLog: (_, message) => void logged.push(message),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	return { result: outputs.parse(await pimGpt.run(parseInputs(pimGpt, raw), context)), artifacts, logged };
}

async function simulated(raw: Raw, files: Record<string, string> = {}): Promise<SimulationOutput> {
	const { result } = await runWith({ model: { name: 'gpt2' }, sweep: { points: 3 }, ...raw }, files);
	if (result.simulation === null) throw new Error('no simulation');
	return result.simulation;
}

const tinyLlama = JSON.stringify({
	model_type: 'llama',
	hidden_size: 256,
	num_hidden_layers: 3,
	num_attention_heads: 8,
	num_key_value_heads: 2,
	intermediate_size: 512,
	vocab_size: 1000,
	max_position_embeddings: 2048,
});

test('a user’s config.json with grouped queries, RMS norms and a gated feed-forward', async () => {
	const { model, token, memory, legality, comparison } = await simulated(
		{ model: { config: 'config.json' }, baseline: { name: 'my GPU', tokensPerSecond: 1000, watts: 100 } },
		{ 'config.json': tinyLlama },
	);
	expect(model.layers).toBe(3);
	expect(token.operations.map(({ operation }) => operation)).toContain('rotary embedding');
	expect(token.operations.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
	expect(token.energy.reduce((sum, { joules }) => sum + joules, 0)).toBeCloseTo(token.joules, 12);
	expect(memory.layouts.find(({ what }) => what.endsWith('query-key-value'))?.outputs).toBe(256 + 2 * 64);
	expect(memory.layouts.find(({ what }) => what.endsWith('up'))?.outputs).toBe(2 * 512);
	expect(legality.violations).toBe(0);
	const own = comparison.find(({ basis }) => basis === 'measured by you');
	expect(own?.speedup).toBeCloseTo(1e-3 / token.seconds, 9);
	expect(own?.energyRatio).toBeCloseTo(0.1 / token.joules, 6);
});

test('utilisation over the token is its multiplying share, and the time line covers all channels and the ASIC', async () => {
	const { token, utilisation, timeline } = await simulated({});
	const mean = utilisation.reduce((sum, { share }) => sum + share, 0) / utilisation.length;
	expect(mean).toBeCloseTo(token.multiplyingShare, 6);
	expect(new Set(timeline.map(({ lane }) => lane)).size).toBe(9);
	for (const { startSeconds, endSeconds } of timeline) expect(endSeconds).toBeGreaterThanOrEqual(startSeconds);
});

test('slower parts never make a token faster, AiM’s banks are slower than the paper’s, and int8 moves half the bytes', async () => {
	const paper = await simulated({});
	for (const { parameter, value, slowdown } of paper.sensitivity) {
		const rival = paper.sensitivity.find((one) => one.parameter === parameter && one.value > value);
		if (rival !== undefined) expect(rival.slowdown, `${parameter} ${value}`).toBeLessThanOrEqual(slowdown * 1.0001);
	}
	const aim = await simulated({ timing: { preset: 'aim' } });
	expect(aim.token.seconds).toBeGreaterThan(paper.token.seconds);
	expect(aim.legality.violations).toBe(0);
	const own = await simulated({ timing: { tRCD: 20, tRP: 20 } });
	expect(own.machine.timing).toBe('paper, with your own figures');
	expect(own.legality.violations).toBe(0);
	expect(own.token.productSeconds).toBeGreaterThan(paper.token.productSeconds);
	const int8 = await simulated({ hardware: { precision: 'int8' } });
	expect(int8.movement.modelBytes).toBe(paper.movement.modelBytes / 2);
	expect(int8.token.seconds).toBeLessThan(paper.token.seconds);
});

test('the exported trace is replayed in the time that its products take', async () => {
	const { result, artifacts } = await runWith({ model: { name: 'gpt2' }, sweep: { points: 1 } });
	const trace = artifacts.get('layer.aim.trace') ?? new Uint8Array();
	const replay = await runWith({ mode: 'replay-trace', trace: 'own.trace' }, { 'own.trace': trace });
	const token = result.simulation?.token;
	const inLayers = (token?.operations ?? [])
		.filter(({ operation }) => token?.products.some((one) => one.operation === operation && operation !== 'head'))
		.reduce((sum, { seconds }) => sum + seconds, 0);
	expect(replay.result.replay?.legality.violations).toBe(0);
	// A layer of twelve; the trace has no tails of the ASIC, and refreshes fall elsewhere.
	expect(((replay.result.replay?.seconds ?? 0) * 12) / inLayers).toBeGreaterThan(0.85);
	expect(((replay.result.replay?.seconds ?? 0) * 12) / inLayers).toBeLessThan(1.1);
});

test('a GPT through the banks, its weights kept, and read again as a user’s file with the same tokens', async () => {
	const small = { layers: 1, width: 64, vocabulary: 64, steps: 6 };
	const { result, artifacts } = await runWith({ mode: 'functional', functional: small });
	expect(result.functional).toMatchObject({ sameLogits: true, differingLogits: 0 });
	expect(result.functional?.worstError).toBeLessThan(0.02);
	const again = await runWith(
		{ mode: 'functional', functional: { weights: 'w.safetensors', heads: 4, steps: 6 } },
		{ 'w.safetensors': artifacts.get('weights.safetensors') ?? new Uint8Array() },
	);
	expect(again.result.functional?.tokens).toEqual(result.functional?.tokens);
});

test.for([
	[{ model: { name: 'gpt2-xxl' } }, /model.name: found "gpt2-xxl".*did you mean gpt2-xl/],
	[{ model: { name: 'llama-3-8b' } }, /hardware.channels \d+ would hold it/],
	[{ model: { name: 'bert-base' } }, /an encoder/],
	[
		{ contextTokens: 2000, memoryTokens: 100 },
		/memoryTokens: found 100, expected room for the longest sequence of this run, 2000/,
	],
	[{ sweep: { firstContext: 9, lastContext: 3 } }, /sweep.lastContext: found 3/],
	[{ hardware: { multipliersPerBank: 12 } }, /multipliersPerBank: found 12, expected a power of two.*mean 16/],
	[{ timing: { tREFI: 100 } }, /timing.tREFI: found 100 ns, expected tREFI \(100 ns\) longer than tRFC \(455 ns\)/],
	[{ mode: 'replay-trace' }, /trace: found nothing/],
	[{ mode: 'replay-trace', trace: 'empty' }, /empty: found no instruction/],
	[{ mode: 'functional', functional: { heads: 5 } }, /functional.heads: found 5/],
	[{ mode: 'functional', functional: { firstToken: 256 } }, /functional.firstToken: found 256/],
	[{ mode: 'functional', hardware: { precision: 'int8' } }, /hardware.precision/],
] as const)('%j is an InputError that says what would do', async ([raw, message]) => {
	await expect(runWith(raw)).rejects.toThrow(message);
	await expect(runWith(raw)).rejects.toThrow(InputError);
});

test('a sequence beyond the model’s table of positions is timed with a warning, one within it without', async () => {
	const short = { model: { name: 'gpt2' }, sweep: { lastContext: 1024, points: 1 }, exportTrace: 'none' };
	expect((await runWith(short)).logged).toEqual([]);
	expect((await runWith({ ...short, contextTokens: 1025 })).logged.join()).toMatch(
		/gpt2 has a table of 1024 positions; 1025 tokens/,
	);
});

test('advice: latency and energy at one sequence against a bound, more channels for larger models, reasons where it does not apply', async () => {
	const subject: Subject = { goal: 'design-chip', model: 'gpt2-xl', machine: 'rtx-4090' };
	const found = advise.applies(subject);
	if ('reason' in found) throw new Error(found.reason);
	const { result } = await runWith(found.inputs);
	const advice = advise.assess(result);
	if ('reason' in advice) throw new Error(advice.reason);
	expect(advice.gain.latency).toBeGreaterThan(1);
	expect(advice.gain.throughput).toBeUndefined();
	expect(advice.against).toMatch(/rtx-4090 at its full bandwidth/);
	expect(advice.unchecked).toMatch(/no PIM-GPT was built/);
	const large = advise.applies({ goal: 'design-chip', model: 'llama-3-8b', machine: '8xh100' });
	expect('inputs' in large && (large.inputs.hardware?.channels ?? 0)).toBeGreaterThan(30);
	for (const one of [
		{ goal: 'serve', model: 'gpt2', machine: 't4' },
		{ goal: 'design-chip', model: 'mixtral-8x7b', machine: 't4' },
		{ goal: 'design-chip', model: 'gpt3-175b', machine: 't4' },
		{ goal: 'design-chip', model: 'gpt2' },
	] as const)
		expect('reason' in advise.applies(one), JSON.stringify(one)).toBe(true);
});

test('the calibration predicts all published blocks', async () => {
	if ('none' in calibration) throw new Error(calibration.none);
	const context = { ...createContext(), once: <T>(_: string, compute: () => Promise<T>) => compute() };
	for (const check of calibration.checks) {
		const error = await check.measure(context);
		expect(error.points).toBeGreaterThan(3);
		expect(error.mean).toBeLessThanOrEqual(error.worst);
	}
});

test('both versions of the energy ratios are shown with their source, as quoted; the only time of another machine is a bound', async () => {
	const { result } = await runWith({ model: { name: 'gpt3-small' }, machine: { name: 't4' }, sweep: { points: 1 } });
	const panels = pimGpt.report(result, parseInputs(pimGpt, {}));
	const published = panels.find(({ title }) => title === 'What the paper says of its baselines');
	if (published?.kind !== 'table') throw new Error('no table');
	expect(published.note).toMatch(/^Quoted: .*nothing of this was measured here/);
	for (const [lowest, highest, version] of [
		[339, 1085, 'v1'],
		[123, 383, 'v2'],
		[890, 1632, 'v1'],
		[320, 602, 'v2'],
	] as const)
		expect(published.rows).toContainEqual(
			expect.objectContaining({ of: 'energy', lowest, highest, where: expect.stringContaining(version) }),
		);
	expect(result.simulation?.comparison.map(({ basis }) => basis)).toEqual(['bound from bandwidth']);
	// A T4 reads 300 GB/s; the weights of 16 bits and the keys and values of 512 tokens.
	const bytes = 2 * (result.simulation?.model.parameters ?? 0) + 2 * 2 * 12 * 768 * 512;
	expect((result.simulation?.comparison[0]?.seconds ?? 0) / (bytes / 300e9)).toBeGreaterThan(0.98);
	expect((result.simulation?.comparison[0]?.seconds ?? 0) / (bytes / 300e9)).toBeLessThan(1.001);
});
