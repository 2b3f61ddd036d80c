/** What a run comes to, in sentences. */
import type { Inputs } from '../inputs.ts';
import type { LayerOutput, Outputs } from '../outputs.ts';
import { OUR_FLOATS, OUR_INTEGERS } from './measure-speed.ts';

type Figures = Omit<Outputs, 'answer' | 'notes'>;

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
const milliseconds = (seconds: number): string => `${(1000 * seconds).toPrecision(3)} ms`;
const decibels = (value: number | null): string => (value === null ? 'exact' : `${value.toFixed(1)} dB`);

/** Agreement that two ways of running the same file may differ by. */
const SAME_AGREEMENT = 0.02;

/** A margin below so many times the noise at the logits is near a tie: the difference of two logits has about 1.4 times the noise of one. */
const NEAR_TIE = 2;
/** A file below this share of its weights in float32 stores them in fewer bits. */
const MOSTLY_FLOAT = 0.6;

/** In one line. */
export function answerOf(figures: Figures, { policy }: Inputs): string {
	const { quantized, sizes, floatAccuracy, samples } = figures;
	const smallest = Math.min(sizes.quantized, sizes.integer ?? sizes.quantized);
	const loss =
		floatAccuracy === null || quantized.accuracy === null
			? `agrees with the float network in ${percent(quantized.agreement)} of decisions (95 % interval: ${percent(quantized.decisions.low)} to ${percent(quantized.decisions.high)}; logits ${decibels(quantized.logitDecibels)})`
			: `classifies ${percent(quantized.accuracy)} right, float ${percent(floatAccuracy)} (logits ${decibels(quantized.logitDecibels)})`;
	const worst = worstLayers(figures.layers)[0];
	const blame =
		worst === undefined || worst.lossShare === 0 ? '' : `; ${percent(worst.lossShare, 0)} of the loss is from ${worst.name}`;
	const faster = speedUp(figures);
	return `${figures.network.name} in ${policy.weightBits}-bit weights (${policy.scheme}, a scale a ${policy.granularity}${figures.training === null ? '' : `, trained on the grid for ${figures.training.steps} batches`}) ${loss}, on ${samples.origin}; ${(smallest / sizes.given).toFixed(2)} times the file${faster === undefined ? '' : `, ${speedWords(faster)}`}${blame}.`;
}

function speedWords(faster: number): string {
	return `${(faster >= 1 ? faster : 1 / faster).toFixed(2)} times as ${faster >= 1 ? 'fast' : 'slow'} in onnxruntime`;
}

/** Float time over the better of the runtime's ways with the quantized file; undefined where nothing was timed. */
function speedUp({ speed, quantized }: Figures): number | undefined {
	const [float, ...others] = speed.filter(({ what }) => what.startsWith('onnxruntime'));
	const rest = others.filter(({ agreement }) => agreement === null || agreement >= quantized.agreement - SAME_AGREEMENT);
	const best = Math.min(...rest.map(({ seconds }) => seconds));
	return float === undefined || rest.length === 0 || !(best > 0) ? undefined : float.seconds / best;
}

/** What training brought over rounding alone. */
function trainingSentence(before: Outputs['quantized'], after: Outputs['quantized']): string {
	const agreement = `agreement ${percent(after.agreement)} instead of ${percent(before.agreement)}`;
	const accuracy =
		before.accuracy === null || after.accuracy === null
			? ''
			: `, ${percent(after.accuracy)} right instead of ${percent(before.accuracy)}`;
	return `Training on the grid against rounding alone: ${agreement}${accuracy}. The repairs are not tried beside it; without training they are.`;
}

/** What keeping layers in float came to. */
function searchSentence({ target, isReached, kept, tried }: NonNullable<Outputs['search']>, measured: number): string {
	const chosen = tried.find(({ layers }) => layers === kept.length);
	const said =
		kept.length === 0 ? 'No layer' : `${kept.length} layers (${kept.slice(0, 5).join(', ')}${kept.length > 5 ? ', ...' : ''})`;
	const weights = chosen === undefined || kept.length === 0 ? '' : `, ${percent(chosen.floatShare)} of the weights,`;
	const agreement =
		chosen === undefined ? '' : ` ${percent(chosen.agreement)} of decisions stay on the samples that gave the ranges and`;
	return `${said}${weights} ${kept.length <= 1 ? 'is' : 'are'} kept in float for the target of ${percent(target)}:${agreement} ${percent(measured)} on those that measure. ${
		!isReached
			? 'The target was not reached with half of the weights in 8 bits.'
			: measured < target
				? 'The latter counts: bring more samples for the ranges, or set the target higher.'
				: 'The target holds.'
	}`;
}

