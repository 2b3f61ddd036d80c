import { Worker } from 'node:worker_threads';
import {
	createContext,
	DataUnavailableError,
	InputError,
	memoryFile,
	type ParallelTask,
	parseInputs,
	type RunContext,
} from '@assay/contract';
import { findSource, openSource } from '@assay/sources';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import type { Outputs } from './outputs.ts';

const data = process.env['ASSAY_DATA'];
if (!data) console.log('skipped: some of run.test.ts needs ASSAY_DATA with the digitised efficiency curves');
const registered = (reference: string) => openSource(findSource(reference));

const runWith = async (raw: unknown, options: Parameters<typeof createContext>[0] = {}): Promise<Outputs> =>
	system.outputs.parse(await system.run(parseInputs(system, raw), createContext(options)));

/** Runs every item of a task on its own thread, two at a time, last item first. */
function onThreads(): RunContext['parallel'] {
	return async <Item, Result>(
		task: ParallelTask<Item, Result>,
		items: readonly Item[],
		onResult?: (result: Result, index: number) => void,
	) => {
		const results = new Map<number, Result>();
		const work = async (indices: number[]): Promise<void> => {
			for (const index of indices) {
				const result = await new Promise<Result>((resolve, reject) => {
					const code = `import { parentPort, workerData } from 'node:worker_threads';
						const { [workerData.name]: task } = await import(workerData.module);
						parentPort.postMessage(await task.run(workerData.item, async () => undefined));`;
					const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
						workerData: { name: task.name, module: new URL('./evaluation-task.ts', import.meta.url).href, item: items[index] },
						execArgv: [],
					});
					worker.once('message', (message: Result) => {
						void worker.terminate();
						resolve(message);
					});
					worker.once('error', reject);
				});
				results.set(index, result);
				onResult?.(result, index);
			}
		};
		const order = [...items.keys()].reverse();
		await Promise.all([work(order.filter((index) => index % 2 === 0)), work(order.filter((index) => index % 2 === 1))]);
		return items.map((_, index) => results.get(index) as Result);
	};
}

test('the same seed gives the same outputs and files on one thread and on two; another seed does not', async () => {
	const raw = { contourPoints: 21, repetitions: 2, samples: 5000, sweep: 'Global.reductionRatio=50,100' };
	const inputs = parseInputs(system, raw);
	const once = async (seed: number, parallel?: RunContext['parallel']): Promise<string> => {
		const files: string[] = [];
		const context = createContext({
			seed,
			onArtifact: (name, content) => void files.push(`${name} ${Buffer.from(content).toString('base64')}`),
			...(parallel !== undefined && { parallel }),
		});
		return JSON.stringify([await system.run(inputs, context), files]);
	};
	const alone = await once(4);
	expect(await once(4)).toBe(alone);
	expect(await once(4, onThreads())).toBe(alone);
	expect(await once(5)).not.toBe(alone);
});

test('without the digitised curves, stand-ins are used and the report says so', async () => {
	const outputs = await runWith({});
	expect(outputs.curves).toBe('stand-in');
	expect(outputs.warnings[0]).toMatch(
		/^Stand-in curves were used, because the digitised curves are not to be had here\. With them F1/,
	);
	const texts = system
		.report(outputs, parseInputs(system, {}))
		.flatMap((panel) => (panel.kind === 'text' ? panel.paragraphs : []));
	expect(texts.join(' ')).toMatch(/Stand-in curves were used/);
	for (const claim of system.claims) {
		if (claim.evidence === 'quoted') continue;
		await expect(claim.measure({ ...createContext(), once: (_, compute) => compute() })).rejects.toBeInstanceOf(
			DataUnavailableError,
		);
	}
});

describe.skipIf(!data)('with the digitised curves', () => {
	test('stand-ins change F1 by what is said, and power not at all', async () => {
		const million = {
			samples: 1_000_000,
			configurations: true,
			skillContour: false,
			pileUpContour: false,
			trackerReduction: false,
			sensitivities: false,
		};
		const standIn = await runWith({ ...million, curves: 'stand-in' });
		const digitised = await runWith(million, { open: registered });
		expect(digitised.curves).toBe('digitised');
		const f1 = (outputs: Outputs) => [0, 1, 3].map((index) => outputs.configurations[index]?.metrics?.f1 ?? Number.NaN);
		for (const [index, value] of [0.228, 0.392, 0.789].entries())
			expect(Math.abs((f1(standIn)[index] ?? 0) - value)).toBeLessThan(0.004);
		for (const [index, value] of [0.224, 0.389, 0.794].entries())
			expect(Math.abs((f1(digitised)[index] ?? 0) - value)).toBeLessThan(0.004);
		expect(standIn.metrics.scaledPowerW / digitised.metrics.scaledPowerW).toBeCloseTo(1, 9);
	});

	test('gradients agree with those stored in the published notebook where it holds events fixed', async () => {
		const outputs = await runWith({ gpuHlt: true, l1Tracks: true, smartSensors: true }, { open: registered });
		const gradient = (node: string, parameter: string) =>
			outputs.sensitivities.find((one) => one.node === node && one.parameter === parameter)?.gradient ?? Number.NaN;
		// system_gradients.ipynb, c_sphase2.
		expect(gradient('Inner Tracker', 'dataBytes') / -9.15331776e-11).toBeCloseTo(1, 1);
		expect(gradient('Intermediate', 'opEnergyJPerOp') / -3.35877488e-4).toBeCloseTo(1, 1);
		expect(gradient('Global', 'opEnergyJPerOp') / -1.71109209e-5).toBeCloseTo(1, 1);
		for (const one of outputs.sensitivities) {
			if (one.exactGradient === null || one.gradient === null || one.parameter === 'opEnergyJPerOp') continue;
			expect(one.gradient / one.exactGradient).toBeCloseTo(1, 3);
		}
	});
});

