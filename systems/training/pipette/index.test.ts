/** The system as every face of Assay sees it. */
import { createContext, InputError, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import system from './index.ts';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

type Raw = z.input<typeof inputs>;

const small: Raw = {
	model: { name: 'gpt3-6.7b' },
	machine: { name: '4xdgx-a100' },
	training: { globalBatch: 64 },
	search: { top: 3, maxVirtualStages: 4 },
	placement: { iterations: 2000, restarts: 1 },
};

async function runWith(raw: Raw, files: Record<string, string> = {}, seed = 7) {
	const artifacts = new Map<string, string>();
	const context = createContext({
		seed,
		onArtifact: (name, content) => void artifacts.set(name, new TextDecoder().decode(content)),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	const outputs: Outputs = system.outputs.parse(await system.run(parseInputs(system, raw), context));
	return { outputs, artifacts };
}

const winner = (outputs: Outputs) => {
	const [best] = outputs.ranking;
	if (best === undefined) throw new Error('nothing fits');
	return best;
};

describe('a run', () => {
	test('ranks settings that fit, fastest first, and compares them with others’ choices', async () => {
		const { outputs } = await runWith(small);
		const best = winner(outputs);
		expect(outputs.ranking.map(({ time }) => time.totalSeconds)).toEqual(
			[...outputs.ranking].map(({ time }) => time.totalSeconds).sort((a, b) => a - b),
		);
		for (const { fits, neededBytes, unplacedSeconds, time } of outputs.ranking) {
			expect(fits).toBe(true);
			expect(neededBytes).toBeLessThanOrEqual(outputs.cluster.limitBytes);
			expect(unplacedSeconds).toBeGreaterThanOrEqual(time.totalSeconds * (1 - 1e-12));
		}
		expect(outputs.rivals.map(({ rival }) => rival)).toEqual(["Megatron-LM's rule of thumb", 'Varuna', 'AMP']);
		expect(best.modelFlopsUtilisation).toBeGreaterThan(0.3);
		expect(best.modelFlopsUtilisation).toBeLessThan(0.8);
		expect(best.tokensPerSecond).toBeCloseTo((64 * outputs.model.sequenceTokens) / best.time.totalSeconds, 6);
		const { simulation } = outputs;
		expect(simulation === null ? 1 : simulation.makespanSeconds / simulation.closedFormSeconds).toBeCloseTo(1, 1);
		expect(system.report(outputs, parseInputs(system, small)).length).toBeGreaterThan(8);
	});

	test('the exported ranks use every device once, and tell the launcher the same setting', async () => {
		const { outputs, artifacts } = await runWith(small);
		const best = winner(outputs);
		const [, ...lines] = (artifacts.get('ranks.csv') ?? '').trim().split('\r\n');
		const ranks = best.pipelineParallel * best.tensorParallel * best.dataParallel;
		expect(lines).toHaveLength(ranks);
		expect(new Set(lines.map((line) => line.split(',').slice(4).join(' '))).size).toBe(ranks);
		// Ranks of one tensor-parallel group share a host.
		for (let rank = 0; rank < ranks; rank += best.tensorParallel) {
			const hosts = lines.slice(rank, rank + best.tensorParallel).map((line) => line.split(',')[4]);
			expect(new Set(hosts).size).toBe(1);
		}
		const script = artifacts.get('launch.sh') ?? '';
		expect(script).toContain(`--tensor-model-parallel-size ${best.tensorParallel}`);
		expect(script).toContain(`--pipeline-model-parallel-size ${best.pipelineParallel}`);
		expect(script).toContain(`--micro-batch-size ${best.microBatch}`);
		expect(script).toContain(`-np ${ranks}`);
		expect((artifacts.get('rankfile') ?? '').split('\n')[0]).toMatch(/^rank 0=node\d slot=\d$/);
		expect((artifacts.get('hostfile') ?? '').trim().split('\n')).toHaveLength(ranks / 8);
	});

	test('the bandwidths it writes can be given back', async () => {
		const first = await runWith(small);
		const file = first.artifacts.get('bandwidth.json') ?? '';
		const again = await runWith({ ...small, links: { file: 'mine.json' } }, { 'mine.json': file }, 8);
		expect(again.outputs.links.source).toBe('measured, mine.json');
		expect(winner(again.outputs).label).toBe(winner(first.outputs).label);
		expect(winner(again.outputs).time.totalSeconds).toBeCloseTo(winner(first.outputs).time.totalSeconds, 6);
	});

	test('a port measured as a whole is shared by the node’s devices', async () => {
		const gpus = ['a', 'b', 'c', 'd'];
		const bandwidth = (value: number) =>
			JSON.stringify({ gpus, bandwidth: gpus.map((_, i) => gpus.map((__, j) => (i === j ? 0 : value))) });
		const files = { 'port.json': bandwidth(160), 'device.json': bandwidth(20) };
		const port = await runWith({ ...small, links: { file: 'port.json', measuredPer: 'node' } }, files);
		const device = await runWith({ ...small, links: { file: 'device.json' } }, files);
		expect(winner(port.outputs).time).toEqual(winner(device.outputs).time);
	});

	test('a matrix of single devices places groups of devices', async () => {
		const gpus = Array.from({ length: 16 }, (_, device) => `host${Math.floor(device / 8)}:${device % 8}`);
		const bandwidth = gpus.map((_, i) => gpus.map((__, j) => (i === j ? 0 : i >> 3 === j >> 3 ? 200 : 18)));
		const raw: Raw = { ...small, machine: { name: '2xdgx-a100' }, links: { file: 'gpus.json' } };
		const { outputs, artifacts } = await runWith(raw, { 'gpus.json': JSON.stringify({ gpus, bandwidth }) });
		const best = winner(outputs);
		expect(outputs.placement?.rows).toHaveLength(best.dataParallel);
		expect(outputs.rivals[0]?.choice?.fits).toBe(true);
		const lines = (artifacts.get('ranks.csv') ?? '').trim().split('\r\n').slice(1);
		expect(new Set(lines.map((line) => line.split(',').slice(4).join(' '))).size).toBe(lines.length);
	});

	test('learned from made-up rows, the page says so and gives the difference from the formula', async () => {
		const { outputs, artifacts } = await runWith({ ...small, estimator: { kind: 'learned', epochs: 20, networks: 1 } });
		expect(outputs.estimator.source).toContain('not measured');
		expect(outputs.estimator.memoryErrorAgainstFormula).toBeLessThan(0.3);
		expect(artifacts.has('estimator.json')).toBe(true);
		expect(JSON.stringify(system.report(outputs, parseInputs(system, small)))).toContain('Learned memory differs');
	});

	test('your own setting stands beside the others', async () => {
		const { outputs } = await runWith({ ...small, own: { pipelineParallel: 4, tensorParallel: 4, recompute: 'full' } });
		const yours = outputs.rivals.at(-1);
		expect(yours?.rival).toBe('Yours');
		expect(yours?.choice?.time.totalSeconds).toBeGreaterThan(winner(outputs).time.totalSeconds);
	});

	test('where nothing fits it says what is lacking instead of failing', async () => {
		const { outputs, artifacts } = await runWith({ model: { name: 'gpt3-175b' }, machine: { name: '8xa100' } });
		expect(outputs.ranking).toEqual([]);
		expect(outputs.leanest?.missingBytes).toBeGreaterThan(50e9);
		expect(outputs.recommendation).toMatch(/None of .* fits: .* GiB more than the limit/);
		expect(artifacts.size).toBe(0);
		expect(system.report(outputs, parseInputs(system, {})).length).toBeGreaterThan(1);
	});

	test('a model and a cluster of one’s own', async () => {
		const config = JSON.stringify({
			model_type: 'llama',
			vocab_size: 32000,
			hidden_size: 2048,
			num_hidden_layers: 24,
			num_attention_heads: 16,
			intermediate_size: 5632,
			max_position_embeddings: 2048,
		});
		const machines = 'clusters:\n  - { name: mine, device: a100-sxm-80gb, nodes: 3, devicesPerNode: 4 }\n';
		const { outputs } = await runWith(
			{
				...small,
				model: { config: 'config.json' },
				machine: { name: 'mine', file: 'mine.yaml' },
				training: { globalBatch: 96 },
			},
			{ 'config.json': config, 'mine.yaml': machines },
		);
		expect(outputs.cluster.nodes).toBe(3);
		expect(winner(outputs).fits).toBe(true);
	});
});

test.for<[string, Raw, Record<string, string>, RegExp]>([
	['an unknown model', { model: { name: 'gpt3-175' } }, {}, /gpt3-175b/],
	['an unknown machine', { machine: { name: '8xh101' } }, {}, /h100/],
	[
		'links of another cluster',
		{ ...small, links: { file: 'f' } },
		{ f: '{"gpus":["a","b"],"bandwidth":[[0,1],[1,0]]}' },
		/2 hosts/,
	],
	['a setting that does not divide', { ...small, own: { pipelineParallel: 5, tensorParallel: 8 } }, {}, /own.*pp 5/],
	[
		'too few profiling rows',
		{ ...small, estimator: { kind: 'learned', profile: 'p' } },
		{
			p: 'gpus,layers,hidden,heads,tp,pp,micro_batch,global_batch,memory_mb,forward_ms,backward_ms\n8,32,4096,32,8,1,1,8,100,1,2',
		},
		/1 profiling rows/,
	],
	['a device whose rate is not known', { ...small, machine: { name: '8xupmem-dimm' } }, {}, /rate/],
	['a file that is no config', { ...small, model: { config: 'c' } }, { c: '{' }, /config\.json/],
])('%s is an InputError', async ([, raw, files, message]) => {
	const run = runWith(raw, files);
	await expect(run).rejects.toThrow(InputError);
	await expect(run).rejects.toThrow(message);
});

describe('advice', () => {
	const applies = (subject: Subject) => {
		if (system.advise === undefined) throw new Error('no advice');
		return system.advise.applies(subject);
	};
	const assessed = async (subject: Subject) => {
		const answer = applies(subject);
		if ('reason' in answer) throw new Error(answer.reason);
		const { outputs } = await runWith(answer.inputs);
		return system.advise?.assess(outputs);
	};

	test.for<[Subject, RegExp]>([
		[{ goal: 'serve', model: 'llama-3-8b', machine: '64xh100' }, /training/],
		[{ goal: 'train', model: 'llama-3-8b', machine: 'h100' }, /one h100/],
		[{ goal: 'train', machine: '64xh100' }, /no model/],
		[{ goal: 'train', model: 'llama-3-8b' }, /no machine/],
		[{ goal: 'train', model: 'gpt3-175b', machine: '2xrtx-4090' }, /alone/],
		[{ goal: 'train', model: 'llama-3-8b', machine: '4xepyc-9654' }, /epyc-9654 is a cpu/],
		[{ goal: 'train', model: 'llama-3-8b', machine: 'tpu-v4-pod' }, /tpu-v4 is a tpu/],
		[{ goal: 'train', model: 'llama-3-8b', machine: '8xm4-max' }, /no 16-bit rate/],
		[{ goal: 'train', model: 'llama-3-8b', machine: '1000000xh100' }, /more than the 65536/],
		[{ goal: 'train', model: 'no-such-model', machine: '64xh100' }, /no-such-model/],
	])('does not apply to %j', ([subject, reason]) => {
		const answer = applies(subject);
		expect('reason' in answer ? answer.reason : 'it applies').toMatch(reason);
	});

	test('a large model on many devices gains some, not miracles', async () => {
		for (const subject of [
			{ goal: 'train', model: 'gpt3-175b', machine: '128xa100-80gb' },
			{ goal: 'train', model: 'llama-3-70b', machine: '64xh100' },
			{ goal: 'train', model: 'gpt3-175b', machine: '5128xa100-80gb' },
		] as const) {
			const answer = await assessed(subject);
			if (answer === undefined || 'reason' in answer) throw new Error(answer?.reason);
			expect(answer.gain.throughput).toBeGreaterThan(1.005);
			expect(answer.gain.throughput).toBeLessThan(2);
			expect(answer.against).toContain('rule of thumb');
		}
	});

	test('what it takes and what nobody compared depend on the machine and the model', async () => {
		const answerOf = async (subject: Subject) => {
			const answer = await assessed(subject);
			if (answer === undefined || 'reason' in answer) throw new Error(answer?.reason);
			return answer;
		};
		const one = await answerOf({ goal: 'train', model: 'llama-3-8b', machine: '8xh100' });
		expect(JSON.stringify(one)).not.toMatch(/links/);
		expect(one.unchecked).toMatch(/not on h100-sxm$/);
		const many = await answerOf({ goal: 'train', model: 'gpt3-175b', machine: '128xa100-80gb' });
		expect(many.costs.hardware).toContain('15 rounds');
		expect(many.against).toContain('generated');
		expect(many.unchecked).toBeUndefined();
		const experts = await answerOf({ goal: 'train', model: 'mixtral-8x7b', machine: '16xa100' });
		expect(experts.unchecked).toMatch(/experts/);
	});

	test('any length of sequence gives a batch that a run takes', () => {
		const config = { model_type: 'llama', vocab_size: 100, hidden_size: 64, intermediate_size: 64, num_hidden_layers: 2 };
		const model = { ...config, num_attention_heads: 2, max_position_embeddings: 1 };
		const answer = applies({ goal: 'train', model, modelFile: 'config.json', machine: '64xh100' });
		if ('reason' in answer) throw new Error(answer.reason);
		expect(parseInputs(system, answer.inputs)).toMatchObject({
			training: { sequenceTokens: 1, globalBatch: 1_000_000 - (1_000_000 % 64) },
		});
	});

	test('where the rule is already the best, or nothing fits, it says so', async () => {
		expect(await assessed({ goal: 'train', model: 'gpt2', machine: '8xrtx-4090' })).toHaveProperty('reason');
		const lacking = await assessed({ goal: 'fine-tune', model: 'llama-3-70b', machine: '8xh100' });
		expect(lacking).toHaveProperty('reason');
		expect(JSON.stringify(lacking)).toMatch(/GiB more than/);
	});

	test('a machine of a file goes into the run as that file', () => {
		const machine = { device: 'h100', nodes: 4, devicesPerNode: 8 };
		expect(applies({ goal: 'train', model: 'llama-3-8b', machine })).toHaveProperty('reason');
		const machineFile = { reference: 'mine.yaml', name: 'mine' };
		expect(applies({ goal: 'train', model: 'llama-3-8b', machine, machineFile })).toMatchObject({
			inputs: { machine: { name: 'mine', file: 'mine.yaml' } },
		});
	});
});
