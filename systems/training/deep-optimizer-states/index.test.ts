/** The system as every face of Assay sees it. */
import { createContext, type DataFile, InputError, memoryFile, parseInputs } from '@assay/contract';
import { describe, expect, test } from 'vitest';
import system from './index.ts';

async function runWith(raw: unknown, files: Record<string, string> = {}) {
	const kept = new Map<string, string>();
	const warnings: string[] = [];
	const context = createContext({
		onArtifact: (name, content) => void kept.set(name, new TextDecoder().decode(content)),
		onLog: (_, message) => warnings.push(message),
		open: async (reference): Promise<DataFile> => memoryFile(reference, files[reference] ?? ''),
	});
	const inputs = parseInputs(system, raw);
	const outputs = system.outputs.parse(await system.run(inputs, context));
	if (outputs.plan === null) throw new Error('no plan');
	return { outputs, plan: outputs.plan, kept, warnings };
}

test('the default example: stride 2 and an asynchronous flush against the default update', async () => {
	const { plan, kept } = await runWith({});
	expect(plan.model).toMatchObject({ parameters: 15_326_663_680, labelParameters: 20e9 });
	const [byDefault, flush, stride2] = plan.strategies;
	expect([byDefault?.name, flush?.name, stride2?.name]).toEqual(['default', 'asynchronous flush', 'stride 2']);
	expect(byDefault?.step.backward).toBeGreaterThan(3.5 * (flush?.step.backward ?? 0));
	expect(flush?.step.update).toBe(byDefault?.step.update);
	// 38 unequal sub-groups: the embedding and the head are twice the others' size.
	expect(Math.abs(plan.simulatedUpdateSeconds / (stride2?.step.update ?? 1) - 1)).toBeLessThan(0.1);
	expect(plan.limitSeconds).toBeLessThan(stride2?.step.update ?? 0);
	const config: { zero_optimization: { offload_optimizer: Record<string, unknown> } } = JSON.parse(
		kept.get('deepspeed.json') ?? '',
	);
	expect(config.zero_optimization.offload_optimizer['prefetch_optimizer_gap']).toBe(plan.best?.stride);
});

test('micro-batches of 8 fit, as the authors found; far larger ones do not', async () => {
	const fits = async (microBatch: number) => (await runWith({ microBatch })).plan.strategies.map(({ isFeasible }) => isFeasible);
	expect((await fits(8)).every(Boolean)).toBe(true);
	expect((await fits(32)).some(Boolean)).toBe(false);
});

test('a slow link moves the best stride up, and the explanation says why', async () => {
	const { plan } = await runWith({ rates: { link: 8 } });
	expect(plan.best?.stride).toBeGreaterThanOrEqual(5);
	expect(plan.explanation).toMatch(/At smaller strides the link would be the bottleneck/);
});

test('less memory is never feasible where more was not', async () => {
	for (const machine of ['rtx-3090', 'rtx-5090', '8xh100', '8xb200']) {
		const at = async (hostGigabytes: number) =>
			(await runWith({ model: { name: 'llama-3-8b' }, machine: { name: machine }, hostGigabytes })).plan.strategies.map(
				({ isFeasible }) => isFeasible,
			);
		const [little, more] = [await at(60), await at(4000)];
		for (const [i, feasible] of little.entries()) if (feasible) expect(more[i]).toBe(true);
	}
});

