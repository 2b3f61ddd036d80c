/** Claims about the traces, the phases and the performance model, and those that only hardware could measure. */
import { type Claim, calibrationError, createRandom, quantileSorted, sortedCopy } from '@assay/contract';
import { evaluate } from '../evaluate.ts';
import { findMachineType } from '../machine-type.ts';
import { PhaseCurves } from '../performance/phase-curves.ts';
import { readProfileRows } from '../performance/read-profile.ts';
import { predictHeldOut } from './profile-error.ts';
import { azureTrace, clusterOf, publishedServing, traceMaker } from './sweeps.ts';

const median = (values: ArrayLike<number>): number => quantileSorted(sortedCopy(values), 0.5);
const sampleNote = 'the released trace is an hour’s sample of the service that the paper describes, and the paper rounds';

export const characterizationClaims: readonly Claim[] = [
	{
		id: 'S8-coding-prompt',
		says: 'The median coding prompt has 1,500 tokens.',
		published: { value: 1500, unit: 'tokens', where: 'section III, characterization' },
		evidence: 'measured',
		tolerance: { relative: 0.05, because: sampleNote },
		effort: 'seconds',
		measure: async (context) => median((await azureTrace(context, 'coding')).promptTokens),
	},
	{
		id: 'S8-coding-output',
		says: 'The median coding answer has 13 tokens.',
		published: { value: 13, unit: 'tokens', where: 'section III, characterization' },
		evidence: 'measured',
		tolerance: { absolute: 0.5, because: 'a median of whole numbers' },
		effort: 'seconds',
		measure: async (context) => median((await azureTrace(context, 'coding')).outputTokens),
	},
	{
		id: 'S8-conversation-prompt',
		says: 'The median conversation prompt has 1,020 tokens.',
		published: { value: 1020, unit: 'tokens', where: 'section III, characterization' },
		evidence: 'measured',
		tolerance: { relative: 0.05, because: sampleNote },
		effort: 'seconds',
		measure: async (context) => median((await azureTrace(context, 'conversation')).promptTokens),
	},
	{
		id: 'S8-conversation-output',
		says: 'The median conversation answer has 129 tokens.',
		published: { value: 129, unit: 'tokens', where: 'section III, characterization' },
		evidence: 'measured',
		tolerance: { absolute: 0.5, because: 'a median of whole numbers' },
		effort: 'seconds',
		measure: async (context) => median((await azureTrace(context, 'conversation')).outputTokens),
	},
	{
		id: 'S9',
		says: 'Under mixed batching, a conversation service spends 60 to 70 % of the time with 20 active tokens or fewer.',
		published: { value: 65, unit: '%', where: 'section III, batch utilization' },
		evidence: 'simulated',
		tolerance: { absolute: 5, because: 'the paper gives the range from 60 to 70 %' },
		effort: 'seconds',
		comment:
			'The load of the paper’s experiment is not in our sources: one DGX-H100 at 2 requests/s for 20 minutes is assumed. At that load about 20 requests are active on average and a third of the time goes to batches with a prompt. The share hangs on the load: 37 % at 2 requests/s, 70 % at 1.5, 83 % at 1.',
		measure: async (context) => {
			const serving = await publishedServing(context);
			const trace = (await traceMaker(context, 'conversation', 1200))(2);
			const { simulation } = await evaluate(serving, clusterOf('baseline-h100', 1, 0), trace, { pause: context.pause });
			let few = 0;
			let all = 0;
			for (const [tokens, seconds] of simulation.secondsByBatchTokens.entries()) {
				all += seconds;
				if (tokens <= 20) few += seconds;
			}
			return (100 * few) / all;
		},
	},
	{
		id: 'S10',
		says: 'The throughput of the prompt phase is highest at about 2,048 batched tokens and falls beyond.',
		published: { value: 2048, unit: 'tokens', where: 'section III, batching' },
		evidence: 'measured',
		tolerance: { absolute: 1024, because: 'the profile has a knot at every power of two, so the peak is known to one knot' },
		effort: 'seconds',
		comment: 'The knot with the most prompt tokens per second, BLOOM-176B on a DGX-A100.',
		measure: async (context) => {
			const { profile } = findMachineType('dgx-a100', (await publishedServing(context)).machines, ['machines']);
			const curves = new PhaseCurves(profile, 'dgx-a100');
			const speed = (tokens: number): number => tokens / curves.promptSeconds(tokens);
			return profile.batchTokens.reduce((best, tokens) => (speed(tokens) > speed(best) ? tokens : best), 1);
		},
	},
	{
		id: 'S11',
		says: 'Sending the KV cache layer by layer adds 16.5 % to the latency of the second token, against 64 % in one piece.',
		published: { value: 16.5, unit: '%', where: 'section VI, KV-cache transfer' },
		evidence: 'quoted',
		comment:
			'Needs two machines with a fast network. Also quoted: at most 0.8 % (3 % in one piece) on E2E; 8 ms (A100) and 5 ms (H100) remain visible.',
	},
	{
		id: 'S12',
		says: 'Capping the GPU at half its power hardly changes the latency of the token phase.',
		published: { value: 0, unit: '%', where: 'section III, power' },
		evidence: 'quoted',
		comment:
			'Needs the hardware. The published profile of the capped H100 encodes it: token times unchanged, prompt times 1.3-fold.',
	},
	{
		id: 'S14',
		says: 'The performance model predicts held-out profiling rows with a mean absolute error below 3 %.',
		published: { value: 3, unit: '%', where: 'section V, performance model' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the paper says “below 3 %”' },
		effort: 'seconds',
		measure: async (context) => {
			const rows = await readProfileRows(await context.open('llm-phase-profiles-dgx'), context.pause);
			const { predicted, measured } = predictHeldOut(rows, createRandom('splitwise claims').fork('holdout'));
			return 100 * calibrationError(predicted, measured).mean;
		},
	},
];
