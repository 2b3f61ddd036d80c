/** Claims about what clusters of the same cost, power or throughput achieve. */
import type { MeasuredClaim, Tolerance } from '@assay/contract';
import { splitFor } from '../design.ts';
import { clusterTotals } from '../serving.ts';
import { bestRateWithin, clusterOf, provisioned, publishedServing, rateRatio, sustainedRate } from './sweeps.ts';

const withinSweep: Tolerance = {
	relative: 0.15,
	because:
		'our traces are 2 minutes of redrawn lengths and the paper’s 10 to 20; rates near saturation move by about a tenth with the draw',
};

const baselineH100 = clusterOf('baseline-h100', 40, 0);
const baselineA100 = clusterOf('baseline-a100', 70, 0);

export const throughputClaims: readonly MeasuredClaim[] = [
	{
		id: 'S1',
		says: 'At 20 % lower cost, the best Splitwise cluster serves 1.4 times the rate of today’s designs.',
		published: { value: 1.4, unit: 'x', where: 'abstract' },
		evidence: 'simulated',
		tolerance: withinSweep,
		effort: 'minutes',
		comment:
			'Taken as: the best split of any Splitwise design at 80 % of the rent of 40 unsplit DGX-H100, conversation service, against those 40. Ours finds hardly more than the same rate, 123 against 121 requests/s, with a Splitwise-HA cluster; every design gives out at the tail of the time to the first token. The abstract does not say which service, design and baseline it compares.',
		measure: async (context) => {
			const rent = clusterTotals(await publishedServing(context), baselineH100).dollarsPerHour;
			const best = await bestRateWithin(context, 'conversation', 0.8 * rent);
			return best / (await sustainedRate(context, 'conversation', baselineH100));
		},
	},
	{
		id: 'S2',
		says: 'At the same cost and power, Splitwise serves 2.35 times the rate of today’s designs.',
		published: { value: 2.35, unit: 'x', where: 'abstract' },
		evidence: 'simulated',
		tolerance: withinSweep,
		effort: 'minutes',
		comment:
			'Taken as: Splitwise-AA against the same 70 DGX-A100 unsplit (same machines, so same cost and power), the larger of the two services.',
		measure: async (context) => {
			const ratios: number[] = [];
			for (const workload of ['coding', 'conversation'] as const) {
				const split = splitFor('splitwise-aa', 'iso-power', workload);
				ratios.push(await rateRatio(context, workload, clusterOf('splitwise-aa', ...split), baselineA100));
			}
			return Math.max(...ratios);
		},
	},
	{
		id: 'S3',
		says: 'At equal power, Splitwise-AA (45 + 25) serves 2.15 times the conversation rate of 70 DGX-A100.',
		published: { value: 2.15, unit: 'x', where: 'section VI, iso-power throughput-optimised clusters' },
		evidence: 'simulated',
		tolerance: withinSweep,
		effort: 'seconds',
		measure: (context) => rateRatio(context, 'conversation', clusterOf('splitwise-aa', 45, 25), baselineA100),
	},
	{
		id: 'S4',
		says: 'At equal power, Splitwise-HA serves 1.18 times the rate at 10 % lower cost.',
		published: { value: 1.18, unit: 'x', where: 'section VI, iso-power throughput-optimised clusters' },
		evidence: 'simulated',
		tolerance: withinSweep,
		effort: 'seconds',
		comment:
			'Measured against 40 DGX-H100: 25 H100 + 26 A100 cost 7 % less than those, but 14 % more than 70 DGX-A100, so “at lower cost” can only mean Baseline-H100.',
		measure: (context) => rateRatio(context, 'conversation', clusterOf('splitwise-ha', 25, 26), baselineH100),
	},
	{
		id: 'S5',
		says: 'At equal cost, Splitwise-AA (51 + 35) serves 1.4 times the conversation rate of 40 DGX-H100.',
		published: { value: 1.4, unit: 'x', where: 'section VI, iso-cost throughput-optimised clusters' },
		evidence: 'simulated',
		tolerance: withinSweep,
		effort: 'seconds',
		comment:
			'Ours is 137 against 121 requests/s and the same on 10-minute traces (137 against 118), so it is not the trace’s length. The baseline gives out at the median time between tokens, whose reference the published code looks up at the prompt’s length; looked up at one token the ratio is 1.19, and for the coding service it is 1.75. The paper’s figure lies between the two services.',
		measure: (context) => rateRatio(context, 'conversation', clusterOf('splitwise-aa', 51, 35), baselineH100),
	},
	{
		id: 'S6',
		says: 'At the throughput, cost and space of 40 DGX-H100, Splitwise-HHcap draws 25 % less power.',
		published: { value: 25, unit: '%', where: 'section VI, iso-throughput power-optimised clusters' },
		evidence: 'simulated',
		tolerance: {
			absolute: 10,
			because: 'one machine of 40 is 2.5 points, and the rate to match moves by about a tenth with the draw',
		},
		effort: 'minutes',
		comment:
			'The least power of any Splitwise-HHcap cluster of at most 40 machines at the rate that 40 unsplit DGX-H100 sustain.',
		measure: async (context) => {
			const rate = await sustainedRate(context, 'conversation', baselineH100);
			const { frontier } = await provisioned(context, 'conversation', 'splitwise-hhcap', rate, 39, 39);
			const allowed = frontier.filter(({ machines }) => machines <= 40).map(({ relativePower }) => relativePower);
			return 100 * (1 - Math.min(...allowed) / 40);
		},
	},
	{
		id: 'S7',
		says: 'At the throughput of 40 DGX-H100, Splitwise-AA costs 25 % less.',
		published: { value: 25, unit: '%', where: 'section VI, iso-throughput cost-optimised clusters' },
		evidence: 'simulated',
		tolerance: { absolute: 11.25, because: '15 % of the remaining cost of 75 %, as for the other sweeps' },
		effort: 'minutes',
		measure: async (context) => {
			const rate = await sustainedRate(context, 'conversation', baselineH100);
			const { cheapest } = await provisioned(context, 'conversation', 'splitwise-aa', rate, 70, 40);
			const rent = clusterTotals(await publishedServing(context), baselineH100).dollarsPerHour;
			return cheapest === undefined ? Number.NaN : 100 * (1 - cheapest.dollarsPerHour / rent);
		},
	},
	{
		id: 'S13',
		says: 'A cluster tuned for the other service loses 7 % of its throughput.',
		published: { value: 7, unit: '%', where: 'section VI, workload changes' },
		evidence: 'simulated',
		tolerance: { absolute: 5, because: 'a loss is the difference of two rates found to 1 request/s on one draw each' },
		effort: 'seconds',
		comment:
			'Splitwise-HH split for coding (35 + 5) under the conversation service, against the split for conversation (25 + 15). The mixed pool borrows what the wrong split lacks: 127 against 129 requests/s.',
		measure: async (context) => {
			const wrong = clusterOf('splitwise-hh', ...splitFor('splitwise-hh', 'iso-power', 'coding'));
			const tuned = clusterOf('splitwise-hh', ...splitFor('splitwise-hh', 'iso-power', 'conversation'));
			return 100 * (1 - (await rateRatio(context, 'conversation', wrong, tuned)));
		},
	},
];
