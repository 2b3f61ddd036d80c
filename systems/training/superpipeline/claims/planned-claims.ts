/** Claims that are simulated: what a window saves, and that its two settings trade memory for time. */
import type { Claim } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import { findModel, parseTransformerModel, type TransformerModel } from '@assay/models';
import { type ModelUnits, modelUnits, type Work } from '../plan/model-units.ts';
import { evaluatePlans, smallestWithin } from '../schedule/choose-plan.ts';
import { largestWindow, unitTimes } from '../schedule/units.ts';
import { meanPassSeconds, simulateWindow } from '../schedule/window.ts';

const RATES = { computeShare: 0.5, memoryShare: 0.8 };
const LINK = { latencySeconds: 20e-6, inBytesPerSecond: 25e9, outBytesPerSecond: 25e9 };
/** A pass may be this much slower for its saving to count as being at acceptable speed. */
const SLOWDOWN = 1.05;

/** ViT-bigG/14: 48 layers, width 1,664, feed-forward 8,192, 16 heads; its patch embedding is counted as a small vocabulary. */
function vitBigG(): TransformerModel {
	return parseTransformerModel({
		name: 'vit-bigg-14',
		family: 'vit',
		source: 'OpenCLIP model card, as widely quoted',
		layers: 48,
		hidden: 1664,
		attention: { kind: 'multi-head', heads: 16, kvHeads: 16, headDim: 104, queryKeyValueBias: true, outputBias: true },
		causal: false,
		feedForward: { kind: 'plain', width: 8192, bias: true },
		vocabulary: 588,
		contextTokens: 257,
		outputHead: 'pooler',
		position: { kind: 'learned', positions: 257 },
		norms: { kind: 'layer-norm', perLayer: 2 },
		parametersDtype: 'fp16',
	});
}

const unitsOn = (model: TransformerModel, work: Omit<Work, 'recompute'>): ModelUnits =>
	modelUnits(model, resolveMachine('a100-sxm-80gb').device, { ...work, recompute: true }, RATES);

/** Percent of weight memory saved by the paper's window, nothing pinned, at nearly resident speed. */
function savedByWindow(model: TransformerModel, work: Omit<Work, 'recompute'>): number {
	const units = unitsOn(model, work);
	const times = unitTimes(units, LINK);
	const plans = evaluatePlans({
		times,
		weightBytes: units.weightBytes,
		sharedBytes: units.sharedBytes,
		writeback: 'drop',
		policies: ['window'],
	});
	const [resident] = plans;
	return 100 * (1 - smallestWithin(plans, SLOWDOWN).bytes / (resident?.bytes ?? 0));
}

