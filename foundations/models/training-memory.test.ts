import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parameterCount } from './parameters.ts';
import {
	type ActivationOptions,
	layerActivationBytes,
	MIXED_PRECISION_ADAM,
	RECOMPUTE_POLICIES,
	stageParameters,
	type TrainingLayout,
	trainingMemory,
} from './training-memory.ts';
import { parseTransformerModel, type TransformerModel } from './transformer.ts';
import { resolveModel } from './zoo.ts';

function gpt(layers: number, hidden: number, heads: number, sequence = 2048): TransformerModel {
	return parseTransformerModel({
		name: 'gpt',
		family: 'GPT',
		source: 'test',
		layers,
		hidden,
		attention: { kind: 'multi-head', heads, kvHeads: heads, headDim: hidden / heads },
		feedForward: { kind: 'plain', width: 4 * hidden },
		vocabulary: 51200,
		contextTokens: sequence,
		outputHead: 'tied',
		position: { kind: 'learned', positions: sequence },
		norms: { kind: 'layer-norm', perLayer: 2 },
		parametersDtype: 'fp16',
	});
}

const plain: ActivationOptions = {
	sequenceTokens: 2048,
	microBatch: 1,
	tensorParallel: 8,
	recompute: 'none',
	sequenceParallel: false,
	dropout: true,
	fusedAttention: false,
};

/** Published activation memory (Korthikanti et al., figure 1), GiB. */
const PUBLISHED = [
	{ layers: 48, hidden: 6144, heads: 64, microBatch: 4, pipeline: 1, virtual: 1, none: 59.25, selective: 9.5625 },
	{ layers: 96, hidden: 12288, heads: 96, microBatch: 1, pipeline: 8, virtual: 3, none: 66.84375, selective: 12.3515625 },
	{ layers: 105, hidden: 20480, heads: 128, microBatch: 1, pipeline: 35, virtual: 3, none: 114.0234375, selective: 23.076171875 },
	{ layers: 128, hidden: 25600, heads: 160, microBatch: 1, pipeline: 64, virtual: 1, none: 131.25, selective: 26.5625 },
];

test.each(PUBLISHED)('activations of the published $layers-layer model, width $hidden', (row) => {
	const model = gpt(row.layers, row.hidden, row.heads);
	for (const recompute of ['none', 'selective'] as const) {
		const memory = trainingMemory(model, {
			...plain,
			microBatch: row.microBatch,
			recompute,
			sequenceParallel: recompute === 'selective',
			pipelineParallel: row.pipeline,
			virtualStages: row.virtual,
			expertParallel: 1,
			optimizerShards: 1,
			microBatches: 1000,
			bytes: MIXED_PRECISION_ADAM,
		});
		expect(memory.activationBytes / 2 ** 30).toBeCloseTo(row[recompute], 9);
	}
});

test('a GPT layer: 10 + 24/t + 5as/(ht) bytes per element, 34/t with selective recomputation and sequence parallelism, 2 with full', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 64 }),
			fc.constantFrom(1, 2, 4, 8),
			fc.integer({ min: 1, max: 4096 }),
			fc.integer({ min: 1, max: 16 }),
			(heads, t, s, b) => {
				const h = heads * 64;
				const model = gpt(2, h, heads);
				const options = { ...plain, sequenceTokens: s, microBatch: b, tensorParallel: t };
				const unit = s * b * h;
				const close = (actual: number, expected: number): void => expect(actual / expected).toBeCloseTo(1, 12);
				close(layerActivationBytes(model, options), unit * (10 + 24 / t + (5 * heads * s) / (h * t)));
				const selective = { ...options, recompute: 'selective', sequenceParallel: true } as const;
				close(layerActivationBytes(model, selective), (unit * 34) / t);
				close(layerActivationBytes(model, { ...options, recompute: 'full' }), 2 * unit);
				close(layerActivationBytes(model, { ...selective, recompute: 'full' }), (2 * unit) / t);
			},
		),
	);
});

const layout: TrainingLayout = {
	...plain,
	dropout: false,
	fusedAttention: true,
	tensorParallel: 1,
	pipelineParallel: 1,
	virtualStages: 1,
	expertParallel: 1,
	optimizerShards: 1,
	microBatches: 8,
	bytes: MIXED_PRECISION_ADAM,
};

test('on one device all parameters but an untied head are there, 18 bytes each', () => {
	for (const name of ['llama-3-8b', 'mixtral-8x7b', 'deepseek-v2-lite', 'gpt2', 'bert-base']) {
		const model = resolveModel(name);
		const count = parameterCount(model);
		const memory = trainingMemory(model, layout);
		expect(memory.parameters).toBe(count.total - count.head);
		expect(memory.weightBytes + memory.gradientBytes + memory.optimizerBytes).toBe(18 * memory.parameters);
	}
});

test('splitting layers, tensors, experts or optimizer state never takes more memory; recomputing more never keeps more', () => {
	const splits = fc.constantFrom(1, 2, 4, 8);
	fc.assert(
		fc.property(
			fc.constantFrom('llama-3-8b', 'mixtral-8x7b', 'gpt2', 'deepseek-v2-lite'),
			splits,
			splits,
			splits,
			fc.constantFrom('tensorParallel', 'expertParallel', 'optimizerShards') as fc.Arbitrary<keyof TrainingLayout>,
			fc.boolean(),
			(name, t, e, shards, wider, fusedAttention) => {
				const model = resolveModel(name);
				const base = { ...layout, tensorParallel: t, expertParallel: e, optimizerShards: shards, fusedAttention };
				const more = { ...base, [wider]: 2 * (base[wider] as number) };
				expect(trainingMemory(model, more).totalBytes).toBeLessThanOrEqual(trainingMemory(model, base).totalBytes);
				const kept = RECOMPUTE_POLICIES.map((recompute) => layerActivationBytes(model, { ...base, recompute }));
				expect(kept).toEqual([...kept].sort((a, b) => b - a));
			},
		),
	);
	expect(
		stageParameters(resolveModel('mixtral-8x7b'), { tensorParallel: 1, pipelineParallel: 1, expertParallel: 8 }),
	).toBeLessThan(
		stageParameters(resolveModel('mixtral-8x7b'), { tensorParallel: 1, pipelineParallel: 1, expertParallel: 1 }) / 6,
	);
});
