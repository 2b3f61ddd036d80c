/** What a person is shown: the answer, pictures of the keys, errors by size and rival, memory, perplexity, files. */
import type { Panel } from '@assay/contract';
import { UNSAFE_SCORE_ERROR, WORTH_RATIO, WORTH_SHARE } from '../decision.ts';
import { OUTLIER_FACTOR } from '../ksort/channel-scores.ts';
import type { Outputs } from '../outputs.ts';
import { keyPictures } from './key-pictures.ts';
import { errorsBySize, rivalPictures } from './rivals.ts';

export function report(o: Outputs): Panel[] {
	return [
		answer(o),
		layers(o),
		...keyPictures(o),
		...rivalPictures(o),
		errorsBySize(o),
		heads(o),
		...perplexity(o),
		...memory(o),
		rotation(o),
		...o.files.map(
			({ name, bytes, says }): Panel => ({ kind: 'file', title: name, artifact: name, note: `${says} ${bytes} B.` }),
		),
	];
}

const formatName = ({ format }: Outputs): string => `BFP${format.mantissaBits + 8}_${format.blockSize}`;

function answer(o: Outputs): Panel {
	const { subject } = o;
	return {
		kind: 'text',
		title: 'Answer',
		paragraphs: [
			o.answer,
			`${subject.keyHeads} key heads of ${subject.headDim} channels, ${subject.rotaryWidth} of which turn; sorted by ${subject.sortedBy}, ${{ none: 'not at all', free: 'channel by channel', pair: 'pair by pair', rising: 'outliers first, then from the quietest up', shared: 'pair by pair, in one order for all heads' }[o.format.order]}; measured on ${subject.inputs}, queries in ${o.format.queryBits === null ? 'float32' : `BFP${o.format.queryBits + 8}_${o.format.blockSize}`}.`,
			`The rule: sorting is worth it if the mean error per channel falls more than ${WORTH_RATIO} times in ${100 * WORTH_SHARE} % of heads; a head is unsafe if, sorted, scores are off by more than ${UNSAFE_SCORE_ERROR} of their energy.`,
			...o.notes,
		],
	};
}

function layers(o: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Verdict, layer by layer',
		columns: [
			{ key: 'layer', label: 'layer' },
			{ key: 'heads', label: 'key heads' },
			{ key: 'gaining', label: 'that sorting helps' },
			{ key: 'unsafe', label: 'unsafe sorted' },
			{ key: 'worstScoreError', label: 'worst score error', digits: 3 },
			{ key: 'verdict', label: 'verdict' },
		],
		rows: o.layers,
	};
}

function heads(o: Outputs): Panel {
	return {
		kind: 'table',
		title: `Heads, keys in ${formatName(o)}`,
		note: `An outlier is a channel whose score is more than ${OUTLIER_FACTOR} times the head’s median. Errors are energies over energies.`,
		columns: [
			{ key: 'layer', label: 'layer' },
			{ key: 'head', label: 'head' },
			{ key: 'outlierRatio', label: 'largest over median score', digits: 3 },
			{ key: 'blocksBefore', label: 'blocks with outliers' },
			{ key: 'blocksAfter', label: 'sorted' },
			{ key: 'channelBefore', label: 'error per channel', digits: 3 },
			{ key: 'channelAfter', label: 'sorted', digits: 3 },
			{ key: 'gain', label: 'gain', unit: 'x', digits: 3 },
			{ key: 'scoreBefore', label: 'score error', digits: 3 },
			{ key: 'scoreAfter', label: 'sorted', digits: 3 },
			{ key: 'variationBefore', label: 'attention moved', digits: 3 },
			{ key: 'variationAfter', label: 'sorted', digits: 3 },
			{ key: 'outputBefore', label: 'output error', digits: 3 },
			{ key: 'outputAfter', label: 'sorted', digits: 3 },
			{ key: 'isUnsafe', label: 'unsafe' },
		],
		rows: o.heads.map(({ unsorted, sorted, ...head }) => ({
			...head,
			channelBefore: unsorted.channelError,
			channelAfter: sorted.channelError,
			scoreBefore: unsorted.scoreError,
			scoreAfter: sorted.scoreError,
			variationBefore: unsorted.totalVariation,
			variationAfter: sorted.totalVariation,
			outputBefore: unsorted.outputError,
			outputAfter: sorted.outputError,
		})),
	};
}

