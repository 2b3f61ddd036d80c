/** The trainings that a plan rests on: the authors' or the user's own. */
import { InputError, type RunContext } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import type { RunSets } from '../law/estimate.ts';
import { backwardRuns, exactRuns, forwardRuns, quartetRuns } from '../law/published-runs.ts';
import { readRuns } from '../law/read-runs.ts';

const PUBLISHED: RunSets = { exact: exactRuns, forward: forwardRuns, backward: backwardRuns, both: quartetRuns };
/** Fewest exact trainings that a law of six parameters is fitted to. */
const FEWEST_RUNS = 7;
const MAX_FILE_BYTES = 1 << 22;

export interface Trainings {
	readonly sets: RunSets;
	/** Whether the law is the user's, and which factors are. */
	readonly ownLaw: boolean;
	readonly ownFactors: boolean;
	readonly source: string;
}

/** Raises an InputError for a file of the user's with too few exact trainings for a law. */
export async function readTrainings({ law }: Inputs, context: RunContext): Promise<Trainings> {
	if (law.runs === undefined)
		return {
			sets: PUBLISHED,
			ownLaw: false,
			ownFactors: false,
			source: 'the authors’ 24 trainings in bfloat16 (30M to 800M parameters)',
		};
	const file = await context.open(law.runs);
	const runs = readRuns(await file.text(MAX_FILE_BYTES), file.name);
	const exact = runs.filter(({ forward, backward }) => forward === 'bf16' && backward === 'bf16');
	if (exact.length > 0 && exact.length < FEWEST_RUNS)
		throw new InputError({
			path: [file.name],
			found: `${exact.length} trainings with exact products`,
			expected: `at least ${FEWEST_RUNS} for a law of six parameters, or none to use the published law`,
			nearest: String(FEWEST_RUNS),
		});
	const own = {
		forward: runs.filter(({ forward, backward }) => forward !== 'bf16' && backward === 'bf16'),
		backward: runs.filter(({ forward, backward }) => forward === 'bf16' && backward !== 'bf16'),
		both: runs.filter(({ forward, backward }) => forward !== 'bf16' && backward !== 'bf16'),
	};
	const ownFactors = own.forward.length + own.backward.length + own.both.length > 0;
	const ownLaw = exact.length > 0;
	return {
		sets: { exact: ownLaw ? exact : exactRuns, ...own },
		ownLaw,
		ownFactors,
		source: `${runs.length} trainings of ${file.name}`,
	};
}
