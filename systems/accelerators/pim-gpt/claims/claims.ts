/** The paper's claims. Its baselines, a T4 and a Xeon running PyTorch, cannot be measured here: those ratios are quoted. */
import type { Claim, ClaimContext, Tolerance } from '@assay/contract';
import { findDevice } from '@assay/machines';
import { weightBytes } from '@assay/models';
import { namedModel, paperModelNames } from '../model/paper-models.ts';
import type { SimulationOutput } from '../outputs.ts';
import { middleToken, paperMachine } from './paper-tokens.ts';
import { publishedRatios } from './published-ratios.ts';

/** Six channels of DDR4-2666, the processor's data sheet. */
const XEON_BYTES_PER_SECOND = 6 * 2666e6 * 8;

type Token = Pick<SimulationOutput, 'token' | 'movement'> & { readonly model: string };

async function tokens(context: ClaimContext): Promise<readonly Token[]> {
	return context.once('tokens of the eight models', async () => {
		const found: Token[] = [];
		for (const model of paperModelNames) {
			found.push({ model, ...middleToken(model) });
			await context.pause();
		}
		return found;
	});
}

/** How many times longer a machine takes that reads every weight once, 16 bits each, at its full bandwidth: the largest of the eight. */
async function largestBound(context: ClaimContext, bytesPerSecond: number): Promise<number> {
	const ratios = (await tokens(context)).map(
		({ model, token }) => weightBytes(namedModel(model), 'bf16') / bytesPerSecond / token.seconds,
	);
	return Math.max(...ratios);
}

const consistent: Tolerance = {
	bound: 'at most',
	because: 'no program is faster than its memory, so a measured ratio cannot lie below this one',
};
const mild: Tolerance = {
	bound: 'at most',
	because: 'the paper calls the slowdown mild and gives no figure here; the bound of a quarter is ours',
};
const traffic: Tolerance = {
	relative: 0.3,
	because: 'what the paper counts as traffic (broadcasts, partial results, embeddings) is not known to us',
};

const unmeasured = 'The baseline is PyTorch on a machine that is not here. C6 asks whether the ratio is possible.';
const twoVersions =
	'The two versions of the paper state energies that differ by up to three times, and equal speed-ups. The baseline is not here to be measured.';

const quoted: Claim[] = publishedRatios.flatMap(({ id, of, against, lowest, highest, where }) =>
	(
		[
			['low', lowest],
			['high', highest],
		] as const
	).map(([end, value]) => ({
		id: `${id}-${end}`,
		says: `${of === 'speed' ? 'Speed-up' : 'Energy efficiency'} over a ${against}: the ${end === 'low' ? 'lowest' : 'highest'} of eight models.`,
		published: { value, unit: 'x', where },
		evidence: 'quoted' as const,
		...(end === 'low' && { comment: of === 'speed' ? unmeasured : twoVersions }),
	})),
);

export const claims: readonly Claim[] = [
	...quoted,
	{
		id: 'C5',
		says: 'About 98 % of the multiplies find their row open: mean of the eight models, all products of a token at a context of 512.',
		published: { value: 98, unit: '%', where: 'evaluation, as we recall it' },
		evidence: 'simulated',
		tolerance: { absolute: 1, because: 'the paper rounds to whole percents, over contexts that it does not name' },
		effort: 'seconds',
		measure: async (context) => {
			const rates = (await tokens(context)).map(({ token }) => token.rowHitRate);
			return (100 * rates.reduce((sum, rate) => sum + rate, 0)) / rates.length;
		},
	},
	{
		id: 'C6-gpu',
		says: 'The speed-ups over a T4 are possible: even a T4 at its full bandwidth takes this many times as long, and the published ratios lie above.',
		published: { value: 41, unit: 'x', where: 'lowest published speed-up; the bound is derived here' },
		evidence: 'simulated',
		tolerance: consistent,
		effort: 'seconds',
		comment:
			'The published ratios are five to twenty times what bandwidth alone explains. 137 times our token of GPT-2 small is 15 ms, 41 times ours of GPT-2 XL is 54 ms: plausible for eager PyTorch of 2023 with a batch of one.',
		measure: (context) => largestBound(context, findDevice('t4').memory.bandwidthBytesPerSecond),
	},
	{
		id: 'C6-cpu',
		says: 'The speed-ups over a Xeon Gold 6154 are possible in the same sense.',
		published: { value: 631, unit: 'x', where: 'lowest published speed-up; the bound is derived here' },
		evidence: 'simulated',
		tolerance: consistent,
		effort: 'seconds',
		measure: (context) => largestBound(context, XEON_BYTES_PER_SECOND),
	},
	{
		id: 'C7-asic',
		says: 'An ASIC at 100 MHz instead of 1 GHz slows GPT-3 XL only mildly.',
		published: { value: 1.25, unit: 'x', where: 'evaluation, as we recall it; the bound is ours' },
		evidence: 'simulated',
		tolerance: mild,
		effort: 'seconds',
		comment:
			'At 100 MHz softmax takes 0.16 ms and norms 0.06 ms of a token of 1.24 ms, for they need whole vectors; GELU and residual adds follow the reads of their products.',
		measure: async () => slowdown(paperMachine(0.1)),
	},
	{
		id: 'C7-pins',
		says: 'Pins at 2 Gb/s instead of 16 slow GPT-3 XL only mildly.',
		published: { value: 1.25, unit: 'x', where: 'evaluation, as we recall it; the bound is ours' },
		evidence: 'simulated',
		tolerance: mild,
		effort: 'seconds',
		comment: 'A fifth of a per cent beyond our own bound: results and vectors wait for the pins, and nothing else changes.',
		measure: async () => slowdown(paperMachine(1, 2)),
	},
	{
		id: 'C8-low',
		says: 'Data movement over the buses falls by two orders: the lowest of eight models.',
		published: { value: 110, unit: 'x', where: 'evaluation, as we recall it' },
		evidence: 'simulated',
		tolerance: traffic,
		effort: 'seconds',
		measure: async (context) => Math.min(...(await tokens(context)).map(({ movement }) => movement.reduction)),
	},
	{
		id: 'C8-high',
		says: 'And the highest.',
		published: { value: 259, unit: 'x', where: 'evaluation, as we recall it' },
		evidence: 'simulated',
		tolerance: traffic,
		effort: 'seconds',
		measure: async (context) => Math.max(...(await tokens(context)).map(({ movement }) => movement.reduction)),
	},
];

function slowdown(changed: ReturnType<typeof paperMachine>): number {
	return middleToken('gpt3-xl', changed).token.seconds / middleToken('gpt3-xl').token.seconds;
}
