/** Sizing: every product of the model on the device, the rules, and other widths. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import type { SizingOutput } from '../outputs.ts';
import type { PreparedCluster, PreparedModel } from '../prepare.ts';
import { readGemmLog } from '../sizing/gemm-log.ts';
import { productSeconds, productTimes } from '../sizing/product-times.ts';
import { checkRules } from '../sizing/rules.ts';
import { searchWidths } from '../sizing/width-search.ts';

const mostMeasured = 500;

export async function runSizing(
	inputs: Inputs,
	model: PreparedModel,
	{ cluster, rates }: PreparedCluster,
	context: RunContext,
): Promise<{ sizing: SizingOutput; recommendation: string }> {
	const { training } = inputs;
	const batch = {
		tokens: Math.max(1, Math.round((training.microBatch * training.sequenceTokens) / training.contextParallel)),
		sequenceTokens: training.sequenceTokens,
		tensorParallel: training.tensorParallel,
		expertParallel: training.expertParallel,
	};
	const products = productTimes(model.sized, batch, rates);
	const mesh = cluster.intraNode?.kind === 'infinity-fabric' ? cluster.devicesPerNode : 0;
	const rules = checkRules(model.sized, batch, rates, training.tensorParallel, mesh);
	context.progress(0.2, 'searching widths');
	const search = await searchWidths(model.shape, {
		budget: inputs.sizing.budget,
		tolerance: inputs.sizing.tolerancePercent / 100,
		batch,
		rates,
		attentionShare: training.attentionShare,
		keep: inputs.sizing.keep,
		pause: context.pause,
	});
	const measured = await readMeasured(inputs, rates, context);
	const warnings = rules.filter(({ verdict }) => verdict === 'warn').length;
	const best = search.best[0];
	const budgetOf = ({ totalParameters, flopsPerToken }: typeof search.own): number =>
		inputs.sizing.budget === 'parameters' ? totalParameters : flopsPerToken;
	const cost = (one: typeof search.own): number => one.trainingSecondsPerToken / budgetOf(one);
	const gain = best === undefined ? 1 : cost(search.own) / cost(best);
	const alternative =
		best === undefined || gain < 1.005
			? 'no other shape of about that size is noticeably faster.'
			: `${best.layers} layers of ${best.hidden} with ${best.heads} heads and an inner width of ${best.feedForward}${best.experts === null ? '' : ` in ${best.experts} experts`} would train ${(100 * (gain - 1)).toFixed(1)} % faster for its size.`;
	return {
		sizing: {
			device: {
				name: rates.name,
				peakTeraflops: rates.peakFlopsPerSecond / 1e12,
				achievableTeraflops: rates.achievableFlopsPerSecond / 1e12,
				streamGigabytesPerSecond: rates.streamBytesPerSecond / 1e9,
				computeUnits: rates.computeUnits,
			},
			rules: rules.map((rule) => ({ ...rule })),
			products: products.map(({ name, pass, m, n, k, groups, layers, fill, bound, seconds, totalSeconds }) => ({
				name,
				pass,
				m,
				n,
				k,
				groups,
				layers,
				tile: fill === undefined ? null : `${fill.tile[0]} x ${fill.tile[1]}`,
				waves: fill?.waves ?? null,
				waveEfficiency: fill?.efficiency ?? null,
				bound,
				microseconds: seconds * 1e6,
				totalMilliseconds: totalSeconds * 1e3,
				teraflops: (2 * groups * m * n * k) / seconds / 1e12,
				intensity: (m * n * k) / (m * k + k * n + m * n),
			})),
			measured,
			own: search.own,
			alternatives: [...search.best],
			tried: search.tried,
			withinBudget: search.withinBudget,
		},
		recommendation: `${model.sized.name} runs at ${(100 * search.own.efficiency).toFixed(0)} % of what ${rates.name} achieves on ${batch.tokens} tokens, with ${warnings} of ${rules.length} rules missed; ${alternative}`,
	};
}

async function readMeasured(
	inputs: Inputs,
	rates: PreparedCluster['rates'],
	context: RunContext,
): Promise<SizingOutput['measured']> {
	if (inputs.sizing.gemmLog === undefined) return [];
	const file = await context.open(inputs.sizing.gemmLog);
	return readGemmLog(await file.text(16 << 20), file.name)
		.slice(0, mostMeasured)
		.map(({ m, n, k, groups, seconds }) => ({
			shape: `${groups === 1 ? '' : `${groups} x `}${m} x ${n} x ${k}`,
			measuredMicroseconds: seconds * 1e6,
			predictedMicroseconds: productSeconds(m, n, k, groups, rates).seconds * 1e6,
			measuredTeraflops: (2 * groups * m * n * k) / seconds / 1e12,
		}));
}
