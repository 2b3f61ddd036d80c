/** The system as every face of Assay sees it. */
import {
	type ClaimContext,
	createContext,
	DataUnavailableError,
	describeFields,
	InputError,
	judge,
	memoryFile,
	parseInputs,
	type RunContext,
} from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import { dataMissing, openData } from './test-data.ts';

const small = { trace: { requestsPerSecond: 10, durationSeconds: 10 }, cluster: { promptMachines: 4, tokenMachines: 3 } };

interface Kept {
	readonly files: Map<string, string>;
	readonly fractions: number[];
	readonly warnings: string[];
}

async function runWith(raw: unknown, options: Parameters<typeof createContext>[0] = {}) {
	const kept: Kept = { files: new Map(), fractions: [], warnings: [] };
	const context = createContext({
		seed: 7,
		onProgress: (fraction) => kept.fractions.push(fraction),
		onLog: (_, message) => kept.warnings.push(message),
		onArtifact: (name, content) => void kept.files.set(name, new TextDecoder().decode(content)),
		...options,
	});
	const inputs = parseInputs(system, raw);
	const outputs = await system.run(inputs, context);
	return { outputs, inputs, ...kept };
}

const files = (contents: Record<string, string>): { open: RunContext['open'] } => ({
	open: async (reference) => {
		const content = contents[reference];
		if (content === undefined) throw new DataUnavailableError(reference);
		return memoryFile(reference, content);
	},
});

test('the default example needs nothing but this package, and says so plainly', async () => {
	const { outputs, inputs, fractions, files: kept } = await runWith(system.examples[0].inputs);
	expect(system.outputs.parse(JSON.parse(JSON.stringify(outputs)))).toEqual(outputs);
	expect(outputs.simulation?.completed).toBe(outputs.trace.requests);
	expect(outputs.trace.description).toContain('embedded quantiles of the Azure conversation trace');
	expect(system.headline(outputs, inputs)).toMatch(/25 \+ 15 machines.*meets all nine objectives/);
	expect(fractions.every((fraction, i) => i === 0 || fraction >= (fractions[i - 1] ?? 0))).toBe(true);
	expect(fractions.at(-1)).toBe(1);
	const rows = kept.get('requests.csv')?.trim().split('\n') ?? [];
	expect(rows).toHaveLength(outputs.trace.requests + 1);
	expect([...kept.keys()].sort()).toEqual(['machine-iterations.csv', 'memory-waits.csv', 'mixed-pool.csv', 'requests.csv']);
	const panels = system.report(outputs, inputs);
	expect(panels.map(({ kind }) => kind)).toContain('plot');
	for (const panel of panels) if (panel.kind === 'file') expect(kept.has(panel.artifact)).toBe(true);
});

test('every field has help, every number a unit', () => {
	for (const field of describeFields(system.inputs)) {
		if (field.kind === 'json') continue;
		expect(field.help, field.path.join('.')).not.toBe('');
		if (field.kind === 'number' || field.kind === 'integer') expect(field.unit, field.path.join('.')).toBeDefined();
	}
});

test('the same seed gives the same bytes, another seed others', async () => {
	const all = async (seed: number) => {
		const found = await runWith(small, { seed });
		return JSON.stringify([found.outputs, [...found.files]]);
	};
	expect(await all(1)).toBe(await all(1));
	expect(await all(1)).not.toBe(await all(2));
});

test.each(['compare', 'provision'] as const)('%s gives the same whatever thread an item runs on', async (mode) => {
	const raw = {
		...small,
		mode,
		compare: { rates: [20, 5], budgetMachines: 6 },
		provision: { designs: ['splitwise-hh', 'baseline-h100'], rates: [6], maxPromptMachines: 12, maxTokenMachines: 5 },
	};
	const one = await runWith(raw);
	const parallel: RunContext['parallel'] = async (task, items, onResult) => {
		const results = new Array(items.length);
		for (const index of [...items.keys()].reverse()) {
			results[index] = await task.run(structuredClone(items[index] as never), async () => undefined);
			onResult?.(results[index], index);
		}
		return results;
	};
	const other = await runWith(raw, { parallel });
	expect(JSON.stringify(other.outputs)).toBe(JSON.stringify(one.outputs));
	expect(one.fractions.at(-1)).toBe(1);
	expect(system.report(one.outputs, one.inputs).length).toBeGreaterThan(3);
	if (mode === 'provision') expect(one.outputs.provisioning?.searches[0]?.cheapest?.machines).toBeGreaterThan(1);
	else expect(one.outputs.comparison?.points).toHaveLength(12);
});

