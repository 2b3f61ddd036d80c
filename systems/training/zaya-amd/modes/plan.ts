/** A training plan with its sensitivities. */
import { InputError, type RunContext } from '@assay/contract';
import { runPolicy } from '../failures/policies.ts';
import type { Inputs } from '../inputs.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import type { PlanOutput } from '../outputs.ts';
import { daysAtShare, layoutProblem, type TrainingPlan, type TrainingSetup, trainingPlan } from '../plan/training-plan.ts';
import type { PreparedCluster, PreparedFailures, PreparedModel } from '../prepare.ts';
import { chosenPolicy, policySetting } from './goodput.ts';

/** Micro-batches per stage of a pipeline that keep its bubble small. */
const microBatchesPerStage = 4;

export function trainingSetup(inputs: Inputs, devices: number): TrainingSetup {
	const { training } = inputs;
	const model = training.tensorParallel * training.pipelineParallel * training.contextParallel;
	const data = Math.max(1, Math.floor(devices / model));
	const microBatches = training.pipelineParallel === 1 ? 1 : microBatchesPerStage * training.pipelineParallel;
	return {
		...training,
		efficiency: training.achievedShare,
		globalBatch: training.globalBatch ?? data * training.microBatch * microBatches,
	};
}

export async function runPlan(
	inputs: Inputs,
	model: PreparedModel,
	prepared: PreparedCluster,
	network: ClusterNetwork,
	failures: PreparedFailures,
	context: RunContext,
): Promise<{ plan: PlanOutput; recommendation: string }> {
	const { devices, rates, cluster } = prepared;
	const setup = trainingSetup(inputs, devices);
	const problem = layoutProblem(model.sized, setup, devices);
	if (problem !== undefined)
		throw new InputError({ path: ['training'], found: problem, expected: 'a layout that divides the devices and the model' });
	const setting = policySetting(inputs, model.sized, prepared, failures);
	const goodputOf = async (changed: typeof setting): Promise<number> => {
		const policy = chosenPolicy(inputs, changed);
		const options = {
			failures: inputs.failures.simulatedFailures,
			random: context.random.fork('failures'),
			pause: context.pause,
		};
		return (await runPolicy(policy, changed, options)).goodput;
	};
	context.progress(0.2, 'simulating failures');
	const goodput = await goodputOf(setting);
	if (!(goodput > 0))
		throw new InputError({
			path: ['failures'],
			found: `a failure every ${failures.mtbfHours.toPrecision(3)} h, of which the job never recovers`,
			expected: 'fewer failures, a quicker restart or shorter intervals between saves',
		});
	const costs = { devices, watts: prepared.watts, dollarsPerHour: prepared.dollarsPerHour };
	const planWith = (change: Partial<Variation>): TrainingPlan => {
		const v = { setup, rates, network, goodput, ...change };
		return trainingPlan(model.sized, v.setup, v.rates, v.network, costs, v.goodput, model.transformer);
	};
	const plan = planWith({});
	context.progress(0.5, 'sensitivities');
	const variations = await sensitivities({ setup, rates, network, goodput }, setting, goodputOf);
	const sensitivity = variations
		.map(({ input, change, less, more }) => ({ input, change, lessDays: planWith(less).days, moreDays: planWith(more).days }))
		.sort((a, b) => Math.abs(b.moreDays - b.lessDays) - Math.abs(a.moreDays - a.lessDays));
	const { products: _, ...figures } = plan;
	const fits = plan.memory.totalBytes <= cluster.device.memory.bytes;
	const layout = layoutText(setup, plan.dataParallel);
	return {
		plan: {
			...figures,
			layout,
			globalBatch: setup.globalBatch,
			deviceMemoryBytes: cluster.device.memory.bytes,
			goodput,
			atShares: [0.2, 0.3, 0.4].map((share) => ({
				share,
				days: daysAtShare(setup.tokens, plan.flopsPerToken, devices, rates.achievableFlopsPerSecond, share),
			})),
			sensitivity,
			sources: [
				{ what: 'achievable rate', from: rates.achievableFrom },
				{ what: 'memory streaming', from: rates.streamFrom },
				{ what: 'links of a node', from: network.nodeFrom },
				{ what: 'network', from: network.networkFrom },
				{ what: 'failures', from: failures.from },
				{ what: 'power', from: prepared.wattsFrom },
			],
		},
		recommendation: `${(setup.tokens / 1e12).toPrecision(3)} T tokens of ${model.sized.name} on ${devices} ${rates.name} (${layout}) take ${plan.days.toFixed(1)} days: ${(100 * plan.mfuOfPeak).toFixed(1)} % of the peak, ${(100 * goodput).toFixed(1)} % of the time useful work${fits ? '' : `; but ${(plan.memory.totalBytes / 1e9).toFixed(0)} GB do not fit into a device's ${(cluster.device.memory.bytes / 1e9).toFixed(0)} GB`}.`,
	};
}

