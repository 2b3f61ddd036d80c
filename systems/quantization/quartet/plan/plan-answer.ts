/** What a plan comes down to, in words. */
import type { PlanOutput } from '../outputs.ts';
import { type PrecisionPair, precisionPairs } from '../regions/precision-map.ts';
import type { Trainings } from './trainings.ts';

/** What the prediction rests on, where that is little. */
export function planNotes({ ownLaw, ownFactors, sets }: Trainings, { speeds, subject }: PlanOutput): string[] {
	const notes: string[] = [];
	if (ownLaw && !ownFactors)
		notes.push(
			'The trainings of the file are all exact: nothing says what 4-bit products cost there, so they are taken to cost nothing.',
		);
	if (ownLaw && ownFactors && (sets.forward.length === 0 || sets.backward.length === 0) && sets.both.length === 0)
		notes.push('No 4-bit trainings of one kind are in the file; that factor is taken for 1.');
	if (!ownLaw) {
		const largest = Math.max(...sets.exact.map(({ parameters }) => parameters));
		if (subject.parameters > largest)
			notes.push(
				`The largest model that the law was fitted to has ${(largest / 1e6).toFixed(0)} million parameters; beyond it everything is extrapolated.`,
			);
	}
	if (speeds.forward === 0)
		notes.push('No 4-bit speed was measured for a model as small as this, so 8-bit products are the only choice.');
	return notes;
}

/** The answer in a sentence. */
export function planAnswer({ subject, pairs, best, bestShare, speeds }: PlanOutput): string {
	const lossOf = (pair: PrecisionPair) => pairs.find((one) => one.pair === pair)?.loss ?? null;
	const words: Record<PrecisionPair, string> = {
		'FP8:FP8': 'all in FP8',
		'FP4:FP8': 'FP4 forward and FP8 backward',
		'FP8:FP4': 'FP8 forward and FP4 backward',
		'FP4:FP4': 'all in FP4',
	};
	const others = precisionPairs
		.filter((pair) => pair !== best && lossOf(pair) !== null)
		.map((pair) => `${lossOf(pair)?.toFixed(4)} ${words[pair]}`);
	const sure = bestShare === null ? '' : ` (${(100 * bestShare).toFixed(0)} % of bootstrap rounds agree)`;
	const against = others.length === 0 ? '' : `, against ${others.join(', ')} at the same costs`;
	return (
		`${subject.name}, ${amount(subject.parameters)} parameters, ${amount(subject.tokens)} tokens: train ${words[best]}${sure}; ` +
		`predicted loss ${lossOf(best)?.toFixed(4)}${against}. Speed of FP4 over FP8: ${speeds.source}.`
	);
}

/** 68.5 billion. */
function amount(value: number): string {
	const [scale, name] =
		value >= 1e12 ? [1e12, ' trillion'] : value >= 1e9 ? [1e9, ' billion'] : value >= 1e6 ? [1e6, ' million'] : [1, ''];
	return `${Number((value / scale).toPrecision(3))}${name}`;
}
