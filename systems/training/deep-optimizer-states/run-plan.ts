/** Predicts the step on the user's machine over strides, ratios and sub-group sizes. */
import { InputError, type RunContext } from '@assay/contract';
import { type Cluster, readMachine } from '@assay/machines';
import { parameterCount, readModel, type TransformerModel } from '@assay/models';
import { deepSpeedConfig, readDeepSpeedConfig } from './deepspeed-config.ts';
import { type LoggedPhases, readDeepSpeedLog } from './deepspeed-log.ts';
import { explain } from './explain.ts';
import type { Inputs } from './inputs.ts';
import { describePublishedModel, findPublishedModel, type PublishedModel } from './model/published-models.ts';
import { cutSubGroups, tensorSizes } from './model/sub-groups.ts';
import type { PlanOutput, SettingOutput } from './outputs.ts';
import { fitRates, type RateFit } from './rates/fit-rates.ts';
import { loggedCompute, ratesOf } from './rates/node-rates.ts';
import { stateBytes, type UpdateRates } from './rates/update-rates.ts';
import { bestChoice, type Choice, evaluateChoices } from './step/choose.ts';
import { type ComputeSeconds, estimateCompute, type StepWork, scaleMeasured } from './step/compute-time.ts';
import { deviceMemory, usableBytes } from './step/device-memory.ts';
import { stepSeconds } from './step/step-time.ts';
import { simulateUpdate } from './update/simulate-update.ts';
import { LANES } from './update/update-jobs.ts';
import { patternOf, planUpdate } from './update/update-plan.ts';
import { updateSeconds } from './update/update-time.ts';

/** Ratios that are tried beside the asked one. */
const RATIOS = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
/** Sub-group sizes that are tried beside the asked one. */
const SIZES = [1e7, 5e7, 1e8, 2e8, 5e8, 1e9];
/** Spans that a time line shows. */
const SHOWN_SPANS = 400;

/** Everything a plan depends on, read and checked. */
interface Prepared {
	readonly published: PublishedModel | undefined;
	readonly work: StepWork;
	readonly cluster: Cluster;
	readonly parameters: number;
	readonly ratio: number;
	readonly subGroupSize: number;
	readonly rates: UpdateRates;
	readonly ratesSource: string;
	readonly fit: RateFit | null;
	readonly compute: ComputeSeconds;
	readonly computeSource: string;
}

