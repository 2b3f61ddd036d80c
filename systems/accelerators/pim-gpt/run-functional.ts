/** A GPT's tokens computed by the mapped banks, beside two references. */
import { InputError, type RunContext } from '@assay/contract';
import { MappedGpt } from './functional/mapped-gpt.ts';
import { bankArithmetic, float64Arithmetic, largest, ReferenceGpt } from './functional/reference-gpt.ts';
import { decodeWeights, encodeWeights, type GptWeights, generateWeights } from './functional/weights.ts';
import type { Inputs } from './inputs.ts';
import { machineOf } from './machine.ts';
import type { FunctionalOutput, Outputs } from './outputs.ts';

/** Largest file of weights that is read. */
const MOST_WEIGHT_BYTES = 2 ** 30;

export async function runFunctional(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { steps, firstToken } = inputs.functional;
	if (inputs.hardware.precision !== 'bf16')
		throw new InputError({
			path: ['hardware', 'precision'],
			found: inputs.hardware.precision,
			expected: 'bf16, which the banks compute in',
		});
	context.progress(0, 'reading weights');
	const weights = await weightsOf(inputs, context);
	if (firstToken >= weights.vocabulary)
		throw new InputError({
			path: ['functional', 'firstToken'],
			found: String(firstToken),
			expected: `below the vocabulary of ${weights.vocabulary}`,
		});
	if (steps > weights.positions)
		throw new InputError({
			path: ['functional', 'steps'],
			found: String(steps),
			expected: `at most the ${weights.positions} positions of the weights`,
		});
	const hardware = machineOf(inputs);
	const mapped = await MappedGpt.load(weights, hardware, steps, context.pause);
	const { wordsPerColumn, bufferWords } = hardware.memory;
	const same = new ReferenceGpt(weights, bankArithmetic(wordsPerColumn, bufferWords), context.pause, mapped.unbroken);
	const exact = new ReferenceGpt(weights, float64Arithmetic, context.pause);
	const tokens: number[] = [];
	const errors: FunctionalOutput['errors'] = [];
	let differing = 0;
	let agreeing = 0;
	let token = firstToken;
	for (let step = 0; step < steps; step++) {
		const logits = await mapped.next(token);
		const reference = await same.next(token);
		const real = await exact.next(token);
		for (const [i, logit] of logits.entries()) if (!Object.is(logit, reference[i])) differing++;
		const error = distance(logits, real);
		if (!Number.isFinite(error))
			throw new InputError({
				path: ['functional', 'weights'],
				found: `logits that are no numbers in step ${step}`,
				expected: 'weights whose sums stay within BF16’s range',
			});
		errors.push({ step, error });
		token = largest(logits);
		if (token === largest(real)) agreeing++;
		tokens.push(token);
		context.progress(0.05 + (0.94 * (step + 1)) / steps, `token ${step + 1} of ${steps}`);
		await context.pause();
	}
	const functional: FunctionalOutput = {
		says: `${weights.layers.length} layers of width ${weights.width}, ${weights.heads} heads, ${weights.vocabulary} tokens`,
		layers: weights.layers.length,
		width: weights.width,
		rows: mapped.map.rows,
		tokens,
		sameLogits: differing === 0,
		differingLogits: differing,
		sameTokens: agreeing,
		worstError: errors.reduce((worst, { error }) => Math.max(worst, error), 0),
		errors,
	};
	context.progress(1, 'done');
	return { answer: answer(functional), simulation: null, functional, replay: null };
}

async function weightsOf({ functional }: Inputs, context: RunContext): Promise<GptWeights> {
	if (functional.weights !== undefined) {
		const file = await context.open(functional.weights);
		return decodeWeights(await file.arrayBuffer(MOST_WEIGHT_BYTES), file.name, functional.heads, context.pause);
	}
	const { layers, width, vocabulary, steps, heads = 4 } = functional;
	if (width % heads !== 0)
		throw new InputError({
			path: ['functional', 'heads'],
			found: String(heads),
			expected: `a divisor of the width, ${width}`,
		});
	const size = { layers, width, heads, vocabulary, positions: steps };
	const weights = await generateWeights(size, context.random.fork('weights'), context.pause);
	await context.artifact('weights.safetensors', encodeWeights(weights), 'application/octet-stream');
	return weights;
}

/** Length of the difference over the length of the exact logits. */
function distance(logits: Float32Array, exact: Float64Array): number {
	let difference = 0;
	let length = 0;
	for (const [i, value] of exact.entries()) {
		difference += ((logits[i] as number) - value) ** 2;
		length += value ** 2;
	}
	return length === 0 ? Math.sqrt(difference) : Math.sqrt(difference / length);
}

function answer({ says, tokens, sameLogits, differingLogits, sameTokens, worstError }: FunctionalOutput): string {
	const exact = sameLogits
		? 'every logit is the BF16 reference’s bit by bit'
		: `${differingLogits} logits are not the BF16 reference’s`;
	return `A GPT of ${says} through the banks: ${exact}; the logits are within ${(100 * worstError).toPrecision(2)} % of float64’s, which would have picked the same token in ${sameTokens} of ${tokens.length} steps.`;
}