interface Variation {
	readonly setup: TrainingSetup;
	readonly rates: PreparedCluster['rates'];
	readonly network: ClusterNetwork;
	readonly goodput: number;
}

/** What one is unsure of, a fifth down and up; rates of failure halved and doubled. */
async function sensitivities(
	base: Variation,
	setting: ReturnType<typeof policySetting>,
	goodputOf: (changed: ReturnType<typeof policySetting>) => Promise<number>,
) {
	const by = (factor: number) => ({
		'achievable rate': { rates: { ...base.rates, achievableFlopsPerSecond: factor * base.rates.achievableFlopsPerSecond } },
		'memory streaming': { rates: { ...base.rates, streamBytesPerSecond: factor * base.rates.streamBytesPerSecond } },
		'links of a node': { network: { ...base.network, node: faster(base.network.node, factor) } },
		network: { network: { ...base.network, network: faster(base.network.network, factor) } },
		'share of attention': { setup: { ...base.setup, attentionShare: Math.min(1, factor * base.setup.attentionShare) } },
		'passes over memory': { setup: { ...base.setup, memoryPasses: factor * base.setup.memoryPasses } },
		'hidden share of traffic': { setup: { ...base.setup, overlap: Math.min(1, factor * base.setup.overlap) } },
	});
	const [less, more] = [by(0.8), by(1.2)];
	const keys = Object.keys(less).filter((key): key is keyof typeof less => key in less);
	const rows: { input: string; change: string; less: Partial<Variation>; more: Partial<Variation> }[] = keys.map((key) => ({
		input: key,
		change: '-20 %, +20 %',
		less: less[key],
		more: more[key],
	}));
	const failing = async (factor: number): Promise<Partial<Variation>> => ({
		goodput: await goodputOf({
			...setting,
			mtbfSeconds: factor * setting.mtbfSeconds,
			classes: setting.classes.map((one) => ({ ...one, nodeMtbfHours: factor * one.nodeMtbfHours })),
		}),
	});
	rows.push({ input: 'time between failures', change: 'half, double', less: await failing(0.5), more: await failing(2) });
	const storing = async (factor: number): Promise<Partial<Variation>> => ({
		goodput: await goodputOf({
			...setting,
			storage: {
				writerBytesPerSecond: factor * setting.storage.writerBytesPerSecond,
				totalBytesPerSecond: factor * setting.storage.totalBytesPerSecond,
			},
		}),
	});
	rows.push({ input: 'storage', change: 'half, double', less: await storing(0.5), more: await storing(2) });
	return rows.filter((row) => [row.less.goodput, row.more.goodput].every((goodput) => goodput === undefined || goodput > 0));
}

const faster = (lines: ClusterNetwork['node'], factor: number): ClusterNetwork['node'] =>
	lines.map(({ latencySeconds, busBytesPerSecond }) => ({ latencySeconds, busBytesPerSecond: factor * busBytesPerSecond }));

function layoutText(
	{ tensorParallel, pipelineParallel, expertParallel, contextParallel, shardOptimizer }: TrainingSetup,
	dataParallel: number,
): string {
	const parts = [
		['tensor', tensorParallel],
		['pipeline', pipelineParallel],
		['context', contextParallel],
		['expert', expertParallel],
	] as const;
	const used = parts.flatMap(([name, size]) => (size > 1 ? [`${name} ${size}`] : []));
	return [`data ${dataParallel}`, ...used, ...(shardOptimizer ? ['ZeRO-1'] : [])].join(', ');
}