test('a run that is told to stop raises the reason', async () => {
	const controller = new AbortController();
	setTimeout(() => controller.abort(new Error('stopped by the user')), 150);
	const raw = { mode: 'provision', provision: { rates: [30, 60, 90] }, trace: { durationSeconds: 600 } };
	await expect(runWith(raw, { signal: controller.signal })).rejects.toThrow('stopped by the user');
});

test('one’s own model, machines and profile take the place of the published ones', async () => {
	const config = {
		model_type: 'llama',
		torch_dtype: 'bfloat16',
		hidden_size: 4096,
		num_hidden_layers: 32,
		num_attention_heads: 32,
		num_key_value_heads: 8,
		intermediate_size: 14336,
		vocab_size: 128256,
		max_position_embeddings: 8192,
	};
	const header = 'model,hardware,tensor_parallel,prompt_size,batch_size,prompt_time,token_time';
	const profile = [
		header,
		...[128, 1024, 8192].map((tokens) => `tiny,my-gpu,1,${tokens},1,${tokens / 20},${10 + tokens / 1000}`),
	].join('\n');
	const machine = {
		name: 'box',
		hardware: 'my-gpu',
		gpus: 1,
		memoryGibibytesPerGpu: 80,
		serverWatts: 900,
		dollarsPerGpuHour: 2,
		portGigabitsPerSecond: 100,
		peakTeraflops: 300,
		memoryGigabytesPerSecond: 2000,
	};
	const base = {
		...small,
		model: { config: 'config.json' },
		machines: [machine],
		cluster: { ...small.cluster, design: 'custom', promptType: 'box', tokenType: 'box' },
	};
	const open = files({ 'config.json': JSON.stringify(config), 'mine.csv': profile });
	const estimated = await runWith(base, open);
	expect(estimated.outputs.timings).toEqual([{ machine: 'box', source: 'roofline estimate' }]);
	expect(estimated.warnings.join()).toContain('roofline estimate');
	expect(estimated.outputs.model.kvBytesPerToken).toBe(2 * 32 * 8 * 128 * 2);
	const full = await runWith({ ...base, model: { config: 'config.json', fullMultiHeadKv: true } }, open);
	expect(full.outputs.model.kvBytesPerToken).toBe(4 * estimated.outputs.model.kvBytesPerToken);
	const measured = await runWith({ ...base, profile: { file: 'mine.csv', modelName: 'tiny', tensorParallel: 1 } }, open);
	expect(measured.outputs.timings).toEqual([{ machine: 'box', source: 'profile file' }]);
	// Alone or not, a token takes about 10 ms in that profile.
	expect(measured.outputs.simulation?.latencies.tbt.p50).toBeGreaterThan(0.009);
	const known = await runWith({ ...base, cluster: { ...base.cluster, promptType: '8xh100', tokenType: 'dgx-h200' } }, open);
	expect(known.outputs.timings.map(({ machine: name }) => name)).toEqual(['8xh100', 'dgx-h200']);
});

