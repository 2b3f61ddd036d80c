/** From the user's inputs to what the simulation needs: model, machines with their times, and the trace. */
import { InputError, type RunContext } from '@assay/contract';
import { type DesignName, designNames, designs, splitFor } from './design.ts';
import type { Inputs } from './inputs.ts';
import { findMachineType, type MachineType } from './machine-type.ts';
import { machineTypes } from './own-machine.ts';
import type { PhaseProfile } from './performance/phase-curves.ts';
import { publishedProfile, publishedTensorParallel } from './performance/published-profiles.ts';
import { medianProfiles, profileKey, readProfileRows } from './performance/read-profile.ts';
import { rooflineProfile } from './performance/roofline.ts';
import { resolveServedModel, type ServedModel } from './served-model.ts';
import type { ClusterPlan, Serving, ServingMachine } from './serving.ts';
import { generateTrace } from './trace/generate-trace.ts';
import { embeddedLengths, type WorkloadLengths } from './trace/length-distribution.ts';
import { readTrace } from './trace/read-trace.ts';
import { accelerate, arrivalRate, type RequestTrace } from './trace/request-trace.ts';

/** Rows of a profile file, by the name of model, hardware and tensor parallelism. */
type Profiles = ReadonlyMap<string, PhaseProfile>;

const referenceMachine = 'dgx-a100';

export async function prepareServing(inputs: Inputs, meanContextTokens: number, context: RunContext): Promise<Serving> {
	const model = await resolveServedModel(inputs.model, context);
	const profiles: Profiles =
		inputs.profile.file === undefined
			? new Map()
			: medianProfiles(await readProfileRows(await context.open(inputs.profile.file), context.pause));
	const types = machineTypes(inputs, usedTypes(inputs));
	const machines = types.map(
		(type): ServingMachine => ({ ...type, ...profileFor(type, model, profiles, inputs, meanContextTokens) }),
	);
	const used = new Set(usedTypes(inputs));
	for (const machine of machines) {
		if (used.has(machine.name) && machine.profileSource === 'roofline estimate') {
			context.log('warning', `no profile of ${model.name} on ${machine.name}: its times are a roofline estimate`);
		}
		if (used.has(machine.name) && machine.dollarsPerGpuHour === 0) {
			context.log('warning', `no rent is known of ${machine.name}: it counts as free`);
		}
	}
	if (profiles.size > 0 && ![...machines].some(({ profileSource }) => profileSource === 'profile file')) {
		const wanted = profileKey(
			inputs.profile.modelName || model.profileName,
			types.map(({ hardware }) => hardware).join(' or '),
			inputs.profile.tensorParallel,
		);
		throw new InputError({
			path: ['profile', 'file'],
			found: `rows for ${[...profiles.keys()].slice(0, 6).join(', ')}`,
			expected: `rows for ${wanted}`,
		});
	}
	return {
		modelName: model.name,
		weightBytes: model.weightBytes,
		kvBytesPerToken: model.kvBytesPerToken,
		machines,
		referenceProfile: findMachineType(referenceMachine, machines, ['machines']).profile,
		tbtAtPromptLength: inputs.objectives.tbtAtPromptLength,
		objectives: { ttft: inputs.objectives.ttft, tbt: inputs.objectives.tbt, e2e: inputs.objectives.e2e },
		limits: {
			maxBatchSize: inputs.cluster.maxBatchSize,
			maxBatchTokens: inputs.cluster.maxBatchTokens,
			maxPreemptions: inputs.cluster.maxPreemptions,
		},
		maxPendingPromptTokens: inputs.cluster.maxPendingPromptTokens,
		transfer: {
			network: inputs.transfer.network,
			bytesPerSecond: inputs.transfer.gibibytesPerSecond * 1024 ** 3,
			hiddenShare: inputs.transfer.hiddenShare,
		},
		seed: context.seed,
	};
}

function profileFor(
	type: MachineType,
	model: ServedModel,
	profiles: Profiles,
	inputs: Inputs,
	meanContextTokens: number,
): Pick<ServingMachine, 'profile' | 'profileSource'> {
	const { modelName, tensorParallel } = inputs.profile;
	const own = profiles.get(profileKey(modelName || model.profileName, type.hardware, tensorParallel));
	if (own !== undefined) return { profile: own, profileSource: 'profile file' };
	const published = type.gpus === publishedTensorParallel ? publishedProfile(model.profileName, type.hardware) : undefined;
	if (published !== undefined) return { profile: published, profileSource: 'published medians' };
	const peak = {
		flopsPerSecond: type.gpus * type.peak.flopsPerSecond,
		bytesPerSecond: type.gpus * type.peak.bytesPerSecond,
	};
	return { profile: rooflineProfile(model.shape, peak, meanContextTokens), profileSource: 'roofline estimate' };
}

/** Machine types that the run will simulate. */
function usedTypes(inputs: Inputs): string[] {
	const names: (DesignName | 'custom')[] =
		inputs.mode === 'simulate'
			? [inputs.cluster.design]
			: inputs.mode === 'provision'
				? inputs.provision.designs
				: [...designNames, inputs.cluster.design];
	return names.flatMap((name) => {
		const plan = name === 'custom' ? inputs.cluster : designs[name];
		return [plan.promptType, plan.tokenType ?? plan.promptType];
	});
}

