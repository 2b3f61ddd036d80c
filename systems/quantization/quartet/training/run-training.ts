/** Trains small models here with the schemes that were asked for, the same seeds for all of them. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { csvText, InputError, mean, type RunContext, standardDeviation } from '@assay/contract';
import {
	type Corpus,
	encodeLlamaWeights,
	type LlamaShape,
	llamaLayout,
	markovCorpus,
	markovEntropy,
	TokenWindows,
	textCorpus,
} from '@assay/learning';
import { readInstalledText } from '@assay/sources';
import type { Inputs } from '../inputs.ts';
import type { Outputs, TrainingOutput } from '../outputs.ts';
import type { QuantizerName } from '../quantizers/quantizer.ts';
import { hiddenWidth } from '../recipe/recipe.ts';
import { gradientsByDepth } from './gradient-depth.ts';
import { type SchemeName, schemeTitles } from './scheme.ts';
import { type TrainingItem, type TrainingResult, trainingTask } from './training-task.ts';

/** Odds of the generated language's four followers. */
const ODDS = [0.5, 0.25, 0.15, 0.1] as const;
const MARKOV_TOKENS = 2_000_000;
/** Part of a text that is held out is cut to so many tokens, so that validations take no longer than training. */
const MOST_HELD_OUT = 16_384;
const MOST_POINTS = 200;
const COMPARED: readonly QuantizerName[] = ['sr-absmax', 'rtn-absmax', 'pma', 'quest', 'eden'];

export async function runTraining(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { train } = inputs;
	const wanted = shapeOf(inputs);
	const { corpus, name: corpusName, entropy } = await corpusOf(inputs, context);
	const shape: LlamaShape = { ...wanted, vocabulary: corpus.vocabulary };
	const tokensPerStep = shape.batch * shape.sequenceTokens;
	const heldOut = corpus.heldOut.subarray(0, Math.max(tokensPerStep + 1, MOST_HELD_OUT));
	checkCorpus(corpus, heldOut, tokensPerStep);
	const schemes = [...new Set(train.schemes)];
	const identity = createHash('sha256')
		.update(JSON.stringify({ version: 1, shape, train, seed: context.seed }))
		.update(corpus.training)
		.digest('hex');
	if (train.keep !== '') await mkdir(train.keep, { recursive: true });
	const items: TrainingItem[] = schemes.flatMap((scheme) =>
		Array.from({ length: train.seeds }, (_, index) => ({
			scheme,
			scaleRounding: train.scaleRounding,
			seed: context.seed * 1000 + index,
			shape,
			steps: train.steps,
			peakRate: train.peakRate,
			training: corpus.training,
			heldOut,
			wantsParameters: index === 0 && scheme === schemes[0],
			...(train.keep !== '' && {
				checkpoint: {
					path: join(train.keep, `quartet-${identity.slice(0, 16)}-${scheme}-${index}.safetensors`),
					identity: `${identity} ${scheme} ${index}`,
				},
			}),
		})),
	);
	context.progress(0.02, `${items.length} trainings of ${train.steps} steps`);
	let done = 0;
	const results = await context.parallel(trainingTask, items, (result, index) => {
		done++;
		const item = items[index] as TrainingItem;
		const loss = result.state.validations.at(-1)?.loss ?? Number.NaN;
		context.progress(0.02 + (0.88 * done) / items.length, `${item.scheme}: held-out loss ${loss.toFixed(4)}`);
		context.log('info', `${item.scheme}, seed ${item.seed}: held-out loss ${loss.toFixed(4)} after ${result.state.step} steps`);
	});
	const runs = results.map((result, index) => describeRun(result, items[index] as TrainingItem));
	const { parameters } = results.find((result) => result.parameters !== null) ?? { parameters: null };
	let gradients: TrainingOutput['gradients'] = [];
	if (train.gradients && parameters !== null) {
		context.progress(0.92, 'gradients by depth');
		const windows = new TokenWindows(heldOut, { ...shape, seed: 0 });
		gradients = await gradientsByDepth(shape, parameters, windows, COMPARED, context.seed, context.pause);
	}
	if (parameters !== null)
		await context.artifact('model.safetensors', encodeLlamaWeights(shape, parameters), 'application/octet-stream');
	if (corpus.tokenizer !== undefined)
		await context.artifact('tokenizer.json', JSON.stringify(corpus.tokenizer), 'application/json');
	const training: TrainingOutput = {
		corpus: corpusName,
		entropy,
		parameters: llamaLayout(shape).length,
		blockParameters: shape.layers * llamaLayout(shape).block.length + shape.width,
		tokensPerStep,
		runs,
		summary: summarize(runs, schemes),
		gradients,
	};
	const curve = runs.flatMap(({ scheme, seed, validations }) => validations.map(({ step, loss }) => [scheme, seed, step, loss]));
	await context.artifact('curves.csv', csvText([['scheme', 'seed', 'step', 'held_out_loss'], ...curve]), 'text/csv');
	context.progress(1, 'done');
	return { answer: answer(training, train.steps), notes: notesOf(training, train.seeds), plan: null, tensor: null, training };
}