export const plannedClaims: readonly Claim[] = [
	{
		id: 'P1-llama-2-7b',
		says: 'A window saves up to 60 % of device memory at acceptable speed: weights of Llama 2 7B reading prompts.',
		published: { value: 60, unit: '%', where: 'abstract' },
		evidence: 'simulated',
		tolerance: {
			bound: 'at least',
			because: 'up to 60 % is reached if some window saves as much while a pass is at most 5 % slower',
		},
		effort: 'seconds',
		comment:
			'Eight prompts of 1,024 tokens on an A100 with 25 GB/s to the host. Of weights alone: activations, keys and values are not made fewer.',
		measure: async () => savedByWindow(findModel('llama-2-7b'), { use: 'prompt', batch: 8, tokens: 1024 }),
	},
	{
		id: 'P1-vit-bigg',
		says: 'A window saves up to 60 % of device memory at acceptable speed: weights of ViT-bigG on batches of images.',
		published: { value: 60, unit: '%', where: 'abstract' },
		evidence: 'simulated',
		tolerance: {
			bound: 'at least',
			because: 'up to 60 % is reached if some window saves as much while a pass is at most 5 % slower',
		},
		effort: 'seconds',
		comment: '32 images of 257 patches on an A100 with 25 GB/s to the host.',
		measure: async () => savedByWindow(vitBigG(), { use: 'prompt', batch: 32, tokens: 257 }),
	},
	{
		id: 'P1-decode',
		says: 'The same 60 % when Llama 2 7B generates one token at a time at acceptable speed.',
		published: { value: 60, unit: '%', where: 'abstract, which makes no difference between prompts and tokens' },
		evidence: 'simulated',
		tolerance: { bound: 'at least', because: 'the same measure as for prompts' },
		effort: 'seconds',
		comment:
			'A token reads each weight once, at memory speed, some sixty times faster than the link brings it: whatever is streamed costs more than 5 %, so nothing can be. Memory is saved here only for time.',
		measure: async () => savedByWindow(findModel('llama-2-7b'), { use: 'generate', batch: 1, tokens: 1024 }),
	},
	{
		id: 'P3-decode',
		says: 'With 60 % of the weights of Llama 2 7B saved (12 of 32 layers on the device), a token at batch 1 takes acceptable time.',
		published: { value: 1.1, unit: 'x', where: 'abstract ("acceptable", no figure given; 1.1 is our reading)' },
		evidence: 'simulated',
		tolerance: { bound: 'at most', because: 'a tenth slower would still be called acceptable' },
		effort: 'seconds',
		comment:
			'The time of a token over that of the resident run. Pins with a ring take two thirds of the window’s time here and are as far from acceptable.',
		measure: async () => {
			const units = unitsOn(findModel('llama-2-7b'), { use: 'generate', batch: 1, tokens: 1024 });
			const times = unitTimes(units, LINK);
			const { passEnds } = simulateWindow(times, { window: 12, group: 1, mode: 'sequential', writeback: 'drop', passes: 40 });
			return meanPassSeconds(passEnds, 10, 40) / times.compute.reduce((sum, one) => sum + one, 0);
		},
	},
	{
		id: 'P4',
		says: 'The two settings trade memory for speed: with more layers on the device a pass never takes longer.',
		published: { value: 0, unit: 'windows', where: 'abstract (no figure given: 0 windows break the rule)' },
		evidence: 'simulated',
		tolerance: { absolute: 0.5, because: 'a count of whole windows' },
		effort: 'seconds',
		comment:
			'Llama 2 7B, eight prompts of 128 tokens, groups of one. With larger groups the rule breaks where groups do not divide the window.',
		measure: async () => {
			const units = unitsOn(findModel('llama-2-7b'), { use: 'prompt', batch: 8, tokens: 128 });
			const times = unitTimes(units, LINK);
			let [broken, before] = [0, Number.POSITIVE_INFINITY];
			for (let window = 1; window <= units.weightBytes.length; window++) {
				const { passEnds } = simulateWindow(times, { window, group: 1, mode: 'sequential', writeback: 'copy', passes: 40 });
				const seconds = meanPassSeconds(passEnds, 10, 40);
				if (seconds > before * (1 + 1e-9)) broken++;
				before = seconds;
			}
			return broken;
		},
	},
	{
		id: 'P4-memory',
		says: 'Twelve of 32 layers of Llama 2 7B on the device save 60 % of weight memory.',
		published: { value: 60, unit: '%', where: 'abstract' },
		evidence: 'simulated',
		tolerance: { absolute: 0.5, because: 'the abstract rounds to whole percents' },
		effort: 'seconds',
		measure: async () => {
			const { weightBytes, sharedBytes } = unitsOn(findModel('llama-2-7b'), { use: 'prompt', batch: 1, tokens: 1 });
			const whole = sharedBytes + largestWindow(weightBytes, weightBytes.length);
			return 100 * (1 - (sharedBytes + largestWindow(weightBytes, 12)) / whole);
		},
	},
	{
		id: 'P5',
		says: 'ViT-bigG runs noticeably slower than resident because of its transfers, and training much slower.',
		published: { value: 1, unit: 'x, or more', where: 'the paper’s second figure, as reviewers read it; no figure is given' },
		evidence: 'quoted',
	},
];
