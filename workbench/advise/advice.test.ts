/** Advice on subjects as people have them, each figure from a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog, findSystem } from '@assay/catalog';
import { parseOrExplain } from '@assay/contract';
import { LocalExecutor, openReference, RunQueue, RunStore } from '@assay/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Advice, adviceSoFar, advise, startMissing } from './advice.ts';
import { advicePanels } from './report.ts';
import { questionSchema, subjectOf } from './subject.ts';

let folder: string;
let store: RunStore;
let executor: LocalExecutor;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-advise-'));
	store = await RunStore.open(folder);
	executor = new LocalExecutor(folder, { hands: 2, threadsPerRun: 1 });
});
afterAll(async () => {
	await executor.close();
	await store.close();
	await rm(folder, { recursive: true, force: true });
});

const subjectFor = (raw: unknown) =>
	subjectOf(parseOrExplain(questionSchema, raw, []), (reference) => openReference(reference, store.blobs));
const never = new AbortController().signal;
const ask = async (raw: unknown): Promise<Advice> => advise(store, executor, await subjectFor(raw), { folder: null }, never);

const advisers = await Promise.all(
	catalog.map(async (entry) => ((await entry.load()).advise === undefined ? [] : [entry.card.slug])),
).then((slugs) => slugs.flat().sort());

const subjects = [
	{ model: 'llama-3.2-1b', machine: 'rtx-4090', goal: 'fine-tune' },
	{ model: 'llama-3-8b', machine: 'rtx-4090', goal: 'fine-tune' },
	{ model: 'llama-3-8b', machine: '8xh100', goal: 'train' },
	{ model: 'llama-3-8b', machine: '512xh100', goal: 'train' },
	{ model: 'llama-3-70b', machine: '8xh100', goal: 'train' },
	{ model: 'llama-3-70b', machine: '64xh100', goal: 'serve' },
	{ model: 'llama-3.1-405b', machine: '8xh100', goal: 'fine-tune' },
	{ model: 'llama-3.1-405b', machine: '512xh100', goal: 'train' },
	{ model: 'mixtral-8x7b', machine: '16xa100', goal: 'train' },
	{ model: 'bert-large', machine: '8xa100', goal: 'train' },
	{ model: 'llama-3.2-1b', machine: 'raspberry-pi-5', goal: 'edge' },
	{ model: 'mobilenet-v1', machine: 'raspberry-pi-5', goal: 'design-chip' },
	{ model: 'llama-3-8b', machine: 'h100-sxm', goal: 'design-chip' },
] as const;

/** Software gains are small factors; a chip of its own kind may take a hundredth of a GPU's energy for one sequence. */
const largestGain = { software: 5, chip: 150 };

describe.each(subjects)('$model on $machine, $goal', (question) => {
	test('every adviser has its say once, every gain is of a run and of a size an expert would believe', async () => {
		const advice = await ask(question);
		expect(advice.failed).toEqual([]);
		expect(advice.pending).toEqual([]);
		const said = [...advice.ranking, ...advice.notApplicable].map(({ system }) => system);
		expect(said.sort()).toEqual(advisers);
		for (const { reason } of advice.notApplicable) expect(reason.length).toBeGreaterThan(10);
		for (const item of advice.ranking) {
			for (const [measure, ratio] of Object.entries(item.gains)) {
				expect(ratio, `${item.system}: ${measure}`).toBeGreaterThan(0.2);
				expect(ratio, `${item.system}: ${measure}`).toBeLessThan(
					largestGain[question.goal === 'design-chip' ? 'chip' : 'software'],
				);
			}
			const run = await store.get(item.run);
			const system = await findSystem(item.system).load();
			const assessed = system.advise?.assess(system.outputs.parse(run.outputs));
			expect(assessed).toMatchObject({ gain: item.gains, against: item.against });
			expect(item.command).toMatch(/^assay run(s repeat)? /);
			expect(item.confidence.calibration.complete).toBe(true);
			if (item.verdict !== 'enables') expect(Object.keys(item.gains).length).toBeGreaterThan(0);
		}
		for (const panel of advicePanels(advice)) JSON.stringify(panel);
	}, 120_000);
});

test('asked again, the runs that are kept answer; asked anew, there are new ones with the same figures', async () => {
	const question = subjects[2];
	const first = await ask(question);
	const again = await ask(question);
	expect(again.ranking).toEqual(first.ranking);
	const anew = await advise(store, executor, await subjectFor(question), { folder: null, again: true }, never);
	for (const [i, item] of anew.ranking.entries()) {
		expect(item.run).not.toBe(first.ranking[i]?.run);
		expect(item.gains).toEqual(first.ranking[i]?.gains);
	}
});

test('a stop ends the runs under way; what was finished is kept', async () => {
	const controller = new AbortController();
	const subject = await subjectFor({ model: 'llama-3-70b', machine: '32xh200', goal: 'train' });
	const advice = await advise(store, executor, subject, { folder: null }, controller.signal, {
		onProgress: () => controller.abort(),
	});
	expect(advice.failed.length + advice.pending.length).toBeGreaterThan(0);
	const after = await ask({ model: 'llama-3-70b', machine: '32xh200', goal: 'train' });
	expect(after.failed).toEqual([]);
	expect(after.ranking.length).toBeGreaterThan(0);
});

test('through a queue: nothing is known, then runs are under way, then there is a ranking', async () => {
	const queueFolder = await mkdtemp(join(tmpdir(), 'assay-advise-queue-'));
	const queueStore = await RunStore.open(queueFolder);
	const queue = new RunQueue(queueStore, new LocalExecutor(queueFolder, { hands: 1, threadsPerRun: 1 }), (error) => {
		throw error;
	});
	try {
		const subject = await subjectFor({ model: 'llama-3-8b', machine: '16xh100', goal: 'serve' });
		const before = await adviceSoFar(queueStore, subject);
		expect(before.ranking).toEqual([]);
		expect(before.pending.every(({ status }) => status === 'missing')).toBe(true);
		expect(before.pending.length).toBeGreaterThan(0);
		const { id } = await queueStore.database
			.insertInto('users')
			.values({ handle: 'asker', role: 'user', created_at: '' })
			.returning('id')
			.executeTakeFirstOrThrow();
		await startMissing(queue, before, id);
		await startMissing(queue, await adviceSoFar(queueStore, subject), id);
		expect(await queueStore.list({ limit: 50 })).toHaveLength(before.pending.length);
		for (;;) {
			const now = await adviceSoFar(queueStore, subject);
			if (now.pending.length === 0 && now.ranking.every(({ confidence }) => confidence.calibration.complete)) {
				expect(now.failed).toEqual([]);
				expect(now.ranking.length + now.notApplicable.length).toBe(advisers.length);
				break;
			}
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	} finally {
		await queue.close();
		await queueStore.close();
		await rm(queueFolder, { recursive: true, force: true });
	}
}, 120_000);