function perplexity(o: Outputs): Panel[] {
	if (o.perplexity.length === 0) return [];
	const model = (factor: number): string => (factor === 1 ? 'as trained' : `outliers ${factor} times larger`);
	const how = (order: string): string =>
		({ none: 'unsorted', free: 'sorted', pair: 'sorted by pairs', rising: 'outliers, then the quietest' })[order] ?? order;
	const rows = o.perplexity.map((row) => ({
		...row,
		model: model(row.outlierFactor),
		how: how(row.order),
		line: `${how(row.order)}, ${model(row.outlierFactor)}`,
	}));
	const exact = o.perplexity.find(({ blockSize }) => blockSize === null);
	return [
		{
			kind: 'plot',
			title: 'Perplexity with quantised keys',
			note: 'Outliers take bits from the channels that share their blocks: unsorted, from most of them; sorted, from the largest of the others; in rising order, from the quietest. One block for the whole head leaves nothing to choose. In float32 the model is the same with and without outliers.',
			x: { label: 'channels in a block', scale: 'band' },
			y: { label: 'perplexity' },
			color: { label: 'order and model' },
			marks: [
				{
					mark: 'line',
					data: rows.filter(({ blockSize }) => blockSize !== null).map((row) => ({ ...row, blockSize: String(row.blockSize) })),
					x: 'blockSize',
					y: 'perplexity',
					color: 'line',
				},
				...(exact === undefined ? [] : [{ mark: 'rule', y: exact.perplexity, label: 'float32 keys' } as const]),
			],
		},
		{
			kind: 'table',
			title: 'Perplexity',
			columns: [
				{ key: 'model', label: 'model' },
				{ key: 'keys', label: 'keys' },
				{ key: 'how', label: 'order' },
				{ key: 'perplexity', label: 'perplexity', digits: 5 },
			],
			rows,
		},
	];
}

function memory(o: Outputs): Panel[] {
	return [
		{
			kind: 'plot',
			title: 'Cache of one sequence',
			note: 'Bytes of keys and values of all layers, exponents included.',
			x: { label: 'cache', unit: 'B', zero: true },
			y: { label: '', scale: 'band' },
			marks: [{ mark: 'bar', data: o.memory, x: 'cacheBytes', y: 'plan', along: 'x' }],
		},
		{
			kind: 'table',
			title: 'Memory of the cache',
			columns: [
				{ key: 'plan', label: 'plan' },
				{ key: 'bitsPerValue', label: 'mean over keys and values', unit: 'bits', digits: 6 },
				{ key: 'bytesPerToken', label: 'a token', unit: 'B', digits: 9 },
				{ key: 'cacheBytes', label: 'a sequence', unit: 'B', digits: 12 },
				{ key: 'overSixteenBits', label: 'smaller than in 16 bits', unit: 'x', digits: 3 },
			],
			rows: o.memory,
		},
	];
}

function rotation({ rotation: counts, subject, format }: Outputs): Panel {
	return {
		kind: 'text',
		title: 'What it costs while the model runs',
		paragraphs:
			subject.rotaryWidth === 0
				? ['Nothing: no channel turns, so the order is in the weights for good.']
				: format.order === 'shared'
					? ['Nothing: all heads share one order, and the columns of the graph’s rotary tables are in it.']
					: [
							`Turning one key takes ${counts.operationsBefore} multiplications and additions before, ${counts.operationsAfter} after: the tables of cosines, sines and partners are permuted once, and each head has its own.`,
							'A frequency belongs to its pair, so a runtime that turns all heads with one table in the usual order cannot run the rewritten weights as they are: it takes the tables of permutation.json, or leaves the weights alone and permutes turned keys and queries by a fixed gather.',
						],
	};
}
