import { createContext, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { memorySource, onnxNode, readOnnxGraph } from '@assay/models/onnx';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import { openSession } from './runtime.ts';
import { normalValues, type SmallGraph, smallFile } from './testing/small-models.ts';

const graph: SmallGraph = {
	nodes: [
		onnxNode('Conv', ['x', 'w1', 'b1'], ['first'], { pads: [1, 1, 1, 1], strides: [2, 2] }),
		onnxNode('Relu', ['first'], ['a']),
		onnxNode('Conv', ['a', 'w2', 'b2'], ['depthwise'], { pads: [1, 1, 1, 1], group: 8 }),
		onnxNode('Relu', ['depthwise'], ['b']),
		onnxNode('GlobalAveragePool', ['b'], ['c']),
		onnxNode('Flatten', ['c'], ['d']),
		onnxNode('Gemm', ['d', 'w3', 'b3'], ['classes'], { transB: 1 }),
		onnxNode('Softmax', ['classes'], ['y'], { axis: 1 }),
	],
	weights: { w1: [8, 3, 3, 3], b1: [8], w2: [8, 1, 3, 3], b2: [8], w3: [4, 8], b3: [4] },
	input: ['batch', 3, 16, 16],
	output: 'y',
};

/** Decides on each of 8 x 8 pixels. */
const pixels: SmallGraph = {
	nodes: [
		...graph.nodes.slice(0, 4),
		onnxNode('Conv', ['b', 'w3', 'b3'], ['wide']),
		onnxNode('Relu', ['wide'], ['c']),
		onnxNode('Conv', ['c', 'w4'], ['y']),
	],
	weights: { w1: [8, 3, 3, 3], b1: [8], w2: [8, 1, 3, 3], b2: [8], w3: [64, 8, 1, 1], b3: [64], w4: [4, 64, 1, 1] },
	input: graph.input,
	output: 'y',
};

async function runWith(raw: unknown, files: Readonly<Record<string, string | Uint8Array>> = {}) {
	const artifacts = new Map<string, Uint8Array>();
	const context = createContext({
		seed: 3,
		onArtifact: (name, content) => void artifacts.set(name, content),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	const inputs = parseInputs(system, raw);
	const outputs = system.outputs.parse(await system.run(inputs, context));
	return { outputs, artifacts, panels: system.report(outputs, inputs) };
}

const rows = (count: number) =>
	Array.from({ length: count }, (_, index) => Array.from(normalValues(768, index)).join(',')).join('\n');

describe('a run', () => {
	test('on the user’s ONNX file, samples and labels: both files run in onnxruntime, figures are there', async () => {
		const samples = { file: 'x.csv', labels: 'l.csv', calibrate: 8, most: 20 };
		const raw = { model: { file: 'net.onnx' }, samples, study: { bits: true } };
		const { outputs, artifacts, panels } = await runWith(raw, {
			'net.onnx': smallFile(graph),
			'x.csv': rows(20),
			'l.csv': new Array(20).fill(1).join('\n'),
		});
		expect(outputs.samples).toMatchObject({ calibration: 8, evaluation: 12, isShared: false });
		expect(outputs.floatAccuracy).not.toBeNull();
		expect(outputs.quantized.logitDecibels).toBeGreaterThan(20);
		expect(outputs.integerRun.withinOneStep).toBe(1);
		expect(outputs.layers.map(({ name }) => name)).toEqual(['first', 'depthwise', 'classes']);
		expect(outputs.layers.reduce((sum, { lossShare }) => sum + lossShare, 0)).toBeCloseTo(1, 9);
		expect(outputs.bits).toHaveLength(12);
		expect(panels.map(({ title }) => title)).toEqual(
			expect.arrayContaining(['Which layers cause the loss', 'Repairs, each by itself']),
		);
		const io = { name: 'x', shape: [1, 3, 16, 16] };
		for (const name of ['quantized.onnx', 'integer-operators.onnx']) {
			const session = await openSession(artifacts.get(name)!, io, { exactProducts: false });
			const shares = (await session.run(normalValues(768, 1))).get('y')!;
			expect(shares.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 1);
		}
		const written = await readOnnxGraph(memorySource('q', artifacts.get('integer-operators.onnx')!));
		expect(written.nodes.map(({ opType }) => opType)).toEqual(
			expect.arrayContaining(['QLinearConv', 'QLinearGlobalAveragePool', 'QGemm']),
		);
	});

	test('on a TensorFlow.js model with its file of weights; without it, the file is named', async () => {
		const layer = (class_name: string, name: string, config: object) => ({ class_name, config: { name, ...config } });
		const topology = {
			class_name: 'Sequential',
			config: {
				layers: [
					layer('Conv2D', 'conv', { strides: [2, 2], padding: 'same', activation: 'relu', batch_input_shape: [null, 8, 8, 3] }),
					layer('GlobalAveragePooling2D', 'pool', {}),
					layer('Dense', 'classes', { activation: 'softmax' }),
				],
			},
		};
		const shapes = { 'conv/kernel': [3, 3, 3, 64], 'conv/bias': [64], 'classes/kernel': [64, 4], 'classes/bias': [4] };
		const weights = Object.entries(shapes).map(([name, shape]) => ({
			name,
			shape,
			dtype: 'float32',
			quantization: { dtype: 'uint8', min: -1, scale: 2 / 255 },
		}));
		const bytes = normalValues(1728 + 64 + 256 + 4, 4).map((value) => Math.min(255, Math.max(0, 128 + 40 * value)));
		const manifest = [{ paths: ['group1-shard1of1.bin'], weights }];
		const files = {
			'net/model.json': JSON.stringify({ modelTopology: topology, weightsManifest: manifest }),
			'net/group1-shard1of1.bin': Uint8Array.from(bytes),
		};
		const raw = { samples: { most: 12, calibrate: 6 }, study: { repairs: false } };
		const model = { file: 'net/model.json', weights: ['net/group1-shard1of1.bin'] };
		const { outputs, artifacts } = await runWith({ ...raw, model }, files);
		expect(outputs.layers.map(({ name }) => name)).toEqual(['conv/sums', 'classes/sums']);
		expect(outputs.quantized.logitDecibels).toBeGreaterThan(10);
		expect(outputs.notes.join('\n')).toMatch(/holds its weights in fewer bits already/);
		expect(artifacts.has('integer-operators.onnx')).toBe(true);
		await expect(runWith({ model: { file: 'net/model.json' } }, files)).rejects.toThrow(/missing: group1-shard1of1\.bin/);
	});

	test.for(['dynamic', 'weights-only'] as const)('scheme %s keeps the decisions', async (scheme) => {
		const { outputs } = await runWith({ model: { file: 'net.onnx' }, policy: { scheme } }, { 'net.onnx': smallFile(graph) });
		expect(outputs.quantized.agreement).toBeGreaterThan(0.9);
		expect(outputs.sizes.integer).toBeNull();
		expect(outputs.layers).toHaveLength(3);
	});

	// Few samples leave most of the entropy method's 8,001 bins empty, and it then clips hard.
	test.for(['moving-average', 'percentile', 'entropy', 'least-squares'] as const)('ranges by %s', async (method) => {
		const raw = { model: { file: 'net.onnx' }, ranges: { method }, study: { layers: false, repairs: false } };
		const { outputs } = await runWith({ ...raw, samples: { most: 8, calibrate: 4 } }, { 'net.onnx': smallFile(graph) });
		expect(outputs.quantized.logitDecibels).toBeGreaterThan(method === 'entropy' ? 0 : 10);
	});

	test('TensorFlow Lite’s rules, repairs and kept layers can be asked for', async () => {
		const raw = {
			model: { file: 'net.onnx' },
			samples: { most: 12, calibrate: 6 },
			policy: { rounding: 'tflite' },
			repairs: { equalise: true, correctBiases: true, keepFloat: 'classes' },
			study: { layers: false, repairs: false, speed: true },
		};
		const { outputs } = await runWith(raw, { 'net.onnx': smallFile(graph) });
		expect(outputs.floatOperators.map(({ name }) => name)).toEqual(expect.arrayContaining(['classes']));
		expect(outputs.integerRun.withinOneStep).toBeNull();
		expect(outputs.speed.map(({ what }) => what)).toContain('onnxruntime, float');
		for (const { seconds } of outputs.speed) expect(seconds).toBeGreaterThan(0);
	});

	test('layers are kept in float, the costliest first, until the target holds on the samples that give the ranges', async () => {
		const raw = {
			model: { file: 'net.onnx' },
			samples: { file: 'x.csv', calibrate: 16, most: 24 },
			policy: { weightBits: 2 },
			study: { layers: false, repairs: false },
		};
		const files = { 'net.onnx': smallFile(pixels), 'x.csv': rows(24) };
		const { outputs, panels } = await runWith({ ...raw, repairs: { target: 90 } }, files);
		const { tried, kept, isReached } = outputs.search!;
		expect(tried.map(({ layers }) => layers)).toEqual(tried.map((_, count) => count));
		expect(tried.length).toBeGreaterThan(1);
		expect(tried.slice(0, -1).every(({ agreement }) => agreement < 0.9)).toBe(true);
		expect(tried.every(({ floatShare }) => floatShare <= 0.5)).toBe(true);
		expect(kept).toHaveLength(tried.reduce((one, other) => (other.agreement > one.agreement ? other : one)).layers);
		expect(isReached).toBe(tried.at(-1)!.agreement >= 0.9);
		const asked = outputs.floatOperators.filter(({ reason }) => reason === 'kept in float as asked');
		expect(asked.map(({ name }) => name)).toEqual(expect.arrayContaining(kept));
		expect(outputs.notes.join('\n')).toMatch(/kept in float for the target of 90\.0 %/);
		expect(panels.map(({ title }) => title)).toContain('Layers kept in float');
		await expect(runWith({ ...raw, repairs: { target: 90 }, training: { steps: 2 } }, files)).rejects.toThrow(
			/repairs\.target: found 90 with training/,
		);
	});

	test('trained on the grid: the trained network is what is exported, beside what rounding alone gives', async () => {
		const samples = { file: 'x.csv', labels: 'l.csv', calibrate: 16, most: 24 };
		const raw = {
			model: { file: 'net.onnx' },
			samples,
			policy: { weightBits: 3 },
			training: { steps: 40, rate: 0.02 },
			study: { layers: false },
		};
		const files = { 'net.onnx': smallFile(graph), 'x.csv': rows(24), 'l.csv': new Array(24).fill(1).join('\n') };
		const { outputs, artifacts, panels } = await runWith(raw, files);
		expect(outputs.training).toMatchObject({ steps: 40 });
		expect(outputs.training!.losses).toHaveLength(40);
		expect(outputs.training!.losses.at(-1)).toBeLessThan(outputs.training!.losses[0]!);
		expect(outputs.quantized.accuracy).toBe(1);
		expect(outputs.training!.before.accuracy).toBeLessThan(1);
		expect(outputs.repairs).toEqual([]);
		expect(outputs.integerRun.withinOneStep).toBe(1);
		expect(panels.map(({ title }) => title)).toContain('Training on the grid');
		const session = await openSession(artifacts.get('quantized.onnx')!, { name: 'x', shape: [1, 3, 16, 16] });
		const shares = (await session.run(normalValues(768, 99))).get('y')!;
		expect(shares.indexOf(Math.max(...shares))).toBe(1);
	});

	test.for([
		[{ policy: { scheme: 'dynamic' }, training: { steps: 2 } }, /training\.steps: found 2 with the scheme dynamic/],
		[{ repairs: { keepFloat: 'first' }, training: { steps: 2 } }, /stay float \(Conv/],
		[
			{ samples: { file: 'x.csv', labels: 'l.csv', calibrate: 4 }, training: { steps: 2 } },
			/samples\.labels\[0\]: found 7, expected a class from 0 to 3/,
		],
	] as const)('training with %j is refused by name', async ([raw, reason]) => {
		const files = { 'net.onnx': smallFile(graph), 'x.csv': rows(8), 'l.csv': new Array(8).fill(7).join('\n') };
		await expect(runWith({ model: { file: 'net.onnx' }, ...raw }, files)).rejects.toThrow(reason);
	});

	test('one sample, and one that is all zeros, are told of', async () => {
		const zeros = new Array(768).fill(0).join(',');
		const { outputs } = await runWith(
			{ model: { file: 'net.onnx' }, samples: { file: 'x.csv' } },
			{ 'net.onnx': smallFile(graph), 'x.csv': zeros },
		);
		expect(outputs.samples).toMatchObject({ calibration: 1, evaluation: 1, isShared: true });
		expect(outputs.notes.join('\n')).toMatch(
			/The same 1 samples[\s\S]*Ranges from one sample[\s\S]*Always the same value[\s\S]*first/,
		);
	});

	test.for([
		[{ model: { file: 'net.bin' } }, /model\.file: found net\.bin/],
		[{ model: { file: 'net.onnx', weights: ['shard'] } }, /model\.weights: found 1 files/],
		[{ model: { file: 'net.onnx', dimensions: 'batch=4' } }, /batch of 1/],
		[{ model: { file: 'net.onnx', dimensions: 'depth=4' } }, /depth/],
		[
			{ model: { file: 'net.onnx' }, repairs: { keepFloat: 'clases' } },
			/repairs\.keepFloat: found clases.*did you mean classes\?/,
		],
		[{ model: { file: 'net.onnx' }, samples: { file: 'a.csv', images: ['b.png'] } }, /samples: found a file and pictures/],
	] as const)('%j is refused by name', async ([raw, reason]) => {
		await expect(runWith(raw, { 'net.onnx': smallFile(graph) })).rejects.toThrow(reason);
	});
});

describe('advice', () => {
	const applies = (subject: Subject) => system.advise?.applies(subject) ?? { reason: 'no advice' };

	test.for<[Subject, RegExp]>([
		[{ goal: 'train', modelFile: 'net.onnx' }, /serving/],
		[{ goal: 'serve', model: 'resnet-50' }, /weights/],
	])('does not apply to %j', ([subject, reason]) => {
		const answer = applies(subject);
		expect('reason' in answer ? answer.reason : '').toMatch(reason);
	});

	test('on the user’s own file it is a gain in memory, and says what becomes of the decisions', async () => {
		const found = applies({ goal: 'edge', modelFile: 'net.onnx' });
		if ('reason' in found) throw new Error(found.reason);
		const { outputs } = await runWith(found.inputs, { 'net.onnx': smallFile(graph) });
		const assessed = system.advise?.assess(outputs);
		if (assessed === undefined || 'reason' in assessed) throw new Error(assessed?.reason);
		expect(assessed.gain.memory).toBe(outputs.sizes.given / outputs.sizes.integer!);
		expect(assessed.costs.quality).toMatch(/% of its decisions/);
	});
});
