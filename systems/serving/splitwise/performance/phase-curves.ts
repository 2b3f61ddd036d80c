/**
 * How long one iteration of a machine takes. Two measured curves over the number of tokens in the batch, one for prompts
 * and one for output tokens, joined by straight lines and continued straight beyond their ends (the published simulator's
 * performance model). A batch that mixes both phases costs 1.1 times its tokens on the prompt curve.
 */
import { InputError } from '@assay/contract';

/** Knots of the two curves of one model on one machine; `batchTokens` strictly ascending, times in seconds. */
export interface PhaseProfile {
	readonly batchTokens: readonly number[];
	readonly promptSeconds: readonly number[];
	readonly tokenSeconds: readonly number[];
}

/** Cost of running prompts and tokens in one batch, relative to the prompt curve at the same number of tokens (published simulator). */
export const mixedBatchFactor = 1.1;

export class PhaseCurves {
	private readonly knots: Float64Array;
	private readonly prompt: Float64Array;
	private readonly token: Float64Array;

	/** `where` names the profile in errors. */
	constructor(profile: PhaseProfile, where: string) {
		this.knots = Float64Array.from(profile.batchTokens);
		this.prompt = Float64Array.from(profile.promptSeconds);
		this.token = Float64Array.from(profile.tokenSeconds);
		if (this.knots.length < 2) {
			throw new InputError({
				path: [where],
				found: `${this.knots.length} batch size(s)`,
				expected: 'at least two different numbers of batch tokens (prompt_size * batch_size), so that a line can be drawn',
			});
		}
	}

	/** Seconds of an iteration over prompts of `batchTokens` tokens together. */
	promptSeconds(batchTokens: number): number {
		return interpolate(this.knots, this.prompt, batchTokens);
	}

	/** Seconds of an iteration that gives each of `batchTokens` requests one more token. */
	tokenSeconds(batchTokens: number): number {
		return interpolate(this.knots, this.token, batchTokens);
	}

	/** Seconds of an iteration over prompts and tokens together. */
	mixedSeconds(batchTokens: number): number {
		return mixedBatchFactor * interpolate(this.knots, this.prompt, batchTokens);
	}

	/** Raises an InputError if a curve, continued straight, is not above zero everywhere from 1 to `most` tokens. */
	requirePositive(most: number, where: string): void {
		const places = [1, ...this.knots, Math.max(1, most)].filter((tokens) => tokens >= 1 && tokens <= Math.max(1, most));
		for (const tokens of places) {
			for (const [phase, seconds] of [
				['prompt', this.promptSeconds(tokens)],
				['token', this.tokenSeconds(tokens)],
			] as const) {
				if (!(seconds > 0 && seconds < 1e6)) {
					throw new InputError({
						path: [where],
						found: `a ${phase} time of ${seconds} s at ${tokens} batch tokens (continued straight from the profile)`,
						expected: 'a profile whose times stay above zero over the sizes of this trace',
					});
				}
			}
		}
	}
}

function interpolate(knots: Float64Array, values: Float64Array, at: number): number {
	let right = 1;
	const last = knots.length - 1;
	while (right < last && at > (knots[right] as number)) right++;
	const x = knots[right - 1] as number;
	const y = values[right - 1] as number;
	return y + (((values[right] as number) - y) / ((knots[right] as number) - x)) * (at - x);
}