describe('the user’s own measurements', () => {
	test('a log gives forward, backward and the rate of the CPU', async () => {
		const line = 'time (ms) | fwd: 300 | bwd: 5000 | step: 4000\n';
		const { plan, warnings } = await runWith({ log: 'train.log' }, { 'train.log': `${line.repeat(6)}time (ms) | fwd: 3` });
		expect(plan.strategies[0]?.step).toMatchObject({ forward: 0.3, update: expect.closeTo(4, 6) });
		expect(plan.strategies[0]?.step.backward).toBeCloseTo(5, 6);
		expect(warnings.join()).toContain('ends within a step');
		expect(plan.rates.source).toContain('scaled to the log');
	});

	test('update times are fitted, with residuals and intervals', async () => {
		const { plan } = await runWith({
			measurements: [
				{ ratio: 1, stride: 0, milliseconds: 2272 },
				{ ratio: 0.5, stride: 0, milliseconds: 1166 },
				{ ratio: 1, stride: 2, milliseconds: 1296 },
				{ ratio: 0.5, stride: 2, milliseconds: 684 },
				{ ratio: 1, stride: 4, milliseconds: 1408 },
				{ ratio: 1, stride: 10, milliseconds: 1575 },
			],
		});
		expect(plan.residuals).toHaveLength(6);
		for (const { measured, predicted } of plan.residuals) expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.05);
		expect(plan.fit.map(({ rate }) => rate)).toContain('cpuPerSecond');
	});

	test('a DeepSpeed JSON sets micro-batch, ratio and sub-group size', async () => {
		const config = {
			train_micro_batch_size_per_gpu: 2,
			zero_optimization: { stage: 3, sub_group_size: 5e7, offload_optimizer: { device: 'cpu', ratio: 0.8 } },
		};
		const { plan } = await runWith({ config: 'ds.json' }, { 'ds.json': JSON.stringify(config) });
		expect(plan.strategies[0]).toMatchObject({ ratio: 0.8, subGroupSize: 5e7 });
	});
});

describe('mistakes', () => {
	test.each([
		[{ ratio: 1.2 }, /ratio: found 1.2/],
		[{ measurements: [{ ratio: 1, stride: 1, milliseconds: 3 }] }, /stride 1.*from 2/],
		[{ machine: { name: 'epyc-9654' } }, /a processor.*with GPUs/],
		[{ machine: { name: '2xmi300x' } }, /nothing is known of the host/],
		[{ model: { name: 'llama-3-8' } }, /did you mean llama-3-8b/],
	])('%j', async (raw, message) => {
		await expect(runWith(raw)).rejects.toThrow(message);
		await expect(runWith(raw)).rejects.toBeInstanceOf(InputError);
	});

	test('a sub-group larger than the model leaves one sub-group and the default update', async () => {
		const { plan } = await runWith({ subGroupSize: 1e13 });
		expect(plan.strategies.map(({ name }) => name)).toEqual(['default', 'asynchronous flush']);
		expect(plan.explanation).toMatch(/single sub-group/);
	});

	test('too little memory says how much is missing, and where', async () => {
		const { outputs } = await runWith({ machine: { name: 'rtx-4090' } });
		expect(outputs.answer).toMatch(/does not fit on rtx-4090: [\d.]+ GB are missing on the (GPU|host)/);
	});
});

describe('advice', () => {
	const { advise } = system;
	if (advise === undefined) throw new Error('no advice');
	const reasonFor = (subject: Parameters<typeof advise.applies>[0]): string => {
		const found = advise.applies(subject);
		return 'reason' in found ? found.reason : '';
	};

	test('does not apply where nothing has to be offloaded, to serving, or without a host', () => {
		expect(reasonFor({ goal: 'train', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/fits into the GPUs/);
		expect(reasonFor({ goal: 'serve', model: 'llama-3-8b', machine: '8xh100' })).toMatch(/training/);
		expect(reasonFor({ goal: 'train', model: 'llama-3-70b', machine: '2xmi300x' })).toMatch(/host/);
		expect(reasonFor({ goal: 'train', model: 'llama-3.1-405b', machine: 'rtx-4090' })).toMatch(/missing on each GPU/);
	});

	test('70B on one DGX H100: a gain over the default update, both of the same run', async () => {
		const found = advise.applies({ goal: 'train', model: 'llama-3-70b', machine: '8xh100' });
		if ('reason' in found) throw new Error(found.reason);
		const { outputs, plan } = await runWith(found.inputs);
		const assessed = advise.assess(outputs);
		if ('reason' in assessed) throw new Error(assessed.reason);
		expect(assessed.gain.throughput).toBe((plan.baseline?.step.total ?? 0) / (plan.best?.step.total ?? 1));
		expect(assessed.gain.throughput).toBeGreaterThan(1);
		expect(assessed.gain.throughput).toBeLessThan(4);
	});
});
