import { createContext, InputError, memoryFile, parseInputs, type Subject } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAccuracyTable } from './accuracy/accuracy-table.ts';
import { surrogateAccuracy } from './accuracy/surrogate-accuracy.ts';
import system from './index.ts';
import { resnet9 } from './networks/resnet9.ts';
import { seededSearch } from './published-workloads.ts';

async function runWith(raw: unknown, files: Readonly<Record<string, string>> = {}, seed = 1) {
	const artifacts = new Map<string, string>();
	const context = createContext({
		seed,
		onArtifact: (name, content) => void artifacts.set(name, new TextDecoder().decode(content)),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	return { outputs: await system.run(parseInputs(system, raw), context), artifacts };
}

const short = { episodes: 8 };

describe('a run', () => {
	test('on the first workload: a design within the limits, whose schedule adds up', async () => {
		const { outputs, artifacts } = await runWith({ search: short });
		const { design, layers, exact } = outputs;
		expect(design.isWithin).toBe(true);
		expect(design.latency).toBe(Math.max(...layers.map(({ end }) => end)));
		expect(layers.reduce((sum, { energy }) => sum + energy, 0) / design.energy).toBeCloseTo(1, 9);
		expect(design.energy).toBeGreaterThanOrEqual((exact?.lowerBound ?? 0) * (1 - 1e-9));
		expect(artifacts.get('layers.csv')?.trim().split('\r\n')).toHaveLength(layers.length + 1);
	});

	test('with a table of the user’s the networks come from its lines', async () => {
		const { outputs } = await runWith(
			{ task1: { accuracies: 'mine.csv' }, task2: { kind: 'none' }, search: short },
			{
				'mine.csv': 'FN0,FN1,SK1,FN2,SK2,FN3,SK3,accuracy\n8,32,0,32,0,32,0,70\n24,96,1,96,1,160,1,90\n64,512,2,512,2,512,2,99\n',
			},
		);
		// The last line takes more energy than allowed.
		expect(outputs.tasks).toMatchObject([
			{ network: 'ResNet9 <24, 96, 1, 96, 1, 160, 1>', accuracySource: 'table', accuracy: 90 },
		]);
	});

	test('with real training the search chooses among what it trained, and tau is that of the networks drawn', async () => {
		const train = { drawn: 3, rounds: 1, candidates: 1, images: 64, epochs: 1, narrower: 16 };
		const { outputs } = await runWith({ evaluator: 'train', task2: { kind: 'none' }, search: { episodes: 4 }, train });
		const { training, tasks } = outputs;
		expect(training?.networks.filter(({ from }) => from === 'drawn evenly')).toHaveLength(3);
		expect(training?.networks.find(({ network }) => network === tasks[0]?.network)?.trained).toBe(tasks[0]?.trained);
		const drawn = training?.networks.slice(0, 3) ?? [];
		let concordant = 0;
		for (const [a, b] of [
			[0, 1],
			[0, 2],
			[1, 2],
		] as const) {
			const [one, two] = [drawn[a], drawn[b]];
			if (one !== undefined && two !== undefined)
				concordant += Math.sign(one.surrogate - two.surrogate) * Math.sign(one.trained - two.trained);
		}
		expect(Math.sign(training?.tauOfDrawn ?? 0)).toBe(Math.sign(concordant));
	});

	test('of a given network and a mapping of the user’s', async () => {
		const { outputs } = await runWith(
			{
				task1: { kind: 'network', network: { name: 'squeezenet-1.1' } },
				task2: { kind: 'none' },
				limits: { latency: 1e8, energy: 1e11 },
				chip: { dataflows: '', mapping: 'own.m', accelerators: 1, macEnergy: 1 },
				search: { episodes: 3 },
			},
			{ 'own.m': 'Dataflow { TemporalMap(1,1) C; SpatialMap(1,1) K; }' },
		);
		expect(outputs.chip.map(({ dataflow }) => dataflow)).toEqual(['own']);
		expect(outputs.design.joules).toBeCloseTo(outputs.design.energy * 1e-12, 12);
		expect(outputs.exact).toBeNull();
	});

	test.for([
		[{ limits: { area: 1e6 } }, /limits\.area: .*no design can meet area.*26196\d\d/],
		[{ limits: { energy: 1000 } }, /no design can meet energy/],
		[{ limits: { latency: 10 } }, /no design can meet latency/],
		[{ task1: { kind: 'none' }, task2: { kind: 'none' } }, /task1\.kind/],
		[{ evaluator: 'train' }, /task2\.kind: .*nuclei, with evaluator train/],
		[{ chip: { dataflows: 'dla, tpu' } }, /chip\.dataflows: .*tpu/],
		[{ task1: { accuracies: 'bad.csv' } }, /bad\.csv, line 1/],
		[{ task1: { kind: 'network', network: { name: 'resnet-5000' } } }, /resnet/],
	] as const)('%j is refused by name', async ([raw, reason]) => {
		await expect(runWith(raw, { 'bad.csv': '1,2,3' })).rejects.toThrow(reason);
	});
});

test('the surrogate gives one anchor at the smallest network and the other at the best, and nothing beyond', () => {
	const accuracy = surrogateAccuracy(resnet9, { smallest: 78.93, best: 94.17 });
	expect(accuracy([8, 32, 0, 64, 0, 64, 0])).toBeCloseTo(78.93, 0);
	const choices = resnet9.decisions.reduce<number[][]>(
		(all, { options }) => all.flatMap((values) => options.map((option) => [...values, option])),
		[[]],
	);
	expect(Math.max(...choices.map(accuracy))).toBeCloseTo(94.17, 9);
	expect(accuracy([32, 64, 1, 128, 1, 256, 1])).toBeGreaterThan(accuracy([16, 64, 1, 128, 1, 128, 1]));
});

test('any text is either a table of accuracies or refused as the user’s', () => {
	const cell = fc.constantFrom('1', '8', '-2', '1.5', 'x', '', '70', '1e9');
	const text = fc
		.array(
			fc.array(cell, { maxLength: 5 }).map((cells) => cells.join(',')),
			{ maxLength: 5 },
		)
		.map((lines) => lines.join('\n'));
	fc.assert(
		fc.property(fc.oneof(text, fc.string()), (content) => {
			try {
				expect(
					readAccuracyTable(content, 't.csv', ['height', 'FN0']).every(({ accuracy }) => accuracy >= 0 && accuracy <= 100),
				).toBe(true);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
	);
});

test('a short search of the second workload meets its limits', async () => {
	const of = {
		workload: 'W2',
		method: 'together',
		accelerators: 2,
		organisation: 'heterogeneous',
		seed: 0,
		episodes: 5,
	} as const;
	expect((await seededSearch.run(of, async () => undefined)).isWithin).toBe(true);
});

describe('advice', () => {
	const applies = (subject: Subject) => system.advise?.applies(subject) ?? { reason: 'no advice' };

	test.for<[Subject, RegExp]>([
		[{ goal: 'serve', model: 'resnet-50' }, /being designed/],
		[{ goal: 'design-chip' }, /no network/],
	])('does not apply to %j', ([subject, reason]) => {
		const answer = applies(subject);
		expect('reason' in answer ? answer.reason : '').toMatch(reason);
	});

	test('on a network by name every gain over the best chip of one dataflow is at least 1, or there is a reason', async () => {
		const found = applies({ goal: 'design-chip', model: 'squeezenet-1.1' });
		if ('reason' in found) throw new Error(found.reason);
		const assessed = system.advise?.assess((await runWith(found.inputs)).outputs);
		if (assessed === undefined) throw new Error('no assessment');
		if ('reason' in assessed) expect(assessed.reason).toMatch(/dataflow/);
		else expect(Math.min(...Object.values(assessed.gain))).toBeGreaterThanOrEqual(1);
	});
});
