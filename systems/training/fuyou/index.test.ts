import { createContext, InputError, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import { plannedClaims } from './claims/planned-claims.ts';
import fuyou from './index.ts';
import { outputs, type PlanOutput } from './outputs.ts';
import { run } from './run.ts';

type Raw = Record<string, unknown>;

async function runWith(raw: Raw, files: Record<string, string> = {}) {
	const artifacts = new Map<string, string>();
	const context = createContext({
		seed: 3,
		onArtifact: (name, content) => void artifacts.set(name, new TextDecoder().decode(content)),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	const result = outputs.parse(await fuyou.run(parseInputs(fuyou, raw), context));
	return { result, artifacts };
}

async function planned(raw: Raw, files: Record<string, string> = {}): Promise<PlanOutput> {
	const { result } = await runWith({ search: { mostBatch: 2, mostDrives: 1, memorySizes: [128] }, ...raw }, files);
	if (result.plan === null) throw new Error('no plan');
	return result.plan;
}

const server = {
	memoryGigabytes: 768,
	adamGigabytesPerSecond: 100,
	linkGigabytesPerSecond: 22.9,
	drives: 12,
	terabytesPerDrive: 3.84,
	readGigabytesPerSecondPerDrive: 7.11,
	writeGigabytesPerSecondPerDrive: 4.07,
};

test('the authors’ server described by the user gives their throughput', async () => {
	const plan = await planned({ batch: 64, workstation: server });
	expect(plan.verdict).toBe('runs');
	const ours = plan.policies.find(({ policy }) => policy === 'fuyou');
	expect((ours?.teraflops ?? 0) / 155.8).toBeGreaterThan(0.95);
	expect((ours?.teraflops ?? 0) / 155.8).toBeLessThan(1.05);
	expect(plan.policies.find(({ policy }) => policy === 'all-gpu')?.binding).toBe('GPU memory');
});

test('verdicts: a smaller batch where one fits, and what is short', async () => {
	const plan = await planned({ model: { name: 'gpt3-175b' }, batch: 32, workstation: server });
	expect(plan.verdict).toBe('runs with a smaller batch');
	const { result } = await runWith({ model: { name: 'opt-13b' }, workstation: { drives: 1, terabytesPerDrive: 0.1 } });
	expect(result.plan?.verdict).toBe('does not fit');
	expect(result.answer).toMatch(/does not fit: drives would have to hold \d+\.\d GB of 100\.0 GB/);
});

test('the DeepSpeed file has the keys that ZeRO-Infinity takes', async () => {
	const { artifacts } = await runWith({ batch: 4, precision: 'bf16' });
	const config = z
		.object({
			train_micro_batch_size_per_gpu: z.literal(4),
			bf16: z.object({ enabled: z.literal(true) }),
			zero_optimization: z.object({
				stage: z.literal(3),
				sub_group_size: z.number(),
				offload_param: z.object({
					device: z.literal('nvme'),
					buffer_count: z.int().min(1),
					buffer_size: z.int(),
					max_in_cpu: z.number(),
				}),
				offload_optimizer: z.object({ device: z.literal('nvme'), buffer_count: z.int().min(4), pin_memory: z.literal(true) }),
			}),
			aio: z.object({ block_size: z.literal(1048576), queue_depth: z.literal(32), thread_count: z.literal(2) }),
		})
		.parse(JSON.parse(artifacts.get('deepspeed-zero-infinity.json') ?? ''));
	expect(config.zero_optimization.offload_param.buffer_size).toBeGreaterThanOrEqual(12 * 5120 ** 2);
	expect(artifacts.get('timeline.csv')?.split('\n')[0]).toBe('lane,kind,start_s,end_s');
});

test('fio’s figures replace the drive’s, and the user’s own replace both', async () => {
	const job = (rw: string, read: number, write: number) => ({
		jobname: rw,
		'job options': { rw },
		read: { bw_bytes: read },
		write: { bw_bytes: write },
	});
	const files = { drive: JSON.stringify({ jobs: [job('read', 3e9, 0), job('write', 0, 2e9)] }) };
	const measured = await planned({ workstation: { fio: 'drive', drives: 1 } }, files);
	expect([measured.machine.readBytesPerSecond, measured.machine.writeBytesPerSecond]).toEqual([3e9, 2e9]);
	const own = await planned({ workstation: { fio: 'drive', drives: 1, readGigabytesPerSecondPerDrive: 5 } }, files);
	expect([own.machine.readBytesPerSecond, own.machine.writeBytesPerSecond]).toEqual([5e9, 2e9]);
});

test.each<[string, Raw, RegExp]>([
	['batch 0', { batch: 0 }, /batch: found 0, expected at least 1/],
	[
		'zero bandwidth',
		{ workstation: { readGigabytesPerSecondPerDrive: 0 } },
		/readGigabytesPerSecondPerDrive: found 0, expected at least 0\.001/,
	],
	['an unknown GPU', { machine: { name: 'rtx-4909' } }, /machine\.name: found "rtx-4909".*did you mean rtx-4090/],
	['an unknown model', { model: { name: 'opt-13c' } }, /model\.name: found "opt-13c".*did you mean opt-13b/],
	['a machine without 16-bit arithmetic', { machine: { name: 'xeon-8480c' } }, /machine\.name/],
	['more tokens than learned positions', { sequenceTokens: 5000 }, /sequenceTokens: found 5000.*at most 20\d\d/],
	[
		'heads that do not divide the width',
		{ mode: 'train-here', train: { width: 100, heads: 3 } },
		/train\.heads: found 3, expected a divisor of the width, 100; did you mean 2/,
	],
	[
		'a folder that is not there',
		{ mode: 'train-here', train: { folder: '/no/such/folder' } },
		/train\.folder: found "\/no\/such\/folder"/,
	],
	[
		'a model too large for the drive',
		{ mode: 'train-here', train: { layers: 200, width: 4096, stateCapMegabytes: 3000 } },
		/MB free.*two copies of the state|stateCapMegabytes/,
	],
	['adapters on latent attention', { model: { name: 'deepseek-v2-lite' }, loraRank: 8 }, /loraRank/],
])('%s is one error with its place', async (_, raw, message) => {
	await expect(runWith(raw)).rejects.toThrow(message);
	await expect(runWith(raw)).rejects.toBeInstanceOf(InputError);
});

test('heads that do not divide the width in a config.json are refused', async () => {
	const config = JSON.stringify({
		model_type: 'llama',
		hidden_size: 100,
		num_hidden_layers: 2,
		num_attention_heads: 3,
		intermediate_size: 400,
		vocab_size: 100,
	});
	await expect(runWith({ model: { config: 'config.json' } }, { 'config.json': config })).rejects.toBeInstanceOf(InputError);
});

test('adapters, other optimizers and experts: less state, less time, and everything adds up', async () => {
	const adam = await planned({ model: { name: 'llama-3-8b' }, batch: 4 });
	const small = await planned({ model: { name: 'llama-3-8b' }, batch: 4, optimizer: 'adam-8bit' });
	const lora = await planned({ model: { name: 'llama-3-8b' }, batch: 4, loraRank: 16 });
	const seconds = (plan: PlanOutput) => plan.policies.find(({ policy }) => policy === 'fuyou')?.seconds ?? 0;
	expect(seconds(small)).toBeLessThan(seconds(adam));
	expect(seconds(lora)).toBeLessThan(seconds(small));
	// r (inputs + outputs) of seven matrices, 32 layers of Llama 3 8B: 41.9 M at rank 16.
	expect(lora.model.trainedParameters).toBe(41_943_040);
	const experts = await planned({ model: { name: 'mixtral-8x7b' }, batch: 4 });
	expect(experts.verdict).toBe('runs');
	for (const { bytes, parts } of experts.tiers) expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBeCloseTo(bytes, -1);
});

test('training here really trains: the same parameters in every way, and measured times', async () => {
	const { result, artifacts } = await runWith({
		mode: 'train-here',
		train: { layers: 3, width: 32, heads: 2, batch: 1, sequenceTokens: 16, steps: 2, stateCapMegabytes: 1 },
	});
	expect(result.training?.sameBits).toBe(true);
	expect(result.training?.runs.map(({ way }) => way)).toEqual([
		'in memory',
		'optimizer after backward',
		'optimizer inside backward',
		'inside backward, writes as they come',
	]);
	for (const { medianSeconds, losses } of result.training?.runs ?? []) {
		expect(medianSeconds).toBeGreaterThan(0);
		expect(losses).toEqual(result.training?.runs[0]?.losses);
	}
	expect(artifacts.get('timeline.csv')).toContain('GPU,backward');
	expect(fuyou.report(result, parseInputs(fuyou, {})).length).toBeGreaterThan(3);
});

const applies = (subject: Subject) => advise.applies(subject);

test('advice: not for serving, not where state fits into GPU memory, not on many GPUs', () => {
	const reason = (subject: Subject) => {
		const found = applies(subject);
		return 'reason' in found ? found.reason : 'applies';
	};
	expect(reason({ goal: 'serve', model: 'opt-13b', machine: 'rtx-4090' })).toMatch(/about training/);
	expect(reason({ goal: 'train', model: 'llama-3-8b', machine: '64xh100' })).toMatch(/fit into GPU memory/);
	expect(reason({ goal: 'train', model: 'gpt2', machine: 'rtx-4090' })).toMatch(/fit into GPU memory/);
	expect(reason({ goal: 'train', model: 'llama-3-70b', machine: '8xh100' })).toMatch(/one GPU; the machine has 8/);
	expect(reason({ goal: 'train', model: 'no-such-model', machine: 'rtx-4090' })).toMatch(/no-such-model/);
	expect(reason({ goal: 'fine-tune', model: 'opt-13b', machine: 'rtx-4090' })).toBe('applies');
});

test.each(['fine-tune', 'train'] as const)(
	'advice to %s 13B on a workstation: a gain over ZeRO-Infinity that an expert would believe',
	async (goal) => {
		const found = applies({ goal, model: 'opt-13b', machine: 'rtx-4090' });
		if (!('inputs' in found)) throw new Error(found.reason);
		const outcome = advise.assess(await run(parseInputs(fuyou, found.inputs) as Parameters<typeof run>[0], createContext()));
		if ('reason' in outcome) throw new Error(outcome.reason);
		expect(outcome.gain.throughput).toBeGreaterThan(1.1);
		expect(outcome.gain.throughput).toBeLessThan(3);
		expect(outcome.against).toMatch(/ZeRO-Infinity/);
	},
);

test('on two GPUs no gain is promised where another system could use both', async () => {
	const found = applies({ goal: 'train', model: 'opt-13b', machine: '2xrtx-4090' });
	if (!('inputs' in found)) throw new Error(found.reason);
	const outcome = advise.assess(await run(parseInputs(fuyou, found.inputs) as Parameters<typeof run>[0], createContext()));
	expect(outcome).toMatchObject({ reason: expect.stringMatching(/can use all 2/) });
});

test('advice for 175B on a workstation: what nothing else can do there', async () => {
	const found = applies({ goal: 'fine-tune', model: 'gpt3-175b', machine: 'rtx-4090' });
	if (!('inputs' in found)) throw new Error(found.reason);
	const outcome = advise.assess(await run(parseInputs(fuyou, found.inputs) as Parameters<typeof run>[0], createContext()));
	expect(outcome).toMatchObject({ gain: {}, enables: expect.stringMatching(/host memory/) });
});

test('calibration and quick claims give finite figures', async () => {
	const context = { ...createContext(), once: <T>(_: string, compute: () => Promise<T>) => compute() };
	if (!('checks' in calibration)) throw new Error('no checks');
	for (const { measure } of calibration.checks) expect((await measure(context)).mean).toBeLessThan(0.06);
	for (const claim of plannedClaims)
		if (claim.evidence !== 'quoted') expect(await claim.measure(context)).toBeGreaterThanOrEqual(0);
});
