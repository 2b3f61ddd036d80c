/** Advice on the command line, as a process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startAssay } from './testing/assay-process.ts';

let home: string;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), 'assay-cli-advise-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const assay = (...words: string[]) => startAssay(home, words).ended;

const document = z.object({
	subject: z.record(z.string(), z.string()),
	ranking: z.array(
		z.object({
			system: z.string(),
			gains: z.record(z.string(), z.number()),
			costs: z.record(z.string(), z.string()),
			confidence: z.object({ level: z.string() }),
			command: z.string(),
			run: z.string(),
		}),
	),
	notApplicable: z.array(z.object({ system: z.string(), reason: z.string() })),
	format: z.literal(1),
});
const runDocument = z.object({ run: z.object({ inputs: z.unknown(), outputs: z.unknown() }) });

/** Words of a command as a shell would split them. */
const words = (command: string): string[] =>
	[...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

test('one document; each command repeats the run that its figures are from', async () => {
	const { status, out, error } = await assay(
		'advise',
		'--model',
		'llama-3-70b',
		'--machine',
		'16xh100',
		'--goal',
		'train',
		'--json',
	);
	expect({ status, error }).toMatchObject({ status: 0 });
	const advice = document.parse(JSON.parse(out));
	expect(advice.subject).toEqual({ model: 'llama-3-70b', machine: '16xh100', goal: 'train' });
	expect(advice.ranking.length).toBeGreaterThan(0);
	// Each technique was told of as it came in.
	for (const { system } of advice.ranking) expect(error).toMatch(new RegExp(`^${system}: `, 'm'));
	for (const { command, run } of advice.ranking) {
		expect(command).toMatch(/^assay run /);
		const kept = runDocument.parse(JSON.parse((await assay('runs', 'show', run, '--json')).out));
		const again = runDocument.parse(JSON.parse((await assay(...words(command).slice(1), '--json')).out));
		expect(again.run.inputs).toEqual(kept.run.inputs);
		expect(again.run.outputs).toEqual(kept.run.outputs);
	}
}, 180_000);

test('files for model and machine, and a report that reads from the answer down', async () => {
	await writeFile(
		join(home, 'config.json'),
		JSON.stringify({
			model_type: 'llama',
			vocab_size: 32000,
			hidden_size: 4096,
			intermediate_size: 11008,
			num_hidden_layers: 32,
			num_attention_heads: 32,
			max_position_embeddings: 4096,
			torch_dtype: 'bfloat16',
		}),
	);
	await writeFile(
		join(home, 'mine.yaml'),
		`devices:
  - name: my-gpu
    kind: gpu
    peakOpsPerSecond: { bf16: 100e12 }
    memory: { kind: HBM2, bytes: 40e9, bandwidthBytesPerSecond: 1.5e12 }
    links: [{ kind: pcie, bandwidthBytesPerSecond: 32e9 }]
clusters:
  - name: my-node
    device: my-gpu
    devicesPerNode: 2
    intraNode: { kind: nvlink, bandwidthBytesPerSecond: 200e9 }
    host: { memoryBytes: 512e9, memoryBandwidthBytesPerSecond: 300e9 }
`,
	);
	const { status, out, error } = await assay('advise', '--model', 'config.json', '--machine', 'mine.yaml', '--goal', 'fine-tune');
	expect({ status, error }).toMatchObject({ status: 0 });
	expect(out).toMatch(/^Advice for your model on my-node, to fine-tune/);
	expect(out).toContain('deep-optimizer-states');
	expect(out).toContain('What does not apply');
	const other = await assay('advise', '--model', 'config.json', '--machine', '2xmy-gpu', '--machine-file', 'mine.yaml', '--json');
	expect(document.parse(JSON.parse(other.out)).subject).toMatchObject({ machine: '2xmy-gpu' });
}, 120_000);

test.each([
	[['--model', 'llama-3-7', '--machine', '8xh100'], /did you mean llama/],
	[['--model', 'gpt2', '--goal', 'fly'], /goal: found "fly"/],
	[['--model', 'gpt2', '--budget', 'much'], /budget/],
	[['--machine', '8xh100'], /--model/],
])('%j: one line that says what is wrong, and status 2', async (options, message) => {
	const { status, error } = await assay('advise', ...options);
	expect(status).toBe(2);
	expect(error).toMatch(message);
});