test('own triggers from curve files, complexity tables and tables work together', async () => {
	const files: Record<string, string> = {
		'd.csv':
			'Category,Detector,Data (bytes),Sample Rate,Compression,Link Efficiency (J/bit),Op Efficiency (J/op)\nBuild,Pixels,1000,1e6,0.5,1e-11,0\n',
		'p.csv':
			'Name,Output,Data (bytes),Reduction Ratio,Classifier,Skill mean,Skill variance,Link Efficiency (J/bit),Op Efficiency (J/op),Compression\nBuild,Disk,0,20,Mine,0,0,1e-11,1e-6,0\nDisk,,0,1,Dummy,0,0,0,0,0\n',
		'g.csv': 'Year\n2030\n',
		'curve.csv': '0,0\n10,0.1\n20,0.9\n100,1\n',
		'ops.csv': 'bytes,ops\n250,125\n500,250\n1000,500\n',
	};
	const open = async (reference: string) => memoryFile(reference, files[reference] ?? '');
	const own = {
		detectors: 'd.csv',
		processors: 'p.csv',
		global: 'g.csv',
		complexities: [{ node: 'Build', table: 'ops.csv', degree: 1 }],
	};
	const triggers = [{ name: 'Mine', paths: [{ name: 'only', curve: 'curve.csv', firingRate: 0.3, thresholdGeV: 15 }] }];
	const outputs = await runWith({ system: 'own', own, triggers, changes: 'Build.opEnergyJPerOp=2e-6' }, { open });
	const build = outputs.nodes.find((node) => node.name === 'Build');
	expect(build?.operations).toBeCloseTo(250, 9);
	expect(build?.powerW).toBeCloseTo(250 * 2e-6 * 1e6, 6);
	expect(outputs.baseline.operationPowerW).toBeCloseTo(250, 6);
	expect(build?.achievedRatio).toBeCloseTo(20, 9);
	expect(outputs.curves).toBeNull();
	// Every relevant event scores above every irrelevant one, so exactly the relevant ones are kept.
	expect(outputs.metrics.precision).toBeCloseTo(1, 9);
	expect(outputs.metrics.recall).toBeCloseTo(1, 9);
	await expect(runWith({ system: 'own', own, triggers: [{ ...triggers[0], name: 'Minee' }] }, { open })).rejects.toThrow(
		/p.csv, row 2, Classifier: found "Mine".*did you mean Minee/,
	);
});

test('the message of a link may be taken after compression', async () => {
	const graph = {
		technologyYear: 2022,
		detectors: [{ name: 'D', outputs: ['S'], dataBytes: 1000, sampleRateHz: 1e6, compression: 0.75, linkEnergyJPerBit: 1e-9 }],
		processors: [{ name: 'S', outputs: [] }],
	};
	const power = async (linkLoad: string) => (await runWith({ system: 'own', own: { graph }, linkLoad })).metrics.linkPowerW;
	expect(await power('before-compression')).toBeCloseTo(8, 12);
	expect(await power('after-compression')).toBeCloseTo(2, 12);
});

test('mistakes in the inputs are InputErrors with a place', async () => {
	const graph = { technologyYear: 2030, detectors: [], processors: [] };
	const path = { name: 'a', firingRate: 0.3 };
	const points = [
		[0, 0],
		[10, 0.2],
	];
	for (const [raw, message] of [
		[{ system: 'cms-run-4' }, /^system: found "cms-run-4".*did you mean/],
		[{ pileUp: 300 }, /^pileUp: found 300, expected at most 200/],
		[{ samples: 10 }, /^samples: found 10/],
		[{ system: 'own' }, /^own: found nothing/],
		[{ system: 'own', own: { graph, workbook: 'x' } }, /^own: found 2 systems/],
		[{ system: 'own', own: { graph } }, /found no detectors/],
		[{ system: 'own', own: { graph }, gpuHlt: true }, /^gpuHlt: found true/],
		[{ own: { graph } }, /^system: found "cms-run-5", expected "own"/],
		[{ l1tRatio: 1.000001 }, /Reduction Ratio: found 1.000001 at Intermediate, which no threshold meets/],
		[{ technologyScaling: 'efficiency', technologyYear: 2050 }, /^technologyYear: found 2050/],
		[{ sweep: 'Global.reductionRatio=1..2' }, /^sweep.*found "1..2"/],
		[{ triggers: [{ name: 'T', paths: [path] }] }, /^triggers\[0\].paths\[0\]: found no curve/],
		[{ triggers: [{ name: 'Dummy', paths: [{ ...path, points }] }] }, /^triggers\[0\].name: found "Dummy"/],
		[
			{ triggers: [{ name: 'T', paths: [{ ...path, points }], combinations: [{ probability: 0.5, fires: ['a'] }] }] },
			/add up to 0.5/,
		],
		[
			{ triggers: [{ name: 'T', paths: [{ ...path, points }], combinations: [{ probability: 1, fires: ['b'] }] }] },
			/fires: found "b"/,
		],
	] as const) {
		const attempt = runWith(raw);
		await expect(attempt).rejects.toBeInstanceOf(InputError);
		await expect(attempt).rejects.toThrow(message);
	}
});
