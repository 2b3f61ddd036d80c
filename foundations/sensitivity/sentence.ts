/** What matters most, in plain words. */
import type { Share } from './factor.ts';
import type { Sensitivity } from './sensitivity.ts';

/** Shares below this hardly matter. */
const LITTLE = 0.05;
/** Factors that the sentence names. */
const MOST_NAMED = 4;
/** How far the sum of shares passes 1 before the sentence says why. */
const TOGETHER = 0.1;

/** One or two sentences; `output` is what the reader calls the output. */
export function sensitivitySentence(result: Sensitivity, output: string): string {
	if (!result.isKnown) return `What matters most for ${output} cannot be said. ${result.reason}`;
	const [first, ...others] = result.factors;
	if (first === undefined) return `Nothing was varied.`;
	const second = others[0]?.total;
	// A grid's shares are exact: there the first is the first.
	const isClear = second === undefined || first.total.low >= second.high;
	const named = others.filter(({ total }) => total.value >= LITTLE).slice(0, MOST_NAMED - 1);
	const rest = others.length - named.length;
	const isRestSmall = others.slice(named.length).every(({ total }) => total.value < LITTLE);
	const parts = [
		`\`${first.name}\` ${isClear ? 'matters' : 'seems to matter'} most: it accounts for ${percent(first.total)} of what varies in ${output}`,
		...named.map(({ name, total }, index) => `\`${name}\` ${index === 0 ? 'for ' : ''}${percent(total)}`),
	];
	if (rest > 0)
		parts.push(
			isRestSmall
				? rest === 1
					? `\`${others.at(-1)?.name}\` hardly matters`
					: 'the rest hardly matters'
				: `${rest} others for less each`,
		);
	const sum = result.factors.reduce((total, factor) => total + factor.total.value, 0);
	const together = sum > 1 + TOGETHER ? ' The shares add up to more than 100 % because inputs act together.' : '';
	return `${parts.join('; ')}.${together}`;
}

function percent({ value, low, high }: Share): string {
	const half = Math.round(50 * (high - low));
	const text = `${Math.round(100 * Math.max(0, value))} %`;
	return high === low ? text : `${text} (±${half})`;
}

/** How the shares were found, in one sentence. */
export function sensitivityBasis(result: Sensitivity): string {
	if (!result.isKnown) return '';
	const runs = result.runs.toLocaleString('en-US');
	switch (result.basis) {
		case 'grid':
			return `Exact: all combinations of the values were run (${runs} runs).`;
		case 'saltelli':
			return `Sobol indices with 95 % intervals, from ${runs} runs of a design made for them.`;
		case 'surrogate': {
			const of =
				result.runs < result.available
					? `a sample of ${runs} of ${result.available.toLocaleString('en-US')} runs`
					: `${runs} runs`;
			return `Estimated with 95 % intervals: trees fitted to ${of} foretell ${Math.round(100 * (result.explained ?? 0))} % of what varies on runs they have not seen.`;
		}
	}
}
