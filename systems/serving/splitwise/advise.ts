/** Whether splitting would pay off for a model that is to be served on given machines. */
import type { Advise, Assessment, Subject } from '@assay/contract';
import { type Cluster, findDevice, subjectMachine } from '@assay/machines';
import { prefillFlops, subjectModel, type TransformerModel, weightBytes } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

type Input = z.input<typeof inputs>;

/** Share of a server's memory that weights may take, so that there is room for KV caches. */
const weightShare = 0.6;
/** Servers that are simulated; a larger cluster is so many of these side by side. */
const mostMachines = 16;
/** Servers that are large (and so answer fast) matter more than having more of them than this. */
const enoughServers = 8;
/** Share of the machines that take prompts, as in the paper's 25 + 15. */
const promptShare = 25 / 40;
/** Prompt of the conversation service, tokens, and the share of the peak that reading it reaches, for a first guess at the rate. */
const usualPromptTokens = 1020;
const usualComputeShare = 0.45;
/** Share of what the prompt machines could read that the trace asks for: half of it, to leave the search for the highest rate room both ways. */
const loadShare = 0.5;

export const advise: Advise<Input, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'serve') return { reason: 'it is about serving a language model' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		if (!model.model.causal) return { reason: `${model.model.name} is an encoder: it has no token phase to split off` };
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		return plan(model, machine.cluster, subject);
	},
	assess({ simulation }) {
		const unsplit = simulation?.unsplit;
		if (simulation === null || unsplit === null || unsplit === undefined) return { reason: 'the run compared nothing' };
		const ratio = (better: number | null, worse: number | null): number | undefined =>
			better !== null && worse !== null && worse > 0 ? better / worse : undefined;
		const throughput = ratio(simulation.maxRequestsPerSecond, unsplit.maxRequestsPerSecond);
		const { cluster } = simulation;
		const gains: [keyof Assessment['gain'], number | undefined][] = [
			['latency', ratio(unsplit.meanE2eSeconds, simulation.latencies.e2e.mean)],
			['throughput', throughput],
			// Per request at the highest rates: what the servers draw and rent for, over what they serve.
			['energy', throughput && ratio(unsplit.relativePower * throughput, cluster.relativePower)],
			['cost', throughput && ratio(unsplit.dollarsPerHour * throughput, cluster.dollarsPerHour)],
		];
		return {
			gain: Object.fromEntries(gains.filter(([, gain]) => gain !== undefined)),
			against: `${unsplit.promptMachines} of the same servers, each doing both phases`,
			costs: {
				hardware: 'a network that carries KV caches between servers (200 GiB/s in this run)',
				effort: 'a serving engine that hands a request over from one server to another',
			},
		};
	},
};

function plan(
	{ model, input }: { readonly model: TransformerModel; readonly input: Input['model'] },
	cluster: Cluster,
	subject: Subject,
): { readonly inputs: Input } | { readonly reason: string } {
	const { device } = cluster;
	if (device.kind === 'cpu') return { reason: 'it splits the two phases over accelerators; this machine has none' };
	const fewest = fewestGpus(weightBytes(model), cluster);
	if (fewest === undefined) {
		return {
			reason: `the weights of ${model.name} (${Math.ceil(weightBytes(model) / 1e9)} GB) leave no room for KV caches in one server of ${cluster.devicesPerNode} ${device.name}`,
		};
	}
	const flops = device.peakOpsPerSecond.bf16 ?? device.peakOpsPerSecond.fp16;
	if (flops === undefined) return { reason: `no 16-bit rate is known of ${device.name}` };
	let gpus = fewest;
	while (2 * gpus <= cluster.devicesPerNode && servers(cluster, 2 * gpus) >= enoughServers) gpus *= 2;
	const rent = (device.rentDollarsPerHour ?? 0) * gpus;
	const affordable = rent > 0 ? Math.floor((subject.budget?.dollarsPerHour ?? Number.POSITIVE_INFINITY) / rent) : mostMachines;
	const machines = Math.min(servers(cluster, gpus), affordable, mostMachines);
	if (machines < 2) {
		return {
			reason: `one copy of ${model.name} takes ${gpus} ${device.name}: there is one server, and two are needed to split`,
		};
	}
	const promptMachines = Math.min(machines - 1, Math.max(1, Math.round(machines * promptShare)));
	const promptsPerSecond = (gpus * flops * usualComputeShare) / prefillFlops(model, usualPromptTokens);
	const name = isKnown(cluster) ? `${gpus}x${device.name}` : device.name;
	return {
		inputs: {
			model: input,
			trace:
				subject.trace === undefined
					? { requestsPerSecond: round(loadShare * promptsPerSecond * promptMachines), durationSeconds: 30 }
					: { file: subject.trace },
			cluster: {
				design: 'custom',
				promptType: name,
				tokenType: name,
				promptMachines,
				tokenMachines: machines - promptMachines,
			},
			...(!isKnown(cluster) && { machines: [described(name, cluster, gpus, flops)] }),
		},
	};
}

/** Servers of so many GPUs that a cluster can be cut into. */
function servers({ devicesPerNode, nodes }: Cluster, gpus: number): number {
	return Math.floor(devicesPerNode / gpus) * nodes;
}

/** Fewest GPUs of a node, a power of two of them or all, that hold the weights and leave room. */
function fewestGpus(weights: number, { device, devicesPerNode }: Cluster): number | undefined {
	for (let gpus = 1; gpus <= devicesPerNode; gpus *= 2) {
		if (weights <= weightShare * gpus * device.memory.bytes) return gpus;
	}
	return weights <= weightShare * devicesPerNode * device.memory.bytes ? devicesPerNode : undefined;
}

function isKnown({ device }: Cluster): boolean {
	try {
		return findDevice(device.name) === device;
	} catch {
		return false;
	}
}

/** A server of the user's own, by its figures. */
function described(name: string, { device }: Cluster, gpus: number, flops: number): NonNullable<Input['machines']>[number] {
	return {
		name,
		gpus,
		memoryGibibytesPerGpu: device.memory.bytes / 2 ** 30,
		peakTeraflops: flops / 1e12,
		memoryGigabytesPerSecond: device.memory.bandwidthBytesPerSecond / 1e9,
		serverWatts: (device.tdpWatts ?? 1) * gpus,
		dollarsPerGpuHour: device.rentDollarsPerHour ?? 0,
	};
}

/** To two digits: it is a guess, and reads as one; within what a run takes. */
function round(rate: number): number {
	return Math.min(300, Math.max(0.1, Number(rate.toPrecision(2))));
}
