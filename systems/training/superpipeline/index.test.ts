import {
	type ClaimContext,
	createContext,
	describeFields,
	InputError,
	judge,
	memoryFile,
	parseInputs,
	type RunContext,
} from '@assay/contract';
import { onnxNode, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { describe, expect, test } from 'vitest';
import { parseDimensions } from './execute/run-here.ts';
import system from './index.ts';
import type { Outputs } from './outputs.ts';

async function runWith(raw: unknown, options: { open?: RunContext['open']; signal?: AbortSignal; seed?: number } = {}) {
	const inputs = parseInputs(system, raw);
	const fractions: number[] = [];
	const files = new Map<string, string>();
	const context = createContext({
		...options,
		onProgress: (fraction) => fractions.push(fraction),
		onArtifact: (name, content) => void files.set(name, new TextDecoder().decode(content)),
	});
	const outputs: Outputs = system.outputs.parse(await system.run(inputs, context));
	return { outputs, inputs, fractions, files };
}

describe('plans', () => {
	test('Llama 2 7B: layers and shared part as counted by hand, and what 12 of 32 layers save', async () => {
		const { outputs, files } = await runWith({
			work: { use: 'generate', batch: 1 },
			goal: { capGigabytes: 6 },
			link: { gigabytesPerSecond: 25, latencyMicroseconds: 0 },
		});
		expect(outputs.units).toHaveLength(32);
		expect(outputs.units[0]?.weightBytes).toBe(2 * 202_383_360);
		const { planned } = outputs;
		expect((planned?.resident.weightBytes ?? 0) - 32 * 2 * 202_383_360).toBeCloseTo(524.3e6, -5);
		expect(planned?.resident.weightBytes).toBeCloseTo(13.477e9, -7);
		// Ten pinned and two slots are twelve layers: 5.38 GB.
		expect(planned?.chosen).toMatchObject({ policy: 'pin-and-ring', window: 12 });
		expect(planned?.chosen.weightBytes).toBeCloseTo(5.38e9, -7);
		expect(planned?.chosen.weightsSaved).toBeCloseTo(0.601, 3);
		// 22 layers of 404.8 MB at 25 GB/s.
		expect(planned?.chosen.passSeconds).toBeCloseTo(0.356, 3);
		expect(planned?.bestWindow?.passSeconds).toBeCloseTo(0.518, 3);
		expect(JSON.parse(files.get('schedule.json') ?? '')).toMatchObject({ policy: 'pin-and-ring', slots: 2 });
	});

	test('where it fits nothing is streamed; a cap never makes it faster; copying back is never faster than dropping', async () => {
		const free = await runWith({});
		expect(free.outputs.planned?.chosen.policy).toBe('resident');
		expect(free.outputs.answer).toMatch(/it fits/);
		const seconds = async (goal: object, schedule = {}) => {
			const { outputs } = await runWith({ work: { batch: 1, tokens: 256 }, goal, schedule });
			return outputs.planned?.chosen.passSeconds ?? 0;
		};
		expect(await seconds({ capGigabytes: 4 })).toBeGreaterThanOrEqual(await seconds({ capGigabytes: 8 }));
		expect(await seconds({ capGigabytes: 4 }, { writeback: 'copy' })).toBeGreaterThanOrEqual(await seconds({ capGigabytes: 4 }));
	});

	test('memory over time stays under what was promised, and spans of a lane do not overlap', async () => {
		for (const policies of ['all', 'window']) {
			const { outputs } = await runWith({ work: { batch: 2, tokens: 512 }, goal: { capGigabytes: 7 }, schedule: { policies } });
			const { planned } = outputs;
			if (planned === null) throw new Error('nothing planned');
			const peak = Math.max(...planned.memory.map(({ bytes }) => bytes));
			expect(peak).toBeLessThanOrEqual(planned.chosen.totalBytes * (1 + 1e-9));
			expect(peak).toBeGreaterThan(planned.chosen.totalBytes * 0.9);
			for (const lane of ['in', 'compute', 'out']) {
				const spans = planned.spans.filter((span) => span.lane === lane);
				for (const [i, span] of spans.entries()) expect(span.start).toBeGreaterThanOrEqual((spans[i - 1]?.end ?? 0) - 1e-12);
			}
		}
	});

	test('training: memory over time reaches what was promised and no more, and ends as it began', async () => {
		for (const schedule of [{}, { recompute: false }, { optimizer: 'device' }]) {
			const raw = { work: { use: 'train', batch: 2, tokens: 512 }, schedule, goal: { capGigabytes: 20 } };
			const { planned } = (await runWith(raw)).outputs;
			if (planned === null) throw new Error('nothing planned');
			expect(planned.chosen.policy).toBe('window');
			const totals = planned.memory.filter(({ part }) => part === 'weights of units');
			const peak = Math.max(...totals.map(({ bytes }) => bytes));
			expect(peak).toBeLessThanOrEqual(planned.chosen.totalBytes * (1 + 1e-9));
			expect(peak).toBeGreaterThan(planned.chosen.totalBytes * 0.85);
			expect(totals.at(-1)?.bytes).toBeCloseTo(totals[0]?.bytes ?? 0, 0);
			const [slots = 0, others = 0] = ['weights of units', 'gradients'].map(
				(part) => planned.memory.find((one) => one.part === part)?.bytes,
			);
			expect(slots - others).toBeCloseTo(2 * 202_383_360 * planned.chosen.window, 0);
			for (const lane of ['in', 'state in', 'compute', 'out', 'update']) {
				const spans = planned.spans.filter((span) => span.lane === lane);
				for (const [i, span] of spans.entries()) expect(span.start).toBeGreaterThanOrEqual((spans[i - 1]?.end ?? 0) - 1e-12);
			}
			// Nothing is computed before it has come: of two steps, each unit is computed four times.
			expect(planned.spans.filter(({ lane }) => lane === 'compute')).toHaveLength(4 * 32);
		}
	});

	test('pageable memory: a pass takes computing and every transfer, one after the other', async () => {
		const { outputs } = await runWith({
			work: { batch: 4, tokens: 512 },
			goal: { capGigabytes: 5 },
			schedule: { policies: 'window' },
			link: { gigabytesPerSecond: 20, latencyMicroseconds: 0, hostMemory: 'pageable' },
		});
		const { chosen, resident } = outputs.planned ?? {};
		expect(chosen?.passSeconds).toBeCloseTo((resident?.passSeconds ?? 0) + (32 * 2 * 202_383_360) / 10e9, 6);
	});

	test('training: gradients and state leave the device, activations do not; the optimizer on the device takes more memory', async () => {
		const raw = { work: { use: 'train', batch: 4, tokens: 1024 } };
		const { outputs } = await runWith(raw);
		const { chosen, resident } = outputs.planned ?? {};
		expect(resident?.totalBytes).toBeGreaterThan(100e9);
		expect(chosen?.totalBytes).toBeLessThan(24e9);
		expect(chosen?.optimizerBytes).toBe(0);
		expect(chosen?.activationBytes).toBe(resident?.activationBytes);
		const device = await runWith({ ...raw, schedule: { optimizer: 'device' } });
		expect(device.outputs.planned?.chosen.optimizerBytes).toBeGreaterThan(0);
		const kept = await runWith({ ...raw, schedule: { recompute: false } });
		expect(kept.outputs.planned?.chosen.activationBytes).toBeGreaterThan(2 * (chosen?.activationBytes ?? 0));
	});

	test('the smallest near resident speed', async () => {
		const { outputs } = await runWith({ goal: { kind: 'smallest', slowdown: 1.02 } });
		expect(outputs.planned?.chosen.slowdown).toBeLessThanOrEqual(1.02);
		expect(outputs.planned?.chosen.weightsSaved).toBeGreaterThan(0.85);
	});
});

test('training here: the same bits and the traffic of the formulas', async () => {
	const { outputs, fractions, inputs } = await runWith({
		mode: 'train-here',
		train: { blocks: 3, width: 32, tokens: 16, steps: 4 },
	});
	for (const one of outputs.trained?.runs ?? []) {
		expect(one.sameBits).toBe(true);
		expect([one.unitsIn, one.unitsOut]).toEqual([one.expectedIn, one.expectedOut]);
	}
	expect(fractions.at(-1)).toBe(1);
	expect(system.report(outputs, inputs).length).toBeGreaterThan(2);
});

describe('mistakes', () => {
	const cyclic = writeOnnxModel({
		graph: {
			node: [onnxNode('Add', ['x', 'b'], ['a']), onnxNode('Relu', ['a'], ['b'])],
			input: [valueMessage({ name: 'x', elementType: 'float32', dims: [1] })],
			output: [valueMessage({ name: 'b', elementType: 'float32', dims: [1] })],
		},
	});
	const open = async (name: string) => memoryFile(name, name === 'cyclic.onnx' ? cyclic : 'this is no model at all');
	const cases: [Record<string, unknown>, RegExp][] = [
		[{ mode: 'plans' }, /^mode: .*did you mean plan/],
		[{ model: { name: 'llama-2-7' } }, /^model\.name: .*did you mean/],
		[{ machine: { name: 'rtx-409' } }, /^machine\.name: .*did you mean rtx-4090/],
		[{ model: { name: 'bert-base' }, work: { use: 'generate' } }, /encoder/],
		[
			{ goal: { capGigabytes: 1 } },
			/^goal\.capGigabytes: found 1\.000 GB for llama-2-7b, expected at least \d\.\d+ GB: \d+ bytes are missing/,
		],
		[{ work: { batch: 0 } }, /^work\.batch: found 0/],
		[{ mode: 'train-here', train: { window: 9 } }, /^train\.window: found 9, expected at most the 6 blocks/],
		[{ mode: 'train-here', train: { width: 20 } }, /^train\.width: found 20, expected a multiple of 16/],
		[
			{ mode: 'run-here', run: { blocks: 2, width: 128, tokens: 8, capMegabytes: 0.2 } },
			/^run\.capMegabytes: found 0\.2 MB, expected at least \d+\.\d+ MB: \d+ bytes are missing for the largest unit/,
		],
		[{ mode: 'run-here', run: { width: 100 } }, /^run\.width: found 100, expected a multiple of 64/],
		[{ mode: 'run-here', run: { graph: 'no.onnx' } }, /^no\.onnx.*expected an ONNX file/],
		[{ mode: 'run-here', run: { graph: 'cyclic.onnx' } }, /^cyclic\.onnx.*found a cycle among 2 operators/],
	];
	test.each(cases)('%j', async (raw, message) => {
		const error: unknown = await runWith(raw, { open }).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(InputError);
		expect((error as Error).message).toMatch(message);
	});

	test('dimensions', () => {
		expect(parseDimensions(' batch=1, sequence length = 128;x=2')).toEqual({ batch: 1, 'sequence length': 128, x: 2 });
		for (const wrong of ['batch', 'batch=', 'batch=0', '=3', 'a=1.5']) expect(() => parseDimensions(wrong)).toThrow(InputError);
	});

	test('a run that is told to stop raises the reason', async () => {
		const controller = new AbortController();
		setTimeout(() => controller.abort(new Error('stopped by the user')), 300);
		await expect(runWith({ mode: 'run-here' }, { signal: controller.signal })).rejects.toThrow('stopped by the user');
	});
});

test('advice: only for a device that cannot hold the model, with how slow it will be', async () => {
	const { advise } = system;
	if (advise === undefined) throw new Error('no advice');
	const reasonFor = (subject: Parameters<typeof advise.applies>[0]): string => {
		const found = advise.applies(subject);
		return 'reason' in found ? found.reason : '';
	};
	expect(reasonFor({ goal: 'train', model: 'llama-2-7b', machine: 'rtx-4090' })).toMatch(/inference/);
	expect(reasonFor({ goal: 'edge', machine: 'rtx-4090' })).toMatch(/no model/);
	expect(reasonFor({ goal: 'edge', model: 'llama-2-7b', machine: 'rtx-4090' })).toMatch(/it fits/);
	expect(reasonFor({ goal: 'serve', model: 'llama-2-7b', machine: 'rtx-4090' })).toMatch(/it fits/);
	expect(reasonFor({ goal: 'serve', model: 'llama-2-70b', machine: '8xh100' })).toMatch(/it fits/);
	expect(reasonFor({ goal: 'serve', model: 'llama-3.1-405b', machine: '8xh100' })).toMatch(/better split than streamed/);
	expect(reasonFor({ goal: 'edge', model: 'llama-3.1-405b', machine: 'rtx-4090' })).toMatch(/host cannot hold/);
	const found = advise.applies({ goal: 'edge', model: 'qwen2.5-32b', machine: 'rtx-4090' });
	if (!('inputs' in found)) throw new Error(found.reason);
	const { outputs } = await runWith(found.inputs);
	const assessed = advise.assess(outputs);
	if ('reason' in assessed) throw new Error(assessed.reason);
	expect(assessed.gain).toEqual({});
	expect(assessed.enables).toMatch(/the device has 24 GB/);
	expect(assessed.costs.quality).toMatch(/answers are the same; \d.*s a token, .* waiting for weights/);
});

test('every field has help, every number a unit', () => {
	for (const field of describeFields(system.inputs)) expect(field.help, field.path.join('.')).not.toBe('');
});

describe('claims of seconds', () => {
	const context: ClaimContext = { ...createContext(), once: (_, compute) => compute() };
	const off = new Set(['P1-decode', 'P3-decode']);
	for (const claim of system.claims) {
		if (claim.evidence === 'quoted' || claim.effort !== 'seconds') continue;
		test(`${claim.id} is ${off.has(claim.id) ? 'off, as its comment says' : 'reproduced'}`, async () => {
			expect(judge(claim, await claim.measure(context))).toBe(off.has(claim.id) ? 'off' : 'reproduced');
			if (off.has(claim.id)) expect(claim.comment).toBeDefined();
		});
	}
});
