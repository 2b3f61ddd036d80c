/** Failures and saves: what they cost in the usual practice, in the chosen one, and in those beside it. */
import type { RunContext } from '@assay/contract';
import { searchInterval } from '../failures/best-interval.ts';
import { bestInterval, dalyInterval, expectedGoodput, youngInterval } from '../failures/checkpoint-interval.ts';
import {
	asynchronousPolicy,
	distributedPolicy,
	type Policy,
	type PolicySetting,
	runPolicy,
	usualPolicy,
} from '../failures/policies.ts';
import { JOB_STATES, type ResponsePolicy } from '../failures/simulate-job.ts';
import type { Inputs } from '../inputs.ts';
import type { GoodputOutput, PolicyOutput } from '../outputs.ts';
import { checkpointBytesPerParameter, saveSeconds } from '../plan/save-time.ts';
import type { PreparedCluster, PreparedFailures } from '../prepare.ts';
import type { SizedModel } from '../sizing/sized-model.ts';

/** A step that the detector watches, where no plan tells its time. */
const usualStepSeconds = 10;

export function policySetting(
	inputs: Inputs,
	model: SizedModel,
	{ cluster }: PreparedCluster,
	failures: PreparedFailures,
): PolicySetting {
	const { saving } = inputs;
	return {
		nodes: cluster.nodes,
		devicesPerNode: cluster.devicesPerNode,
		classes: failures.classes,
		mtbfSeconds: failures.mtbfHours * 3600,
		restartSeconds: inputs.failures.restartMinutes * 60,
		response: responseOf(inputs),
		detection: inputs.failures.detect
			? {
					deviations: inputs.failures.detectDeviations,
					consecutiveSteps: inputs.failures.detectSteps,
					windowSteps: 200,
					stepSeconds: usualStepSeconds,
					stepNoise: inputs.failures.stepNoise,
				}
			: null,
		checkpointBytes: checkpointBytesPerParameter * model.parameters.total,
		storage: {
			writerBytesPerSecond: saving.writerGigabytesPerSecond * 1e9,
			totalBytesPerSecond: saving.storageGigabytesPerSecond * 1e9,
		},
		hostCopyBytesPerSecond: saving.hostCopyGigabytesPerSecond * 1e9,
		localIntervalSeconds: minutesToSeconds(saving.localIntervalMinutes),
		shortestIntervalSeconds: saving.shortestIntervalMinutes * 60,
	};
}

function responseOf({ failures }: Inputs): ResponsePolicy {
	const repairSeconds = failures.repairHours * 3600;
	if (failures.response === 'spares')
		return { kind: 'spares', spares: failures.spares, swapSeconds: failures.swapMinutes * 60, repairSeconds };
	if (failures.response === 'shrink') return { kind: 'shrink', repairSeconds };
	return { kind: 'restart' };
}

const minutesToSeconds = (minutes: number | undefined): number | undefined => (minutes === undefined ? undefined : minutes * 60);

/** The policy that the inputs ask for. */
export function chosenPolicy(inputs: Inputs, setting: PolicySetting): Policy {
	const interval = minutesToSeconds(inputs.saving.intervalMinutes);
	return inputs.saving.mode === 'asynchronous' ? asynchronousPolicy(setting, interval) : distributedPolicy(setting, interval);
}

