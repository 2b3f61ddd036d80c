/** How near a quantized network's answers are to those of the float one. */
import type { RunContext } from '@assay/contract';
import { type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import { openSession, type SessionChoices } from '../runtime.ts';
import { compareDecisions, type Decisions, decisionsOf } from './decisions.ts';
import { SignalToNoise } from './signal-to-noise.ts';

export interface Quality {
	/** Of the logits; null where nothing differs. */
	readonly logitDecibels: number | null;
	/** Share of decisions that are the float network's: of samples, or of the pixels or places that each decides on. */
	readonly agreement: number;
	readonly decisions: Decisions;
	/** Share of samples that are classified as labelled; null without labels. */
	readonly accuracy: number | null;
}

/** What the float network gives. */
export interface Reference {
	readonly samples: readonly Float32Array[];
	readonly labels: Int32Array | undefined;
	/** Tensor that holds the logits: the first output, or what its softmax or sigmoid reads. */
	readonly tensor: string;
	readonly logits: readonly Float32Array[];
	readonly shape: readonly number[];
}

/** The tensor in front of a last softmax or sigmoid. */
export function logitsOf(model: FloatModel): string {
	const [output = ''] = model.outputs;
	const last = model.nodes.find((node) => node.output.includes(output));
	return last !== undefined && ['Softmax', 'LogSoftmax', 'Sigmoid'].includes(last.opType) ? (last.input[0] ?? output) : output;
}

export async function referenceOf(
	model: FloatModel,
	samples: readonly Float32Array[],
	labels: Int32Array | undefined,
	context: Pick<RunContext, 'pause'>,
): Promise<Reference> {
	const tensor = logitsOf(model);
	const logits = await outputsOver(
		writeModel(model, model.outputs.includes(tensor) ? [] : [tensor]),
		tensor,
		model,
		samples,
		context,
	);
	return { samples, labels, tensor, logits, shape: shapeOf(model, tensor) };
}

/** `tensor`: the logits' name in the file. */
export async function qualityOf(
	file: Uint8Array,
	tensor: string,
	model: FloatModel,
	reference: Reference,
	context: Pick<RunContext, 'pause'>,
	choices: SessionChoices = {},
): Promise<Quality> {
	return compareLogits(await outputsOver(file, tensor, model, reference.samples, context, choices), reference);
}

/** Logits of the same samples against the reference's. */
function compareLogits(logits: readonly Float32Array[], reference: Reference): Quality {
	const ratio = new SignalToNoise();
	let right = 0;
	for (const [index, exact] of reference.logits.entries()) {
		const found = logits[index] as Float32Array;
		ratio.add(exact, found);
		if (reference.labels !== undefined && decisionsOf(found, reference.shape)[0] === reference.labels[index]) right++;
	}
	const decisions = compareDecisions(reference.logits, logits, reference.shape);
	const isLabelled = reference.labels !== undefined && reference.shape.length === 2;
	return {
		logitDecibels: ratio.decibels,
		agreement: decisions.count === 0 ? 1 : 1 - decisions.changed / decisions.count,
		decisions,
		accuracy: isLabelled ? right / Math.max(1, reference.logits.length) : null,
	};
}

/** The float network against its own labels. */
export function floatAccuracy({ logits, labels, shape }: Reference): number | null {
	if (labels === undefined || shape.length !== 2) return null;
	const right = logits.filter((one, index) => decisionsOf(one, shape)[0] === labels[index]).length;
	return right / Math.max(1, logits.length);
}

async function outputsOver(
	file: Uint8Array,
	tensor: string,
	model: FloatModel,
	samples: readonly Float32Array[],
	context: Pick<RunContext, 'pause'>,
	choices: SessionChoices = {},
): Promise<Float32Array[]> {
	await context.pause();
	const session = await openSession(file, { name: model.input, shape: shapeOf(model, model.input) }, choices);
	try {
		const all: Float32Array[] = [];
		for (const sample of samples) {
			await context.pause();
			all.push((await session.run(sample)).get(tensor) as Float32Array);
		}
		return all;
	} finally {
		await session.close();
	}
}