test('twenty mistakes, twenty errors with a place', async () => {
	const trace = (text: string) => ({ trace: { file: 'mine.csv' }, ...files({ 'mine.csv': text }) });
	const custom = (cluster: Record<string, unknown>) => ({ cluster: { design: 'custom', ...cluster } });
	const box = {
		name: 'box',
		gpus: 1,
		memoryGibibytesPerGpu: 80,
		serverWatts: 900,
		dollarsPerGpuHour: 2,
		portGigabitsPerSecond: 100,
		peakTeraflops: 300,
		memoryGigabytesPerSecond: 2000,
	};
	const profileHeader = 'model,hardware,tensor_parallel,prompt_size,batch_size,prompt_time,token_time\n';
	const mistakes: [Record<string, unknown> & Partial<ReturnType<typeof files>>, RegExp][] = [
		[{ mode: 'simulat' }, /^mode: found "simulat".*did you mean simulate/],
		[{ modus: 'simulate' }, /^modus: found the unknown name "modus", expected one of mode, model/],
		[{ trace: { requestsPerSecond: -1 } }, /^trace\.requestsPerSecond: found -1/],
		[{ trace: { durationSeconds: Number.NaN } }, /^trace\.durationSeconds/],
		[{ trace: { requestsPerSecond: 0.01, durationSeconds: 1 } }, /^trace\.durationSeconds: .*no request arrived/],
		[{ trace: { requestsPerSecond: 5000, durationSeconds: 36_000 } }, /^trace\.maxRequests: found about 180000000/],
		[
			trace('TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,0,3\n'),
			/^mine\.csv, line 2, column ContextTokens: found "0"/,
		],
		[trace('TIMESTAMP,ContextTokens\n'), /^mine\.csv, line 1: found the columns/],
		[{ model: { name: 'bloom-176' } }, /^model\.name: found "bloom-176".*did you mean bloom-176b/],
		[{ model: { name: 'bert-base' } }, /^model\.name: found/],
		[{ model: { config: 'config.json' }, ...files({ 'config.json': '{"a":' }) }, /^config\.json: found/],
		[{ model: { config: 'config.json' }, ...files({ 'config.json': '{"model_type":"llama"}' }) }, /config|hidden_size/],
		[custom({ promptType: 'dgx-h10' }), /^cluster.*found "dgx-h10".*did you mean dgx-h100/],
		[custom({ promptType: 'box', tokenType: 'box' }), /found "box"/],
		[
			{ ...custom({ promptType: 'box', tokenType: 'box' }), machines: [box] },
			/^model: found bloom-176b with 329000000000 bytes of weights.*85899345920 bytes of memory of a box/,
		],
		[{ machines: [{ ...box, name: 'dgx-h100' }] }, /^machines\[0\]\.name: found dgx-h100 a second time/],
		[{ machines: [{ name: 'box', gpus: 1 }] }, /^machines\[0\]\.\w+: found nothing, expected a number, or a known machine/],
		[{ machines: [{ ...box, gpus: 1.5 }] }, /^machines\[0\]\.gpus: found 1\.5/],
		[{ cluster: { tokenMachines: 0 } }, /^cluster\.tokenMachines: found 0 machines/],
		[{ cluster: { maxBatchTokens: 0 } }, /^cluster\.maxBatchTokens: found 0, expected at least 1/],
		[{ objectives: { ttft: { p50: 0 } } }, /^objectives\.ttft\.p50: found 0/],
		[
			{ profile: { file: 'p.csv' }, ...files({ 'p.csv': `${profileHeader}bloom-176b,h100-80gb,8,128,1,0,1\n` }) },
			/^p\.csv, line 2, column prompt_time: found "0"/,
		],
		[
			{ profile: { file: 'p.csv' }, ...files({ 'p.csv': `${profileHeader}opt,h100-80gb,8,128,1,5,1\n` }) },
			/^profile\.file: found rows for opt on h100-80gb x8/,
		],
		[
			{ profile: { file: 'p.csv' }, ...files({ 'p.csv': `${profileHeader}bloom-176b,h100-80gb,8,128,1,5,1\n` }) },
			/found 1 batch size/,
		],
		[{ mode: 'provision', provision: { designs: ['splitwise-xx'] } }, /^provision\.designs\[0\]: found "splitwise-xx"/],
		[{ transfer: { hiddenShare: 1 } }, /^transfer\.hiddenShare: found 1, expected at most 0\.999/],
	];
	expect(mistakes.length).toBeGreaterThanOrEqual(20);
	for (const [{ open, ...raw }, message] of mistakes) {
		const attempt = runWith(raw, open === undefined ? {} : { open });
		const error: unknown = await attempt.then(
			() => 'no error',
			(reason: unknown) => reason,
		);
		expect(error, JSON.stringify(raw)).toBeInstanceOf(InputError);
		if (error instanceof InputError) expect(error.message).toMatch(message);
	}
});