/** The cluster of a design with so many machines; left out, the paper's split. */
export function planFor(inputs: Inputs, name: DesignName | 'custom', prompts?: number, tokens?: number): ClusterPlan {
	if (name === 'custom') {
		return {
			label: 'custom',
			promptType: inputs.cluster.promptType,
			promptMachines: prompts ?? inputs.cluster.promptMachines ?? 1,
			tokenType: inputs.cluster.tokenType,
			tokenMachines: tokens ?? inputs.cluster.tokenMachines ?? 1,
			policy: inputs.cluster.scheduler,
		};
	}
	const { budget, budgetMachines } = inputs.compare;
	const [splitPrompts, splitTokens] = splitFor(name, budget, inputs.trace.workload, budgetMachines);
	const design = designs[name];
	return {
		label: name,
		promptType: design.promptType,
		promptMachines: prompts ?? splitPrompts,
		tokenType: design.tokenType,
		tokenMachines: design.tokenType === undefined ? 0 : (tokens ?? splitTokens),
		policy: design.policy,
	};
}

/** Where the run's requests come from: `at` gives a trace of any arrival rate. */
export interface Workload {
	readonly description: string;
	/** The trace as the inputs ask for it. */
	readonly trace: RequestTrace;
	/** A trace of the same requests (from a file) or of the same kind (generated) at another rate. */
	readonly at: (requestsPerSecond: number) => RequestTrace;
	/** The same for a rate that the user asks for: an InputError if the trace has no request, or more than the user allows. */
	readonly requested: (requestsPerSecond: number) => RequestTrace;
}

export async function prepareWorkload(inputs: Inputs, context: RunContext): Promise<Workload> {
	const { trace } = inputs;
	const options = {
		maxRequests: trace.maxRequests,
		pause: context.pause,
		warn: (message: string) => context.log('warning', message),
	};
	if (trace.file !== undefined) {
		const file = await context.open(trace.file);
		const read = accelerate(await readTrace(file, { ...options, mapping: trace.columns }), trace.acceleration);
		const rate = arrivalRate(read);
		const suffix = trace.acceleration === 1 ? '' : `, replayed ${trace.acceleration} times as fast`;
		return {
			description: `${file.name}: ${read.arrivalSeconds.length} requests${suffix}`,
			trace: read,
			at: (requestsPerSecond) => accelerate(read, requestsPerSecond / rate),
			requested(requestsPerSecond) {
				if (rate > 0) return accelerate(read, requestsPerSecond / rate);
				throw new InputError({
					path: [file.name],
					found: 'requests that all arrive at once',
					expected: 'a trace with a span of time, which can be replayed at other rates',
				});
			},
		};
	}
	let lengths: RequestTrace | WorkloadLengths = embeddedLengths[trace.workload];
	let origin = `embedded quantiles of the Azure ${trace.workload} trace of 2023, prompt and output independent`;
	if (trace.lengths !== undefined) {
		const file = await context.open(trace.lengths);
		lengths = await readTrace(file, { ...options, mapping: trace.columns });
		origin = `drawn from ${file.name}, prompt and output independently`;
	}
	const { durationSeconds, burstShape } = trace;
	const at = (requestsPerSecond: number): RequestTrace =>
		generateTrace({ requestsPerSecond, durationSeconds, burstShape, lengths }, context.random.fork('trace'));
	const requested = (requestsPerSecond: number): RequestTrace => {
		const expected = requestsPerSecond * durationSeconds;
		if (expected > trace.maxRequests) {
			throw new InputError({
				path: ['trace', 'maxRequests'],
				found: `about ${Math.round(expected)} requests in ${durationSeconds} s at ${requestsPerSecond} requests/s`,
				expected: `at most ${trace.maxRequests}`,
			});
		}
		const generated = at(requestsPerSecond);
		if (generated.arrivalSeconds.length === 0) {
			throw new InputError({
				path: ['trace', 'durationSeconds'],
				found: `${durationSeconds} s at ${requestsPerSecond} requests/s, in which no request arrived`,
				expected: 'a time long enough for at least one',
			});
		}
		return generated;
	};
	const gaps = burstShape === 1 ? 'Poisson arrivals' : `gamma-distributed gaps of shape ${burstShape} (bursts are our addition)`;
	return {
		description: `generated: ${trace.requestsPerSecond} requests/s for ${durationSeconds} s, ${gaps}; lengths: ${origin}`,
		trace: requested(trace.requestsPerSecond),
		at,
		requested,
	};
}

/** Tokens that a generating request attends to on average: its prompt and half its answer. */
export function meanContextTokens(trace: RequestTrace): number {
	let total = 0;
	const count = trace.promptTokens.length;
	for (let i = 0; i < count; i++) total += (trace.promptTokens[i] as number) + (trace.outputTokens[i] as number) / 2;
	return total / Math.max(1, count);
}