/** Whether the decisions that changed were near a tie. */
function changedSentence({
	count,
	changed,
	margin,
	changedMargin,
	noise,
}: Outputs['quantized']['decisions']): string | undefined {
	if (changedMargin === null || margin === null) return undefined;
	const figures = `half of them had a margin in float of at most ${changedMargin.toPrecision(2)}, where the noise at the logits is ${noise.toPrecision(2)} and the usual margin ${margin.toPrecision(2)}`;
	return `${changed} of ${count} decisions changed; ${figures}: ${
		changedMargin < NEAR_TIE * noise
			? 'near ties, which the float network hardly decides either.'
			: 'not near ties, so the loss is real.'
	}`;
}

function worstLayers(layers: readonly LayerOutput[]): LayerOutput[] {
	return layers.toSorted((a, b) => b.lossShare - a.lossShare);
}

export function notesOf(figures: Figures, { policy }: Inputs): string[] {
	const { samples, layers, repairs, quantized, floatOperators, integerRun, speed, sizes, training, search } = figures;
	const notes: string[] = [];
	if (samples.origin.includes('which are no'))
		notes.push(
			`Ranges and figures are from ${samples.origin}: good for finding weak layers, not for promising an accuracy. Bring samples (and labels) of your own to know it.`,
		);
	if (sizes.given < MOSTLY_FLOAT * sizes.float)
		notes.push(
			`The file that you brought holds its weights in fewer bits already (${sizes.given} bytes; ${sizes.float} as float32), and computes in float: what is gained here is arithmetic in integers.`,
		);
	if (samples.isShared)
		notes.push(`The same ${samples.evaluation} samples gave the ranges and measured the loss, so it may be larger on others.`);
	if (samples.calibration < 8)
		notes.push(
			`Ranges from ${samples.calibration === 1 ? 'one sample' : `${samples.calibration} samples`} are narrow: values beyond them are clipped.`,
		);
	if (training !== null) notes.push(trainingSentence(training.before, quantized));
	const changed = changedSentence(quantized.decisions);
	if (changed !== undefined) notes.push(changed);
	const shown = worstLayers(layers)
		.filter(({ lossShare }) => lossShare >= 0.02)
		.slice(0, 5);
	for (const { name, lossShare, causes, localDecibels } of shown)
		notes.push(
			`${name}: ${percent(lossShare, 0)} of the noise at the logits (its own output ${decibels(localDecibels)}); ${causes.length === 0 ? 'no known cause: rounding alone' : causes.map(({ says }) => says).join('; ')}.`,
		);
	const zero = layers.filter(({ causes }) => causes.some(({ kind }) => kind === 'always-zero'));
	if (zero.length > 0)
		notes.push(`Always the same value on the calibration samples: ${zero.map(({ name }) => name).join(', ')}.`);
	if (search !== null) notes.push(searchSentence(search, quantized.agreement));
	const best = repairs.toSorted((a, b) => (b.gainDecibels ?? -Infinity) - (a.gainDecibels ?? -Infinity))[0];
	if (best !== undefined && best.gainDecibels !== null)
		notes.push(
			best.gainDecibels > 0.5
				? `The best of the repairs: ${best.says} (${best.gainDecibels.toFixed(1)} dB, agreement ${percent(best.quality.agreement)} instead of ${percent(quantized.agreement)}).`
				: 'None of the repairs gains more than half a dB.',
		);
	if (floatOperators.length > 0 && policy.scheme === 'static')
		notes.push(`${floatOperators.length} operators stay float, between a dequantizer and a quantizer each; the table says why.`);
	if (policy.scheme === 'static')
		notes.push(
			integerRun.withinOneStep === null
				? `${integerRun.says[0]?.toUpperCase() ?? ''}${integerRun.says.slice(1)}.`
				: `Run in integers alone (WebAssembly), ${percent(integerRun.withinOneStep, 2)} of the outputs are within one step of those of integer-operators.onnx in onnxruntime.`,
			'On x86 processors without VNNI, onnxruntime’s usual 8-bit kernels add pairs of products in 16 bits, which can overflow. Accuracy here is with session.x64quantprecision = 1, which avoids it; set it where quantized.onnx is served, or serve the file of integer operators.',
		);
	const usual = speed.find(({ what }) => what.endsWith('as it comes'));
	if (usual !== undefined && usual.agreement !== null && usual.agreement < quantized.agreement - SAME_AGREEMENT)
		notes.push(
			`That happens on this processor: run as it comes, quantized.onnx agrees with the float network in ${percent(usual.agreement)} of decisions instead of ${percent(quantized.agreement)}.`,
		);
	const [floats, integers] = [OUR_FLOATS, OUR_INTEGERS].map((name) => speed.find(({ what }) => what === name)?.seconds ?? 0) as [
		number,
		number,
	];
	if (floats > 0 && integers > 0)
		notes.push(
			`By kernels that are alike but for the arithmetic (Assay’s, in WebAssembly), 8 bits take ${milliseconds(integers)} a sample and float ${milliseconds(floats)}: ${(floats / integers).toFixed(2)} times as fast. What onnxruntime gains hangs on the processor’s instructions for 8 bits.`,
		);
	return notes;
}