export async function runGoodput(
	inputs: Inputs,
	model: SizedModel,
	prepared: PreparedCluster,
	failures: PreparedFailures,
	context: RunContext,
): Promise<{ goodput: GoodputOutput; recommendation: string }> {
	const setting = policySetting(inputs, model, prepared, failures);
	const options = { failures: inputs.failures.simulatedFailures, random: context.random.fork('failures'), pause: context.pause };
	const simulated = async (policy: Policy): Promise<PolicyOutput> => describe(policy, await runPolicy(policy, setting, options));
	const usual = await simulated(usualPolicy(setting, minutesToSeconds(inputs.saving.usualIntervalMinutes)));
	context.progress(0.2, 'usual practice');
	const policy = chosenPolicy(inputs, setting);
	const chosen = await simulated(policy);
	context.progress(0.4, 'chosen policy');
	const others: PolicyOutput[] = [];
	for (const other of [distributedPolicy(setting), asynchronousPolicy(setting)]) {
		if (other.name !== policy.name) others.push(await simulated(other));
	}
	context.progress(0.6, 'other policies');
	const month = await runPolicy(policy, setting, { ...options, recordSeconds: 30 * 86_400 });
	const closed = closedFormFacts(setting);
	const curve = [...closed.curve, ...(await simulatedCurve(policy, setting, options))];
	context.progress(0.95, 'intervals');
	const points = 100 * (chosen.goodput - usual.goodput);
	const mtbf = Number.isFinite(failures.mtbfHours) ? failures.mtbfHours : null;
	return {
		goodput: {
			checkpointBytes: setting.checkpointBytes,
			mtbfHours: mtbf,
			failuresFrom: failures.from,
			classes: failures.classes.map((one) => ({
				name: one.name,
				effect: one.effect,
				nodeMtbfHours: one.nodeMtbfHours,
				clusterMtbfHours: one.nodeMtbfHours / setting.nodes,
				weibullShape: one.weibullShape,
				logged: failures.logged?.find(({ estimate }) => estimate.name === one.name)?.failures ?? null,
			})),
			youngMinutes: closed.youngMinutes,
			dalyMinutes: closed.dalyMinutes,
			bestMinutes: closed.bestMinutes,
			usual,
			chosen,
			others,
			curve,
			month: month.spans.slice(0, 3000).map(({ state, startSeconds, endSeconds }) => ({
				state,
				startDays: startSeconds / 86_400,
				endDays: endSeconds / 86_400,
			})),
		},
		recommendation: `Save every ${chosen.intervalMinutes.toFixed(1)} min (${chosen.name}): ${(100 * chosen.goodput).toFixed(2)} % of the time is useful work, ${Math.abs(points).toFixed(2)} points ${points >= 0 ? 'more' : 'less'} than in the usual practice, at ${mtbf === null ? 'no failures' : `a failure every ${mtbf.toFixed(1)} h`} on ${setting.nodes} node${setting.nodes === 1 ? '' : 's'}.`,
	};
}

function describe({ name, save, closedForm }: Policy, run: Awaited<ReturnType<typeof runPolicy>>): PolicyOutput {
	return {
		name,
		intervalMinutes: save.intervalSeconds / 60,
		blockingSeconds: save.blockingSeconds,
		backgroundSeconds: save.backgroundSeconds,
		goodput: run.goodput,
		closedFormGoodput: closedForm,
		lostShare: run.lostSeconds / run.wallSeconds,
		failures: run.failures,
		exclusions: run.exclusions,
		states: JOB_STATES.map((state) => ({ state, share: run.stateSeconds[state] / run.wallSeconds })).filter(
			({ share }) => share > 0,
		),
	};
}

/** Young's, Daly's and the best interval of a synchronous save by all nodes, and goodput over the interval for it and for the usual writers. */
function closedFormFacts(setting: PolicySetting) {
	const { mtbfSeconds, restartSeconds, checkpointBytes, storage, nodes } = setting;
	if (!Number.isFinite(mtbfSeconds)) return { youngMinutes: null, dalyMinutes: null, bestMinutes: null, curve: [] };
	const at = (writers: number) => ({
		mtbf: mtbfSeconds,
		save: saveSeconds(checkpointBytes, writers, storage),
		restart: restartSeconds,
	});
	const all = at(nodes);
	const best = bestInterval(all);
	const curve = (
		[
			['all nodes write, all wait', nodes],
			['one node in ten writes, all wait', Math.ceil(nodes / 10)],
		] as const
	).flatMap(([series, writers]) =>
		Array.from({ length: 41 }, (_, i) => {
			const interval = best * 10 ** (i / 20 - 1);
			return {
				intervalMinutes: interval / 60,
				goodput: expectedGoodput(at(writers), interval),
				series: `closed form: ${series}`,
			};
		}),
	);
	return { youngMinutes: youngInterval(all) / 60, dalyMinutes: dalyInterval(all) / 60, bestMinutes: best / 60, curve };
}

async function simulatedCurve(
	policy: Policy,
	setting: PolicySetting,
	options: { failures: number; random: RunContext['random']; pause: () => Promise<void> },
) {
	if (!Number.isFinite(setting.mtbfSeconds)) return [];
	const wallSeconds = Math.min(options.failures * setting.mtbfSeconds, 100_000 * policy.save.intervalSeconds);
	const job = {
		nodes: setting.nodes,
		classes: setting.classes,
		save: policy.save,
		response: setting.response,
		restartSeconds: setting.restartSeconds,
		detection: setting.detection,
	};
	const { points } = await searchInterval(job, policy.save.intervalSeconds, { ...options, wallSeconds, points: 9 });
	return points.map(({ intervalSeconds, goodput }) => ({
		intervalMinutes: intervalSeconds / 60,
		goodput,
		series: `simulated: ${policy.name}`,
	}));
}
