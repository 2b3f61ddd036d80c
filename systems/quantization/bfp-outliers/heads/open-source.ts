/** Where keys come from: four sources behind one door. */
import { InputError, type RunContext } from '@assay/contract';
import { readModel, type TransformerModel } from '@assay/models';
import { readTensor } from '@assay/models/tensors';
import type { Inputs } from '../inputs.ts';
import type { SortKey } from '../ksort/channel-scores.ts';
import type { Rotary } from '../ksort/rotary.ts';
import { type AttentionShape, attentionShape } from '../weights/attention-shape.ts';
import { capturedHeads } from './captured-heads.ts';
import { generateHead } from './generated-heads.ts';
import type { KeySource, SourceContext } from './key-source.ts';
import { trainedSource } from './trained-source.ts';
import { weightsSource } from './weights-source.ts';

const MAX_CONFIG_BYTES = 1 << 20;

/** The model that the table of memory is for, with its attention. */
export async function readSubject(
	inputs: Inputs,
	context: Pick<RunContext, 'open'>,
): Promise<{ model: TransformerModel; shape: AttentionShape }> {
	const model = await readModel(inputs.model, context);
	let config: unknown;
	// Read once as a model; here for the rotary settings, which a model's description leaves out.
	if (inputs.model.config !== undefined)
		config = JSON.parse(await (await context.open(inputs.model.config)).text(MAX_CONFIG_BYTES));
	return { model, shape: attentionShape(model, config, inputs.rotary, ['model']) };
}

export async function openSource(
	inputs: Inputs,
	name: string,
	shape: AttentionShape,
	context: SourceContext,
): Promise<KeySource> {
	switch (inputs.source) {
		case 'generated':
			return generatedSource(inputs, context);
		case 'captured':
			return capturedSource(inputs, shape, context);
		case 'weights':
			return weightsSource(inputs, name, shape, context);
		case 'trained':
			return trainedSource(inputs, context);
	}
}

function generatedSource({ generated, rotary, sample, sort }: Inputs, { random, pause }: SourceContext): KeySource {
	const { headDim, heads } = generated;
	refuseKey(sort.key, ['auto', 'row-norm'], 'for drawn heads, whose scales are known');
	const turning: Rotary = {
		width: rotary.width ?? headDim - (headDim % 2),
		convention: rotary.convention === 'auto' ? 'halves' : rotary.convention,
		base: rotary.base ?? 10_000,
	};
	if (turning.width > headDim || turning.width % 2 !== 0)
		throw new InputError({
			path: ['rotary', 'width'],
			found: String(turning.width),
			expected: `an even number of at most ${headDim}`,
		});
	if (generated.outlierPairs > turning.width / 2)
		throw new InputError({
			path: ['generated', 'outlierPairs'],
			found: `${generated.outlierPairs} pairs`,
			expected: `at most the ${turning.width / 2} of a head`,
			nearest: String(turning.width / 2),
		});
	return {
		name: `${heads} heads with ${generated.outlierPairs} outlier pairs each, drawn`,
		headDim,
		layers: 1,
		keyHeads: heads,
		rotary: turning,
		sortedBy: 'row-norm',
		inputs: 'normal deviates; channels are sorted by their true scales',
		notes: [],
		each: async (visit) => {
			for (let head = 0; head < heads; head++) {
				const place = { layer: 0, head, queries: sample.queries };
				await visit(generateHead({ ...generated, tokens: sample.tokens }, turning, random.fork(`head ${head}`), place));
				await pause();
			}
		},
	};
}

async function capturedSource(
	{ captured, sample, sort, rotary: stated }: Inputs,
	shape: AttentionShape,
	{ open, pause }: SourceContext,
): Promise<KeySource> {
	refuseKey(sort.key, ['auto', 'calibrated-rms', 'calibrated-max'], 'where keys were captured without weights');
	const read = async (reference: string | undefined, place: string) => {
		if (reference === undefined)
			throw new InputError({ path: ['captured', place], found: 'nothing', expected: 'a file with a tensor' });
		return readTensor(await open(reference));
	};
	const tensors = {
		keys: await read(captured.keys, 'keys'),
		queries: await read(captured.queries, 'queries'),
		values: captured.values === undefined ? undefined : await read(captured.values, 'values'),
	};
	const headDim = tensors.keys.shape.at(-1) ?? 0;
	const isModels = headDim === shape.headDim;
	const rotary: Rotary = isModels ? shape.rotary : { ...shape.rotary, width: stated.width ?? headDim - (headDim % 2) };
	const score = sort.key === 'calibrated-max' ? sort.key : 'calibrated-rms';
	const options = { rotary, isTurned: captured.turned, queries: sample.queries, score } as const;
	const { shape: sizes } = tensors.keys;
	const layers = sizes.length === 4 ? (sizes[0] as number) : 1;
	return {
		name: 'captured keys',
		headDim,
		layers,
		keyHeads: sizes.slice(0, -2).reduce((product, size) => product * size, 1),
		rotary,
		sortedBy: score,
		inputs: 'the captured keys and queries themselves',
		notes: [
			'Channels are sorted by the very keys that errors are measured on, which the paper does not need; norms of weights would do a little worse.',
			...(isModels
				? []
				: [`Captured heads have ${headDim} channels, the model’s ${shape.headDim}: the table of memory is for another model.`]),
		],
		each: async (visit) => {
			for (const head of capturedHeads(tensors, options)) {
				await visit(head);
				await pause();
			}
		},
	};
}

function refuseKey(key: SortKey, allowed: readonly SortKey[], why: string): void {
	if (allowed.includes(key)) return;
	throw new InputError({ path: ['sort', 'key'], found: key, expected: `one of ${allowed.join(', ')} ${why}`, nearest: 'auto' });
}