test('whatever JSON comes as inputs or as a config, the answer is a run or one InputError', async () => {
	const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.constantFrom('bloom-176b', 'dgx-h100', 0, -1, null));
	const field = fc.constantFrom(...describeFields(system.inputs).map(({ path }) => path.filter((step) => step !== '*')));
	await fc.assert(
		fc.asyncProperty(field, values, fc.string({ maxLength: 80 }), async (path, value, text) => {
			const raw: Record<string, unknown> = structuredClone({
				...small,
				trace: { ...small.trace, durationSeconds: 2, maxRequests: 2000 },
			});
			let at = raw;
			for (const step of path.slice(0, -1)) {
				const below = at[step];
				const next: Record<string, unknown> =
					typeof below === 'object' && below !== null && !Array.isArray(below) ? { ...below } : {};
				at[step] = next;
				at = next;
			}
			at[path.at(-1) ?? ''] = value;
			try {
				const found = await runWith(raw, { open: async (name) => memoryFile(name.replaceAll(/\W/g, '_') || 'x', text) });
				system.report(found.outputs, found.inputs);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
			}
		}),
		{ numRuns: 300 },
	);
}, 60_000);

test('advice: only for serving with a model and a machine that can hold it, and as ratios', async () => {
	const { advise } = system;
	if (advise === undefined) throw new Error('no advice');
	const reasonFor = (subject: Parameters<typeof advise.applies>[0]): string => {
		const found = advise.applies(subject);
		return 'reason' in found ? found.reason : '';
	};
	expect(reasonFor({ goal: 'train', model: 'bloom-176b', machine: 'dgx-h100' })).toMatch(/serving/);
	expect(reasonFor({ goal: 'serve', machine: 'dgx-h100' })).toMatch(/no model/);
	expect(reasonFor({ goal: 'serve', model: 'bloom-176b', machine: 'h100' })).toMatch(/no room for KV caches/);
	expect(reasonFor({ goal: 'serve', model: 'bloom-176b', machine: 'dgx-h10' })).toMatch(/did you mean dgx-h100/);
	expect(reasonFor({ goal: 'serve', model: 'bert-base', machine: '8xh100' })).toMatch(/encoder/);
	expect(reasonFor({ goal: 'serve', model: 'bloom-176b', machine: '8xh100' })).toMatch(/one server/);
	const found = advise.applies({ goal: 'serve', model: 'llama-3-70b', machine: '64xh100' });
	if (!('inputs' in found)) throw new Error(found.reason);
	expect(found.inputs.cluster).toMatchObject({ promptType: '8xh100-sxm', promptMachines: 5, tokenMachines: 3 });
	const { outputs } = await runWith(found.inputs);
	const assessed = advise.assess(outputs);
	if ('reason' in assessed) throw new Error(assessed.reason);
	const { gain } = assessed;
	expect(gain.latency).toBe((outputs.simulation?.unsplit?.meanE2eSeconds ?? 0) / (outputs.simulation?.latencies.e2e.mean ?? 0));
	expect(gain.cost).toBeCloseTo(gain.throughput ?? 0, 9);
	expect(assessed.against).toContain('8 of the same servers');
});

describe.skipIf(dataMissing !== undefined)(`claims of seconds (${dataMissing ?? 'data at hand'})`, () => {
	const memory = new Map<string, Promise<unknown>>();
	const context: ClaimContext = {
		...createContext({ open: openData }),
		once: <T>(key: string, compute: () => Promise<T>): Promise<T> => {
			const held = memory.get(key) ?? compute();
			memory.set(key, held);
			return held as Promise<T>;
		},
	};
	const off = new Set(['S5', 'S9', 'S13']);
	for (const claim of system.claims) {
		if (claim.evidence === 'quoted' || claim.effort !== 'seconds') continue;
		test(`${claim.id} is ${off.has(claim.id) ? 'off, as its comment says' : 'reproduced'}`, async () => {
			const ours = await claim.measure(context);
			expect(Number.isFinite(ours)).toBe(true);
			expect(judge(claim, ours)).toBe(off.has(claim.id) ? 'off' : 'reproduced');
			if (off.has(claim.id)) expect(claim.comment).toBeDefined();
		});
	}
});

test('claims have unique names; without data they say which is missing', async () => {
	expect(new Set(system.claims.map(({ id }) => id)).size).toBe(system.claims.length);
	const claim = system.claims.find(({ id }) => id === 'S8-coding-output');
	if (claim === undefined || claim.evidence === 'quoted') throw new Error('no claim');
	const context: ClaimContext = { ...createContext(), once: (_, compute) => compute() };
	await expect(claim.measure(context)).rejects.toBeInstanceOf(DataUnavailableError);
});
