import { createHash } from 'node:crypto';
import { InputError } from '@assay/contract';
import { parseSafetensorsHeader, type SafetensorsHeader, safetensorsHeaderLength } from '@assay/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pause } from '../test-data.ts';
import { type LayoutInput, parseLayout } from './layout.ts';
import {
	type CheckpointSize,
	checkpointRules,
	checkpointTensors,
	randomCheckpoint,
	randomFile,
	optimizerStates as states,
} from './random-checkpoint.ts';
import { type HeldFile, reshapeFiles } from './reshape-files.ts';
import { dealOut, imbalance, muonCost } from './whole-matrices.ts';

const size: CheckpointSize = { layers: 3, hidden: 16, heads: 8, kvHeads: 4, experts: 4, width: 8, vocabulary: 37 };

const layoutOf = (
	[tensor, pipeline, expert, data]: readonly number[],
	more: { multiple?: number; optimizer?: LayoutInput['optimizer'] } = {},
): LayoutInput => ({
	parallel: { tensor, pipeline, expert, data },
	rules: checkpointRules(size, more.multiple ?? 1),
	optimizer: more.optimizer === undefined ? { states, align: 4 } : more.optimizer,
});

const single = layoutOf([1, 1, 1, 1]);

async function reshaped(files: readonly HeldFile[], from: LayoutInput, to: LayoutInput): Promise<HeldFile[]> {
	const result = await reshapeFiles({
		files,
		sourceLayout: parseLayout(from, 'source'),
		targetLayout: parseLayout(to, 'target'),
		limitBytes: 1e9,
		pause,
	});
	return result.files;
}

const headerOf = ({ name, bytes }: HeldFile): SafetensorsHeader => {
	const length = safetensorsHeaderLength(bytes.subarray(0, 8), name, bytes.byteLength);
	return parseSafetensorsHeader(bytes.subarray(8, 8 + length), name, bytes.byteLength);
};

const tensorOf = (files: readonly HeldFile[], file: string, tensor: string): Uint8Array => {
	const found = files.find(({ name }) => name === file);
	if (found === undefined) throw new Error(`${file} is not among ${files.map(({ name }) => name).join(', ')}`);
	const entry = headerOf(found).tensors.find(({ name }) => name === tensor);
	if (entry === undefined) throw new Error(`no ${tensor} in ${file}`);
	return found.bytes.subarray(entry.fileOffset, entry.fileOffset + entry.bytes);
};

const byName = (files: readonly HeldFile[]) =>
	Object.fromEntries(
		[...files]
			.sort((a, b) => (a.name < b.name ? -1 : 1))
			.map(({ name, bytes }) => [name, createHash('sha256').update(bytes).digest('hex')]),
	);

const singleCheckpoint = (seed: number): HeldFile[] => randomCheckpoint(size, seed, 4);

test('through three layouts and back, every byte of weights and optimizer is the same', async () => {
	const start = singleCheckpoint(1);
	const a = layoutOf([2, 2, 4, 4]);
	const b = layoutOf([4, 1, 2, 8], { multiple: 8 });
	const onA = await reshaped(start, single, a);
	expect(onA).toHaveLength(2 * 2 * 4 * (1 + 4));
	const onB = await reshaped(onA, a, b);
	expect(byName(await reshaped(onB, b, single))).toEqual(byName(start));
});

test('there and back is the same for random layouts', async () => {
	const layout = fc
		.record({
			tensor: fc.constantFrom(1, 2, 4),
			pipeline: fc.constantFrom(1, 2, 3),
			expert: fc.constantFrom(1, 2, 4),
			data: fc.constantFrom(1, 2, 3, 5),
			multiple: fc.constantFrom(1, 4, 16),
			kind: fc.constantFrom('sharded' as const, 'whole-matrices' as const),
			align: fc.constantFrom(1, 3, 64),
			stages: fc.constantFrom(0, 1, 2, 3),
		})
		.map(({ tensor, pipeline, expert, data, multiple, kind, align, stages }) => ({
			...layoutOf([tensor, pipeline, expert, data], { multiple, optimizer: { kind, states, align } }),
			...(stages > 0 &&
				pipeline > 1 && {
					layersPerStage: Array.from({ length: pipeline }, (_, i) =>
						i === 0 ? Math.min(stages, 3) : i === 1 ? 3 - Math.min(stages, 3) : 0,
					),
				}),
		}));
	const start = singleCheckpoint(2);
	await fc.assert(
		fc.asyncProperty(layout, layout, async (a, b) => {
			const there = await reshaped(await reshaped(start, single, a), a, b);
			expect(byName(await reshaped(there, b, single))).toEqual(byName(start));
		}),
		{ numRuns: 25 },
	);
});

