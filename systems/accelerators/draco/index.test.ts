import { createContext, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { resolveNetwork } from '@assay/models/network';
import { memorySource, onnxNode, readOnnxGraph, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import { layersOfNetwork } from './layers-of-network.ts';

async function runWith(raw: unknown, files: Readonly<Record<string, string | Uint8Array>> = {}) {
	const artifacts = new Map<string, Uint8Array>();
	const context = createContext({
		onArtifact: (name, content) => void artifacts.set(name, content),
		open: async (reference) => memoryFile(reference, files[reference] ?? ''),
	});
	const { answer, evaluation } = await system.run(parseInputs(system, raw), context);
	if (evaluation === null) throw new Error('nothing was evaluated');
	return { answer, outputs: evaluation, artifacts };
}

const weight = (name: string, dims: number[]) =>
	tensorMessage(name, 'float32', dims, new Uint8Array(4 * dims.reduce((all, one) => all * one, 1)));

/** A separable network whose depthwise layer has two outputs a map; the image's size is left open. */
const onnx = writeOnnxModel({
	irVersion: 8,
	opsetImport: [{ domain: '', version: 17 }],
	graph: {
		name: 'separable',
		node: [
			onnxNode('Conv', ['x', 'w1'], ['a'], { pads: [1, 1, 1, 1], strides: [2, 2] }),
			onnxNode('Conv', ['a', 'dw'], ['b'], { group: 16, pads: [1, 1, 1, 1] }),
			onnxNode('Conv', ['b', 'pw'], ['y']),
		],
		initializer: [weight('w1', [16, 3, 3, 3]), weight('dw', [32, 1, 3, 3]), weight('pw', [24, 32, 1, 1])],
		input: [valueMessage({ name: 'x', elementType: 'float32', dims: ['batch', 3, 'height', 'width'] })],
		output: [valueMessage({ name: 'y', elementType: 'float32', dims: null })],
	},
});

describe('a run', () => {
	test('on the user’s ONNX file: layers as they are in it, and the file back with wider groups', async () => {
		const raw = {
			network: { file: 'net.onnx', dimensions: 'batch=2, height=32, width=32' },
			array: { rows: 32, columns: 32 },
			change: { objective: 'uniform', width: 8 },
		};
		const { outputs, artifacts } = await runWith(raw, { 'net.onnx': onnx });
		expect(outputs.layers.map(({ kind, width }) => [kind, width])).toEqual([
			['convolution', 1],
			['depthwise', 8],
			['pointwise', 1],
		]);
		// Two images of 16 x 16 positions: 16 maps of 27, 32 of 9, 24 of 32.
		expect(outputs.before.macs).toBe(2 * 256 * (16 * 27 + 32 * 9 + 24 * 32));
		expect(outputs.after.macs).toBe(2 * 256 * (16 * 27 + 8 * 32 * 9 + 24 * 32));
		expect(outputs.isRewritten).toBe(true);
		const graph = await readOnnxGraph(memorySource('w.onnx', artifacts.get('widened.onnx') as Uint8Array));
		expect(graph.initializers.get('dw')?.dims).toEqual([32, 8, 3, 3]);
	});

	test('its table of layers read back is the changed network', async () => {
		const { outputs, artifacts } = await runWith({});
		const csv = new TextDecoder().decode(artifacts.get('layers.csv'));
		const context = { open: async () => memoryFile('layers.csv', csv) };
		const network = await resolveNetwork({ name: '', file: 'layers.csv', dimensions: '' }, context);
		const layers = layersOfNetwork(network, false);
		expect(layers).toHaveLength(27);
		const again = await runWith(
			{ network: { file: 'layers.csv' }, change: { objective: 'uniform', width: 1 } },
			{ 'layers.csv': csv },
		);
		expect(again.outputs.before.macs).toBe(outputs.after.macs);
		expect(again.outputs.before.arrayCycles).toBe(outputs.after.arrayCycles);
	});

	test.for(['mobilenet-v2', 'efficientnet-b0', 'shufflenet-v2-1.0x', 'resnext-50-32x4d'])(
		'%s: widening layer by layer for fewest cycles is never slower',
		async (name) => {
			const { outputs } = await runWith({ network: { name }, change: { objective: 'latency' } });
			expect(outputs.after.cycles).toBeLessThanOrEqual(outputs.before.cycles * 1.001);
			expect(outputs.before.energyByLevel.reduce((sum, { energy }) => sum + energy, 0) / outputs.before.energy).toBeCloseTo(1, 9);
		},
	);

	test('with little bandwidth layers wait for memory, and say so', async () => {
		const { outputs } = await runWith({ memory: { bandwidth: 1 } });
		expect(outputs.before.memoryBoundLayers).toBe(27);
		expect(outputs.before.cycles).toBeGreaterThan(outputs.before.arrayCycles);
	});

	test.for([
		[{ network: { name: 'bert-base' } }, /has no convolutions/],
		[{ network: { name: 'mobilnet-v1' } }, /mobilenet-v1/],
		[{ memory: { globalBuffer: 0.1 } }, /memory\.globalBuffer: .*at least \d+/],
		[{ change: { mostMegaMacs: 0.001 } }, /change\.mostMegaMacs: .*narrowest layers/],
		[{ array: { rows: 0 } }, /array\.rows/],
		[{ change: { objective: 'uniform', width: 3 } }, /change\.width: found 3, expected one of 1, 2, 4, 8, 16, 32.*mean 2/],
	] as const)('%j is refused by name', async ([raw, reason]) => {
		await expect(runWith(raw)).rejects.toThrow(reason);
	});

	test('what narrower layers bring is not said to come of wider groups alone', async () => {
		const { answer } = await runWith({ change: { mostMegaMacs: 300 } });
		expect(answer).toMatch(/wider groups and 0\.\d+ times the channels take/);
		expect((await runWith({})).answer).toMatch(/wider groups take 49\.1 % off its latency/);
	});

	test('a transformer’s products count where they are asked for', async () => {
		const { outputs, answer } = await runWith({ network: { name: 'bert-base' }, products: true });
		expect(outputs.layers.length).toBeGreaterThan(50);
		expect(answer).toMatch(/no depthwise layers/);
	});
});

describe('advice', () => {
	const applies = (subject: Subject) => system.advise?.applies(subject) ?? { reason: 'no advice' };

	test.for<[Subject, RegExp]>([
		[{ goal: 'serve', model: 'mobilenet-v1' }, /designed or chosen/],
		[{ goal: 'design-chip', model: 'resnet-50' }, /no depthwise/],
		[{ goal: 'design-chip', model: 'llama-3-8b' }, /no depthwise/],
		[{ goal: 'design-chip' }, /no network/],
	])('does not apply to %j', ([subject, reason]) => {
		const answer = applies(subject);
		expect('reason' in answer ? answer.reason : '').toMatch(reason);
	});

	test('on MobileNetV2 it is a gain in latency', async () => {
		const found = applies({ goal: 'design-chip', model: 'mobilenet-v2' });
		if ('reason' in found) throw new Error(found.reason);
		const { outputs, answer } = await runWith(found.inputs);
		const assessed = system.advise?.assess({ answer, evaluation: outputs, training: null });
		if (assessed === undefined || 'reason' in assessed) throw new Error(assessed?.reason);
		expect(assessed.gain.latency).toBe(outputs.before.cycles / outputs.after.cycles);
		expect(assessed.gain.latency).toBeGreaterThan(1.2);
	});
});

test('training: accuracy of each width over seeds, the same again from the same seed', async () => {
	const raw = { mode: 'train-here', train: { images: 64, epochs: 1, seeds: 2, widths: [2, 1] } };
	const { training } = await system.run(parseInputs(system, raw), createContext({ seed: 5 }));
	expect(training?.points.map(({ width }) => width)).toEqual([1, 2]);
	for (const { accuracies, accuracy, spread } of training?.points ?? []) {
		const [a, b] = accuracies as [number, number];
		expect(accuracy).toBeCloseTo((a + b) / 2, 12);
		// Of two values: 12.706 times half of their distance.
		expect(spread).toBeCloseTo((12.706 * Math.abs(a - b)) / 2, 9);
	}
	expect(training?.points[1]?.parameters).toBeGreaterThan(training?.points[0]?.parameters ?? 0);
	const again = await system.run(parseInputs(system, raw), createContext({ seed: 5 }));
	expect(again.training).toEqual(training);
});