async function corpusOf(
	{ train }: Inputs,
	context: RunContext,
): Promise<{ corpus: Corpus; name: string; entropy: number | null }> {
	if (train.corpus === 'markov') {
		const language = { vocabulary: train.vocabulary, odds: ODDS, seed: context.seed };
		return {
			corpus: markovCorpus(language, MARKOV_TOKENS),
			name: `a generated language of ${train.vocabulary} tokens`,
			entropy: markovEntropy(language),
		};
	}
	if (train.vocabulary < 257)
		throw new InputError({
			path: ['train', 'vocabulary'],
			found: String(train.vocabulary),
			expected: 'at least 257 for a tokenizer, whose first 256 tokens are the bytes',
			nearest: '257',
		});
	if (train.corpus === 'readmes') {
		const { text, packages, sha256 } = await readInstalledText();
		return {
			corpus: textCorpus(text, train.vocabulary),
			name: `README files of ${packages} packages (${sha256.slice(0, 8)})`,
			entropy: null,
		};
	}
	if (train.file === undefined)
		throw new InputError({ path: ['train', 'file'], found: 'nothing', expected: 'a text file, since the corpus is a file' });
	const file = await context.open(train.file);
	return { corpus: textCorpus(await file.text(), train.vocabulary), name: file.name, entropy: null };
}

/** Raises an InputError where sizes are no whole groups of 32, or heads do not fit. */
function shapeOf({ train }: Inputs): Omit<LlamaShape, 'vocabulary'> {
	const { width, heads, batch, sequenceTokens, layers } = train;
	const inner = train.hiddenWidth ?? hiddenWidth(width);
	const multiple = (field: string, value: number, of: number): void => {
		if (value % of !== 0)
			throw new InputError({
				path: ['train', field],
				found: String(value),
				expected: `a multiple of ${of}, since 32 values share a scale`,
				nearest: String(Math.max(of, Math.round(value / of) * of)),
			});
	};
	multiple('width', width, 32);
	multiple('hiddenWidth', inner, 32);
	multiple('batch', batch, 32 / greatestDivisor(32, sequenceTokens));
	if (width % (2 * heads) !== 0)
		throw new InputError({
			path: ['train', 'heads'],
			found: String(heads),
			expected: `heads of even width: a divisor of ${width / 2}`,
			nearest: '1',
		});
	return { batch, sequenceTokens, width, layers, heads, keyValueHeads: heads, hiddenWidth: inner, ropeBase: 10_000 };
}

function greatestDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestDivisor(b, a % b);
}

function checkCorpus({ training, heldOut }: Corpus, validation: Int32Array, tokensPerStep: number): void {
	if (training.length > tokensPerStep && validation.length > tokensPerStep) return;
	throw new InputError({
		path: ['train', 'file'],
		found: `a text of ${training.length + heldOut.length} tokens`,
		expected: `at least ${20 * (tokensPerStep + 1)}, so that the twentieth that is held out fills a batch`,
		nearest: String(20 * (tokensPerStep + 1)),
	});
}

function describeRun({ state }: TrainingResult, { scheme, seed }: TrainingItem): TrainingOutput['runs'][number] {
	const every = Math.max(1, Math.ceil(state.losses.length / MOST_POINTS));
	const losses: number[] = [];
	for (let at = 0; at < state.losses.length; at += every) losses.push(mean(state.losses.slice(at, at + every)));
	return {
		scheme,
		seed,
		losses,
		lossEverySteps: every,
		validations: state.validations.map(({ step, loss }) => ({ step, loss })),
		finalLoss: state.validations.at(-1)?.loss ?? 0,
	};
}

function summarize(runs: TrainingOutput['runs'], schemes: readonly SchemeName[]): TrainingOutput['summary'] {
	const finals = schemes.map((scheme) => runs.filter((run) => run.scheme === scheme).map(({ finalLoss }) => finalLoss));
	return schemes.map((scheme, index) => {
		const losses = finals[index] ?? [];
		// The same seed has the same first values and batches in every scheme.
		const gaps = losses.map((loss, seed) => loss - (finals[0]?.[seed] ?? loss));
		return {
			scheme,
			mean: mean(losses),
			spread: standardDeviation(losses),
			gap: mean(gaps),
			gapSpread: standardDeviation(gaps),
		};
	});
}

function answer({ summary, blockParameters, corpus }: TrainingOutput, steps: number): string {
	const parts = summary.map(
		({ scheme, mean: loss, spread }) => `${scheme} ${loss.toFixed(4)}${spread > 0 ? ` ± ${spread.toFixed(4)}` : ''}`,
	);
	return `${blockParameters.toLocaleString('en-US')} parameters in blocks, ${steps.toLocaleString('en-US')} steps on ${corpus}: held-out loss ${parts.join(', ')}.`;
}

function notesOf({ summary, entropy }: TrainingOutput, seeds: number): string[] {
	return [
		...summary.map(({ scheme }) => `${scheme}: ${schemeTitles[scheme as SchemeName]}.`),
		...(entropy === null ? [] : [`No model can get below ${entropy.toFixed(4)} nats a token on average.`]),
		...(seeds === 1
			? ['One seed for each scheme: differences of a few thousandths may be chance; ask for more with train.seeds.']
			: summary
					.slice(1)
					.filter(({ gap, gapSpread }) => Math.abs(gap) < 2 * gapSpread)
					.map(
						({ scheme }) =>
							`${scheme} and ${summary[0]?.scheme} differ by less than twice what their difference varies by from seed to seed: it may be chance.`,
					)),
	];
}