describe('shards hold what the conventions say, value by value', () => {
	const start = singleCheckpoint(3);
	const halves = (bytes: Uint8Array): number[] => [...new Uint16Array(bytes.slice().buffer)];
	const whole = (name: string) => halves(tensorOf(start, 'model.safetensors', name));

	test('fused query, key and value: each part is split by itself', async () => {
		const files = await reshaped(start, single, layoutOf([2, 1, 1, 1]));
		const rows = whole('layers.0.attention.qkv.weight');
		const part = (from: number, to: number): number[] => rows.slice(from * 16, to * 16);
		// Sixteen rows of queries, eight of keys, eight of values: 8 heads and twice 4 of width 2.
		expect(halves(tensorOf(files, 'model-tp01.safetensors', 'layers.0.attention.qkv.weight'))).toEqual([
			...part(8, 16),
			...part(20, 24),
			...part(28, 32),
		]);
	});

	test('row-parallel experts on expert-parallel ranks', async () => {
		const files = await reshaped(start, single, layoutOf([2, 1, 2, 1]));
		const values = whole('layers.2.experts.down');
		const expected: number[] = [];
		for (const expert of [2, 3]) {
			for (let row = 0; row < 16; row++)
				for (let column = 0; column < 4; column++) expected.push(values[(expert * 16 + row) * 8 + column] ?? -1);
		}
		expect(halves(tensorOf(files, 'model-tp00-ep01.safetensors', 'layers.2.experts.down'))).toEqual(expected);
	});

	test('a vocabulary is padded with zeros at its end', async () => {
		const files = await reshaped(start, single, layoutOf([2, 1, 1, 1], { multiple: 16 }));
		const rows = whole('embed.weight');
		expect(halves(tensorOf(files, 'model-tp00.safetensors', 'embed.weight'))).toEqual(rows.slice(0, 32 * 16));
		expect(halves(tensorOf(files, 'model-tp01.safetensors', 'embed.weight'))).toEqual([
			...rows.slice(32 * 16),
			...new Array<number>(27 * 16).fill(0),
		]);
	});

	test('optimizer shards are one flat vector cut evenly', async () => {
		const files = await reshaped(start, single, layoutOf([1, 1, 1, 3]));
		const before = tensorOf(start, 'optimizer.safetensors', 'exp_avg');
		const pieces = [0, 1, 2].map((dp) => tensorOf(files, `optimizer-dp0${dp}.safetensors`, 'exp_avg'));
		expect(new Set(pieces.map(({ length }) => length)).size).toBe(1);
		const joined = Buffer.concat(pieces);
		expect(joined.subarray(0, before.length).equals(before)).toBe(true);
		expect(joined.subarray(before.length).every((byte) => byte === 0)).toBe(true);
	});

	test('stages: the embedding at both ends, the last norm at the end', async () => {
		const files = await reshaped(start, single, layoutOf([1, 3, 1, 1]));
		const names = files
			.filter(({ name }) => name.startsWith('model'))
			.map((file) => headerOf(file).tensors.map(({ name }) => name));
		expect(names.map((list) => list.includes('embed.weight'))).toEqual([true, false, true]);
		expect(names.map((list) => list.includes('norm.weight'))).toEqual([false, false, true]);
		expect(names.map((list) => list.includes('layers.1.norm.weight'))).toEqual([false, true, false]);
	});
});

test('files of the transformers library, under any name and split into several, are read as they are', async () => {
	const tensors = checkpointTensors(size);
	const files = [
		randomFile('model-00001-of-00002.safetensors', tensors.slice(0, 9), 5),
		randomFile('model-00002-of-00002.safetensors', tensors.slice(9), 6),
	];
	const weights = (parallel: number[]) => layoutOf(parallel, { optimizer: null });
	const there = await reshaped(files, weights([1, 1, 1, 1]), weights([4, 2, 2, 1]));
	const back = await reshaped(there, weights([4, 2, 2, 1]), weights([1, 1, 1, 1]));
	for (const file of files) {
		for (const { name, fileOffset, bytes } of headerOf(file).tensors) {
			expect(Buffer.compare(tensorOf(back, 'model.safetensors', name), file.bytes.subarray(fileOffset, fileOffset + bytes))).toBe(
				0,
			);
		}
	}
});

test('experts that are tensors of their own go to their ranks whole', async () => {
	const tensors = Array.from({ length: 4 }, (_, e) => ({
		name: `model.layers.0.mlp.experts.${e}.w1.weight`,
		dtype: 'F32' as const,
		shape: [4, 3],
	}));
	const layout = (expert: number): LayoutInput => ({ parallel: { expert }, rules: 'hugging-face' });
	const start = [randomFile('model.safetensors', tensors, 9)];
	const there = await reshaped(start, layout(1), layout(2));
	expect(there.map((file) => headerOf(file).tensors.map(({ name }) => name.split('.')[5]))).toEqual([
		['0', '1'],
		['2', '3'],
	]);
	expect(byName(await reshaped(there, layout(2), layout(1)))).toEqual(byName(start));
});

