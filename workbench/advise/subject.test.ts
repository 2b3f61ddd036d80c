import { type DataFile, InputError, memoryFile, parseOrExplain } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { questionSchema, subjectOf, subjectText } from './subject.ts';

const machines = `
devices:
  - { name: my-npu, kind: accelerator, peakOpsPerSecond: { bf16: 200e12 }, memory: { kind: HBM3, bytes: 64e9, bandwidthBytesPerSecond: 2e12 } }
clusters:
  - { name: my-rack, device: my-npu, nodes: 4, devicesPerNode: 8, host: { memoryBytes: 1e12 } }
`;
const config = JSON.stringify({
	model_type: 'llama',
	vocab_size: 32000,
	hidden_size: 4096,
	intermediate_size: 11008,
	num_hidden_layers: 32,
	num_attention_heads: 32,
	max_position_embeddings: 4096,
});

const open =
	(files: Record<string, string>) =>
	async (reference: string): Promise<DataFile> =>
		memoryFile(reference, files[reference] ?? '');
const ask = (raw: unknown, files: Record<string, string> = {}) => subjectOf(parseOrExplain(questionSchema, raw, []), open(files));

test('names stay names, and a budget is money for an hour or once', async () => {
	expect(await ask({ model: 'llama-3-8b', machine: '8xh100', goal: 'serve', budget: '40$/h' })).toEqual({
		model: 'llama-3-8b',
		machine: '8xh100',
		goal: 'serve',
		budget: { dollarsPerHour: 40 },
	});
	expect((await ask({ model: 'gpt2', budget: '2000$' })).budget).toEqual({ dollars: 2000 });
	expect((await ask({ model: 'gpt2', budget: '$3.5/h' })).budget).toEqual({ dollarsPerHour: 3.5 });
	expect(subjectText(await ask({ model: 'gpt2', machine: 'rtx-4090', goal: 'edge' }))).toBe('gpt2 on rtx-4090, at the edge');
});

test('files come as their content, which resolves to what they describe, and as a reference that a run can open', async () => {
	const subject = await ask(
		{ modelFile: 'config.json', machineFile: 'mine.yaml' },
		{ 'config.json': config, 'mine.yaml': machines },
	);
	expect(subject.modelFile).toBe('config.json');
	expect(resolveModel(subject.model).layers).toBe(32);
	expect(subject.machineFile).toEqual({ reference: 'mine.yaml', name: 'my-rack' });
	const cluster = resolveMachine(subject.machine);
	expect(cluster).toMatchObject({ nodes: 4, devicesPerNode: 8, device: { name: 'my-npu' }, host: { memoryBytes: 1e12 } });
	const counted = await ask({ machine: '16xmy-npu', machineFile: 'mine.yaml' }, { 'mine.yaml': machines });
	expect(resolveMachine(counted.machine)).toMatchObject({ nodes: 2, devicesPerNode: 8 });
});

test.each([
	[{ model: 'llama-3-8' }, {}, /model: .*did you mean llama-3-8b/],
	[{ machine: '8xh10' }, {}, /machine: .*did you mean/],
	[{ modelFile: 'c.json' }, { 'c.json': '{"model_type":' }, /c.json: found/],
	[{ modelFile: 'c.json' }, { 'c.json': '[1]' }, /expected an object/],
	[{ modelFile: 'c.json' }, { 'c.json': '{"model_type":"lama"}' }, /model_type.*did you mean llama/],
	[{ machineFile: 'm.yaml' }, { 'm.yaml': 'devices: []' }, /found no machine/],
	[{ machine: 'other', machineFile: 'm.yaml' }, { 'm.yaml': machines }, /machine: found "other"/],
	[{ goal: 'fly' }, {}, /goal/],
	[{ budget: 'a lot' }, {}, /budget/],
	[{ colour: 'red' }, {}, /colour/],
])('%j is one InputError with its place', async (raw, files, message) => {
	const asked = (async () => ask(raw, files as Record<string, string>))();
	await expect(asked).rejects.toThrow(message);
	await expect(asked).rejects.toBeInstanceOf(InputError);
});

test('arbitrary files raise nothing but InputError', async () => {
	const text = fc.oneof(fc.string(), fc.json(), fc.constant(config), fc.constant(machines));
	await fc.assert(
		fc.asyncProperty(text, text, async (model, machine) => {
			try {
				await ask({ modelFile: 'a', machineFile: 'b' }, { a: model, b: machine });
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
			}
		}),
		{ numRuns: 200 },
	);
});