export async function runPlan(inputs: Inputs, context: RunContext): Promise<{ plan: PlanOutput; answer: string }> {
	context.progress(0, 'reading');
	const prepared = await prepare(inputs, context);
	await context.pause();
	context.progress(0.2, 'evaluating settings');
	const { work, cluster, parameters, ratio, subGroupSize, rates, compute, published } = prepared;
	const sizes = tensorSizes(work.model);
	const groupsOf = (size: number): number[] => cutSubGroups(sizes, work.ranks, size);
	const groups = groupsOf(subGroupSize);
	const strides = Array.from({ length: inputs.largestStride - 1 }, (_, i) => i + 2).filter((stride) => stride <= groups.length);
	const hostNode = inputs.hostGigabytes === undefined ? (cluster.host?.memoryBytes ?? null) : inputs.hostGigabytes * 1e9;
	const deviceBytes = usableBytes(cluster.device.memory.bytes);
	const largestOf = (size: number) => ({ size, largest: Math.max(...groupsOf(size)) });
	const request = {
		work,
		parameters,
		compute,
		rates,
		otherSeconds: 0,
		strides,
		deviceBytes,
		hostBytes: hostNode === null ? null : hostNode / cluster.devicesPerNode,
	};
	const label = inputs.labelBillions === undefined ? (published?.labelParameters ?? null) : inputs.labelBillions * 1e9;
	const total = parameterCount(work.model).total;
	const setting = (name: string, choice: Choice): SettingOutput => ({
		name,
		ratio: choice.ratio,
		stride: choice.stride,
		subGroupSize: choice.subGroupSize,
		step: choice.step,
		updatesPerSecond: total / choice.step.update,
		labelUpdatesPerSecond: label === null ? null : label / choice.step.update,
		peakBytes: choice.memory.peakBytes,
		hostBytes: choice.hostBytes,
		isFeasible: choice.isFeasible,
		missingBytes: choice.missingBytes,
		missingWhere: choice.missingWhere,
	});

	const asked = evaluateChoices({ ...request, ratios: [ratio], subGroups: [largestOf(subGroupSize)] });
	const [first, ...strided] = asked;
	if (first === undefined) throw new Error('the default update is always evaluated');
	const flushOnly: Choice = {
		...first,
		step: stepSeconds(parameters, { ratio, stride: null, asynchronousFlush: true }, compute, rates),
	};
	const ratios = [...new Set([ratio, ...RATIOS])].sort((a, b) => b - a);
	const subGroups = [...new Set([subGroupSize, ...SIZES])].sort((a, b) => a - b).map(largestOf);
	const all = evaluateChoices({ ...request, ratios, subGroups });
	await context.pause();
	context.progress(0.7, 'simulating the update');
	const baseline = bestChoice(all.filter(({ stride }) => stride === null));
	const best = bestChoice(all.filter(({ stride }) => stride !== null));
	const shown = bestChoice(strided) ?? strided[0] ?? first;
	const updatePlan = planUpdate(groups, ratio, shown.stride);
	const { jobs, schedule } = simulateUpdate(updatePlan, rates);
	const strategies = [
		setting('default', first),
		setting('asynchronous flush', flushOnly),
		...strided.map((choice) => setting(`stride ${choice.stride}`, choice)),
	];
	const chosen = best ?? baseline ?? first;
	await context.artifact(
		'deepspeed.json',
		`${JSON.stringify(
			deepSpeedConfig({
				microBatch: work.microBatch,
				accumulation: work.accumulation,
				ratio: chosen.ratio,
				stride: chosen.stride,
				subGroupSize: chosen.subGroupSize,
			}),
			null,
			2,
		)}\n`,
		'application/json',
	);
	const plan: PlanOutput = {
		model: { name: work.model.name, parameters: total, labelParameters: label },
		machine: cluster.name,
		ranks: work.ranks,
		parametersPerRank: parameters,
		subGroups: {
			count: groups.length,
			largest: Math.max(...groups),
			pattern: patternOf({ ...updatePlan, places: updatePlan.places.slice(0, 24) }) + (groups.length > 24 ? ' …' : ''),
		},
		rates: {
			source: prepared.ratesSource,
			inlineCpu: rates.inlineCpuPerSecond,
			cpu: rates.cpuPerSecond,
			link: rates.linkBytesPerSecond,
			gpu: rates.gpuPerSecond,
			flush: rates.flushPerSecond,
		},
		fit:
			prepared.fit === null
				? []
				: Object.entries(prepared.fit.relativeUncertainty).map(([name, relativeUncertainty]) => ({
						rate: name,
						relativeUncertainty,
					})),
		residuals: inputs.measurements.map(({ ratio: share, stride, milliseconds }) => {
			const asStride = stride === 0 ? null : stride;
			return {
				ratio: share,
				stride: asStride,
				measured: milliseconds / 1000,
				predicted: updateSeconds({ parameters, ratio: share, stride: asStride }, rates),
			};
		}),
		computeSource: prepared.computeSource,
		strategies,
		twinFlow: evaluateChoices({ ...request, ratios, strides: [], subGroups: [largestOf(subGroupSize)] }).map((choice) =>
			setting(`TwinFlow ${choice.ratio}`, choice),
		),
		baseline: baseline === undefined ? null : setting('default', baseline),
		best: best === undefined ? null : setting(`stride ${best.stride}`, best),
		map: ratios.flatMap((one) =>
			[null, ...strides].map((stride) => ({
				ratio: one,
				stride: stride === null ? 'default' : String(stride),
				total: bestChoice(all.filter((choice) => choice.ratio === one && choice.stride === stride))?.step.total ?? null,
			})),
		),
		limitSeconds:
			(ratio * parameters) / (rates.cpuPerSecond + rates.linkBytesPerSecond / (2 * stateBytes)) +
			((1 - ratio) * parameters) / rates.gpuPerSecond,
		simulatedUpdateSeconds: schedule.makespanSeconds,
		utilisation: LANES.map((lane, i) => ({
			lane,
			share: schedule.makespanSeconds > 0 ? (schedule.busySeconds[i] as number) / schedule.makespanSeconds : 0,
		})),
		timeline: jobs.slice(0, SHOWN_SPANS).map(({ lane, kind }, job) => ({
			lane: LANES[lane] as string,
			job: kind,
			start: schedule.startSeconds[job] as number,
			end: schedule.endSeconds[job] as number,
		})),
		memory: memoryRows(prepared, chosen),
		deviceBytes,
		explanation: explain(rates, strides, { parameters, ratio }),
	};
	await context.pause();
	context.progress(1, 'done');
	return { plan, answer: answerOf(plan) };
}