describe('what is wrong is named before anything is written', () => {
	const a = layoutOf([2, 1, 2, 2]);
	const start = singleCheckpoint(4);
	const shards = reshaped(start, single, a);
	const attempt = async (change: (files: HeldFile[]) => HeldFile[], from: LayoutInput = a, to: LayoutInput = single) =>
		reshaped(change([...(await shards)]), from, to);

	test('a missing shard', async () => {
		const error = await attempt((files) => files.filter(({ name }) => name !== 'optimizer-tp01-ep00-dp01.safetensors')).catch(
			(e) => e,
		);
		expect(error).toBeInstanceOf(InputError);
		expect(error.message).toMatch(/optimizer-tp01-ep00-dp01.*no such file/);
	});

	test('a truncated shard', async () => {
		const cut = (files: HeldFile[]) => files.map((file, i) => (i === 3 ? { ...file, bytes: file.bytes.subarray(0, -5) } : file));
		await expect(attempt(cut)).rejects.toThrow(/truncated/);
	});

	test('another layout than that of the files', async () => {
		await expect(attempt((files) => files, layoutOf([4, 1, 2, 2]))).rejects.toThrow(InputError);
		await expect(attempt((files) => files, layoutOf([2, 1, 2, 1]))).rejects.toThrow(/optimizer-tp00-ep00/);
		await expect(attempt((files) => files, layoutOf([2, 1, 2, 2], { optimizer: null }))).rejects.toThrow(
			/a file that the layout does not know/,
		);
	});

	test('sizes that ranks do not divide, stages of other layers, states the source lacks', async () => {
		await expect(attempt((files) => files, a, layoutOf([3, 1, 1, 1]))).rejects.toThrow(
			/dimension 1 of size 16.*3 tensor-parallel ranks divide/,
		);
		await expect(attempt((files) => files, a, layoutOf([1, 1, 3, 1]))).rejects.toThrow(/3 expert-parallel ranks divide/);
		await expect(attempt((files) => files, a, { ...single, layersPerStage: [2] })).rejects.toThrow(
			/layersPerStage.*found 2 layers/,
		);
		await expect(attempt((files) => files, a, layoutOf([1, 1, 1, 1], { optimizer: { states: ['momentum'] } }))).rejects.toThrow(
			/"momentum".*master, exp_avg/,
		);
	});

	test('ranks whose copies have drifted apart', async () => {
		const drift = (files: HeldFile[]) =>
			files.map((file) => {
				if (file.name !== 'model-tp01-ep01.safetensors') return file;
				const entry = headerOf(file).tensors.find(({ name }) => name === 'layers.1.norm.weight');
				const bytes = file.bytes.slice();
				bytes[entry?.fileOffset ?? 0] = (bytes[entry?.fileOffset ?? 0] ?? 0) ^ 1;
				return { ...file, bytes };
			});
		await expect(attempt(drift)).rejects.toThrow(/layers.1.norm.weight.*copies on several ranks that differ \(tensor 1/);
	});

	test('a layout file with a wrong field, and anything else that is no layout', () => {
		expect(() => parseLayout({ parallel: { tensr: 2 } }, 'l.json')).toThrow(/l.json.*tensr.*did you mean tensor/);
		expect(() => parseLayout({ parallel: { pipeline: 2 }, layersPerStage: [3] }, 'l.json')).toThrow(/layersPerStage/);
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				try {
					parseLayout(value, 'l.json');
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
		);
	});
});

describe('whole matrices dealt to ranks', () => {
	test('an update costs five times 4a²b + 2a³', () => {
		expect(muonCost([100, 300])).toBe(5 * (4 * 100 * 100 * 300 + 2 * 100 ** 3));
		expect(muonCost([300, 100])).toBe(muonCost([100, 300]));
		expect(muonCost([4, 100, 300])).toBe(4 * muonCost([100, 300]));
		expect(muonCost([7])).toBe(7);
	});

	test('longest first is within 4/3 of the best, found by trying everything', () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 7 }),
				fc.integer({ min: 1, max: 3 }),
				(costs, ranks) => {
					const { load, rank } = dealOut(costs, ranks);
					const sums = new Array<number>(ranks).fill(0);
					for (const [i, cost] of costs.entries()) sums[rank[i] ?? 0] = (sums[rank[i] ?? 0] ?? 0) + cost;
					expect([...load]).toEqual(sums);
					let best = Number.POSITIVE_INFINITY;
					for (let choice = 0; choice < ranks ** costs.length; choice++) {
						const tried = new Array<number>(ranks).fill(0);
						let rest = choice;
						for (const cost of costs) {
							tried[rest % ranks] = (tried[rest % ranks] ?? 0) + cost;
							rest = Math.floor(rest / ranks);
						}
						best = Math.min(best, Math.max(...tried));
					}
					expect(Math.max(...load)).toBeLessThanOrEqual((4 / 3) * best + 1e-9);
					expect(imbalance(load)).toBeGreaterThanOrEqual(1);
				},
			),
		);
	});
});
