/** Keys of a small Llama that is trained now, outliers put into them. */
import { InputError } from '@assay/contract';
import { textCorpus } from '@assay/learning';
import { readInstalledText } from '@assay/sources';
import type { Inputs } from '../inputs.ts';
import type { KeySource, SourceContext } from './key-source.ts';
import { injectOutliers, trainedHeads, trainModel } from './trained-model.ts';

const MOST_TEXT_BYTES = 2_000_000;
const VOCABULARY = 1024;
const BATCH = 8;
const SEQUENCE_TOKENS = 128;
/** Share of a run's progress that training takes. */
const TRAINING_SHARE = 0.7;

export async function trainedSource({ trained, sort, sample }: Inputs, context: SourceContext): Promise<KeySource> {
	const { headDim, heads, keyValueHeads, layers, steps } = trained;
	if (heads % keyValueHeads !== 0)
		throw new InputError({
			path: ['trained', 'keyValueHeads'],
			found: String(keyValueHeads),
			expected: `a divisor of ${heads} query heads`,
		});
	if (headDim % 2 !== 0)
		throw new InputError({
			path: ['trained', 'headDim'],
			found: String(headDim),
			expected: 'an even number',
			nearest: String(headDim + 1),
		});
	if (trained.outlierPairs > headDim / 2)
		throw new InputError({
			path: ['trained', 'outlierPairs'],
			found: `${trained.outlierPairs} pairs`,
			expected: `at most the ${headDim / 2} of a head`,
			nearest: String(headDim / 2),
		});
	const own = trained.text === undefined ? undefined : await context.open(trained.text);
	const installed = own === undefined ? await readInstalledText() : undefined;
	const text = (own === undefined ? (installed?.text ?? '') : await own.text()).slice(0, MOST_TEXT_BYTES);
	const width = headDim * heads;
	context.progress(0.01, 'learning a tokenizer');
	await context.pause();
	const corpus = textCorpus(text, VOCABULARY);
	await context.pause();
	const fewest = BATCH * SEQUENCE_TOKENS + 1;
	if (Math.min(corpus.heldOut.length, corpus.training.length) < fewest)
		throw new InputError({
			path: ['trained', 'text'],
			found: `${corpus.training.length + corpus.heldOut.length} tokens`,
			expected: `at least ${20 * fewest}, so that a twentieth fills a batch`,
		});
	const shape = {
		batch: BATCH,
		sequenceTokens: SEQUENCE_TOKENS,
		width,
		layers,
		heads,
		keyValueHeads,
		hiddenWidth: 3 * width,
		ropeBase: 10_000,
	};
	const model = await trainModel(corpus, shape, steps, context.seed, {
		pause: context.pause,
		progress: (fraction, note) => context.progress(0.02 + (TRAINING_SHARE - 0.02) * fraction, note),
	});
	const key = sort.key === 'auto' ? 'row-norm' : sort.key;
	const factor = Number(trained.outlierFactor);
	return {
		name: `a Llama of ${layers} layers trained here${factor > 1 ? `, ${trained.outlierPairs} pairs of each head made ${factor} times larger` : ''}`,
		headDim,
		layers,
		keyHeads: layers * keyValueHeads,
		rotary: model.rotary,
		sortedBy: key,
		inputs: 'held-out text',
		notes:
			installed === undefined
				? []
				: [
						`The text is the README files of ${installed.packages} packages installed beside this program (SHA-256 ${installed.sha256.slice(0, 12)}).`,
					],
		each: async (visit) => {
			for (const head of trainedHeads(model, key, sample.queries)) await visit(head);
		},
		trained: { model, inject: () => injectOutliers(model, trained.outlierPairs, factor) },
	};
}