async function prepare(inputs: Inputs, context: RunContext): Promise<Prepared> {
	const published = inputs.model.config === undefined ? findPublishedModel(inputs.model.name) : undefined;
	const model: TransformerModel =
		published === undefined ? await readModel(inputs.model, context) : describePublishedModel(published);
	const cluster = await readMachine(inputs.machine, context);
	if (cluster.device.kind === 'cpu')
		throw new InputError({ path: ['machine', 'name'], found: `${cluster.name}, a processor`, expected: 'a machine with GPUs' });
	const settings = inputs.config === undefined ? undefined : await readDeepSpeedConfig(await context.open(inputs.config));
	const log = inputs.log === undefined ? undefined : await readDeepSpeedLog(await context.open(inputs.log), context.pause);
	if (log?.isTruncated === true) context.log('warning', 'the log ends within a step: that step is left out');
	const ranks = cluster.nodes * cluster.devicesPerNode;
	const ratio = settings?.ratio ?? inputs.ratio;
	const parameters = parameterCount(model).total / ranks;
	const work: StepWork = {
		model,
		ranks,
		microBatch: settings?.microBatch ?? inputs.microBatch,
		accumulation: settings?.accumulation ?? inputs.accumulation,
		sequenceTokens: inputs.sequenceTokens,
	};
	const found = findRates(inputs, cluster, parameters, ratio, log);
	return {
		published,
		work,
		cluster,
		parameters,
		ratio,
		subGroupSize: settings?.subGroupSize ?? inputs.subGroupSize,
		...found,
		...computeOf(work, cluster, ratio, log, found.rates, parameters),
	};
}

/** The user's own figures first, then measurements, then the log, then what is known of the machine. */
function findRates(
	inputs: Inputs,
	cluster: Cluster,
	parameters: number,
	ratio: number,
	log: LoggedPhases | undefined,
): { rates: UpdateRates; ratesSource: string; fit: RateFit | null } {
	const known = ratesOf(cluster);
	const { rates: own, measurements } = inputs;
	const fit =
		measurements.length === 0
			? null
			: fitRates(
					measurements.map(({ ratio: share, stride, milliseconds }) => {
						if (stride === 1)
							throw new InputError({
								path: ['measurements'],
								found: 'stride 1',
								expected: '0 for the default update, or from 2',
							});
						return { parameters, ratio: share, stride: stride === 0 ? null : stride, seconds: milliseconds / 1000 };
					}),
				);
	const sources: string[] = [];
	const fromLog = log === undefined ? undefined : inlineRateOf(log, parameters, ratio, own.gpu, known?.rates.gpuPerSecond);
	const scaled = known !== null && fromLog !== undefined ? fromLog / known.rates.inlineCpuPerSecond : 1;
	const pick = (ownBillions: number | undefined, fitted: number | undefined, base: number | undefined, name: string): number => {
		const value = ownBillions === undefined ? (fitted ?? base) : ownBillions * 1e9;
		if (value !== undefined) return value;
		throw new InputError({
			path: ['rates', name],
			found: `nothing, and nothing is known of the host of ${cluster.name}`,
			expected: 'a rate, measurements, or a machine with a host',
		});
	};
	const base = known?.rates;
	const rates: UpdateRates = {
		inlineCpuPerSecond: pick(own.inlineCpu, fit?.rates.inlineCpuPerSecond ?? fromLog, base?.inlineCpuPerSecond, 'inlineCpu'),
		cpuPerSecond: pick(own.cpu, fit?.rates.cpuPerSecond, base && base.cpuPerSecond * scaled, 'cpu'),
		linkBytesPerSecond: pick(own.link, fit?.rates.linkBytesPerSecond, base?.linkBytesPerSecond, 'link'),
		gpuPerSecond: pick(own.gpu, fit?.rates.gpuPerSecond, base?.gpuPerSecond, 'gpu'),
		flushPerSecond: pick(own.flush, undefined, base && base.flushPerSecond * scaled, 'flush'),
	};
	if (Object.values(own).some((value) => value !== undefined)) sources.push('given');
	if (fit !== null) sources.push('fitted to the measurements given');
	else if (fromLog !== undefined) sources.push('scaled to the log');
	if (known !== null) sources.push(known.source);
	return { rates, ratesSource: sources.join(', '), fit };
}

/** The default update's rate on the CPU, from its time. */
function inlineRateOf(
	log: LoggedPhases,
	parameters: number,
	ratio: number,
	ownGpu: number | undefined,
	knownGpu: number | undefined,
): number | undefined {
	const gpu = ownGpu === undefined ? knownGpu : ownGpu * 1e9;
	const resident = gpu === undefined ? 0 : ((1 - ratio) * parameters) / gpu;
	const seconds = log.updateSeconds - resident;
	return ratio > 0 && seconds > 0 ? (ratio * parameters) / seconds : undefined;
}

function computeOf(
	work: StepWork,
	cluster: Cluster,
	ratio: number,
	log: LoggedPhases | undefined,
	rates: UpdateRates,
	parameters: number,
): { compute: ComputeSeconds; computeSource: string; rates: UpdateRates } {
	if (log !== undefined) {
		// A backward pass takes at least twice its forward; what is left of the log's beyond that is the most the flush can be.
		const least = Math.min(log.backwardSeconds, 2 * log.forwardSeconds);
		const backward = Math.max(least, log.backwardSeconds - (ratio * parameters) / rates.flushPerSecond);
		const flushSeconds = log.backwardSeconds - backward;
		return {
			compute: { forward: log.forwardSeconds, backward },
			computeSource: 'the log given, less the blocking flush',
			rates: flushSeconds > 0 ? { ...rates, flushPerSecond: (ratio * parameters) / flushSeconds } : rates,
		};
	}
	const logged = loggedCompute(work.model.name, cluster);
	if (logged !== null)
		return {
			compute: scaleMeasured(logged, work, cluster),
			computeSource: 'phases that the authors logged for this model',
			rates,
		};
	return {
		compute: estimateCompute(work, cluster),
		computeSource: 'estimated from arithmetic and the gathering of parameters',
		rates,
	};
}

function memoryRows({ work, parameters }: Prepared, { ratio, stride, subGroupSize }: Choice): PlanOutput['memory'] {
	const largest = Math.max(...cutSubGroups(tensorSizes(work.model), work.ranks, subGroupSize));
	const memory = deviceMemory({ work, parameters, ratio, stride, subGroup: largest });
	const always = [
		{ part: '16-bit weights, gradients and buckets', bytes: memory.partitionBytes },
		{ part: 'state that stays', bytes: memory.residentBytes },
		{ part: 'gradients kept for GPU updates', bytes: memory.keptGradientBytes },
	];
	const row = (phase: string) => (one: { part: string; bytes: number }) => ({ phase, ...one });
	return [
		...[...always, { part: 'activations and logits', bytes: memory.activationBytes }].map(row('forward and backward')),
		...[...always, { part: 'state of one sub-group', bytes: memory.slotBytes }].map(row('update')),
	];
}

function answerOf({ best, baseline, model, machine, strategies }: PlanOutput): string {
	const first = strategies[0];
	if (best === null) {
		const gigabytes = ((first?.missingBytes ?? 0) / 1e9).toFixed(1);
		return `${model.name} does not fit on ${machine}: ${gigabytes} GB are missing on the ${first?.missingWhere ?? 'GPU'}.`;
	}
	const settingText = `stride ${best.stride}, ${Math.round(100 * best.ratio)} % offloaded, sub-groups of ${(best.subGroupSize / 1e6).toLocaleString('en-US')} million parameters`;
	if (baseline === null) return `${model.name} on ${machine}: ${settingText} gives ${best.step.total.toFixed(2)} s a step.`;
	const ratio = baseline.step.total / best.step.total;
	const asked = strategies
		.filter(({ stride, isFeasible }) => stride !== null && isFeasible)
		.sort((a, b) => a.step.total - b.step.total)[0];
	const atAsked =
		asked === undefined || first === undefined || asked.ratio === best.ratio
			? ''
			: ` With ${Math.round(100 * asked.ratio)} % offloaded as asked: ${asked.step.total.toFixed(2)} s with stride ${asked.stride}, ${(first.step.total / asked.step.total).toFixed(2)} times as fast as by default.`;
	return `${model.name} on ${machine}: ${settingText} gives ${best.step.total.toFixed(2)} s a step, ${ratio.toFixed(2)} times as fast as the default update at its best ratio (${baseline.step.total.toFixed(2)} s).${atAsked}`;
}
