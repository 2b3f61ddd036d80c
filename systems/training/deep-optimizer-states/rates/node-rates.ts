/** Rates of a machine: fitted where the authors measured it, otherwise estimated from its memory and links. */
import type { Cluster } from '@assay/machines';
import { parameterCount } from '@assay/models';
import { describePublishedModel, findPublishedModel } from '../model/published-models.ts';
import type { ComputeSeconds } from '../step/compute-time.ts';
import { fitRates, type RateFit, type UpdatePoint } from './fit-rates.ts';
import {
	h100Phases,
	type PublishedNode,
	publishedRanks,
	type UpdateMeasurement,
	updateMeasurements,
} from './published-measurements.ts';
import type { UpdateRates } from './update-rates.ts';

/**
 * Bytes of processor memory that one update moves: fp32 weight, momentum, variance read and written, gradient read (Rajbhandari et al.,
 * ZeRO-Infinity, arXiv:2104.07857, count the same 28).
 */
const BYTES_PER_UPDATE = 28;
/** Shares of peaks that the two fitted nodes reach, between them: 0.4 and 0.5 of the processors' memory bandwidth. */
const HOST_SHARE = 0.45;
/** Plain over in-line updates on the CPU on both fitted nodes: 1.24 and 1.28. */
const INLINE_OVERHEAD = 1.26;
/** Of the PCIe link, in each direction, where the fitted H100 node reaches 0.61. */
const LINK_SHARE = 0.6;
/** Of the GPU's memory bandwidth at 28 bytes an update, where the fitted H100 node reaches 0.27. */
const GPU_SHARE = 0.27;
/** Blocking flush of gradients on the H100 node; it waits for the processor, so it goes with its memory. */
const FLUSH_OVER_CPU = 1.1 / 2.15;

/** Rates and where they are from. */
export interface NodeRates {
	readonly rates: UpdateRates;
	readonly source: 'fitted to published measurements' | 'estimated from the machine';
}

/** Rates of one rank of a cluster; null where neither host nor link is known. */
export function ratesOf(cluster: Cluster): NodeRates | null {
	const published = publishedNodeOf(cluster);
	if (published !== null) return { rates: publishedRates(published), source: 'fitted to published measurements' };
	const { host, device, devicesPerNode } = cluster;
	const hostBandwidth = host?.memoryBandwidthBytesPerSecond ?? null;
	const link = host?.deviceLinkBytesPerSecond ?? null;
	if (hostBandwidth === null || link === null) return null;
	const cpuPerSecond = (HOST_SHARE * hostBandwidth) / BYTES_PER_UPDATE / devicesPerNode;
	return {
		source: 'estimated from the machine',
		rates: {
			cpuPerSecond,
			inlineCpuPerSecond: cpuPerSecond / INLINE_OVERHEAD,
			linkBytesPerSecond: LINK_SHARE * link,
			gpuPerSecond: (GPU_SHARE * device.memory.bandwidthBytesPerSecond) / BYTES_PER_UPDATE,
			flushPerSecond: FLUSH_OVER_CPU * cpuPerSecond,
		},
	};
}

/** The authors' nodes have four GPUs. */
function publishedNodeOf({ device, nodes, devicesPerNode }: Cluster): PublishedNode | null {
	if (nodes !== 1 || devicesPerNode !== publishedRanks) return null;
	if (device.name === 'h100-sxm') return '4xh100';
	return device.name.startsWith('a100-sxm') ? '4xa100' : null;
}

/** The update times of a node as points of a fit: each rank holds a quarter of the model. */
export function publishedPoints(node: PublishedNode): UpdatePoint[] {
	return updateMeasurements(node).map(({ model, ...point }) => ({ ...point, parameters: rankParameters(model) }));
}

/** Parameters of one of the four ranks. */
export function rankParameters(model: UpdateMeasurement['model']): number {
	const found = findPublishedModel(model);
	if (found === undefined) throw new Error(`no published model ${model}`);
	return parameterCount(describePublishedModel(found)).total / publishedRanks;
}

export function publishedFit(node: PublishedNode): RateFit {
	return fitRates(publishedPoints(node));
}

function publishedRates(node: PublishedNode): UpdateRates {
	const { rates } = publishedFit(node);
	const flushPerSecond = flushRate();
	// Nobody published backward phases on A100; the flush waits for the processor, so it goes with its speed.
	if (node === '4xh100') return { ...rates, flushPerSecond };
	return { ...rates, flushPerSecond: (flushPerSecond * rates.cpuPerSecond) / publishedFit('4xh100').rates.cpuPerSecond };
}

/** Forward, and backward without the blocking flush, that the authors logged for a model on four H100, of the runs with the most offloaded. */
export function loggedCompute(model: string, cluster: Cluster): ComputeSeconds | null {
	if (publishedNodeOf(cluster) !== '4xh100') return null;
	const logged = h100Phases.find((phases) => phases.model === model);
	return logged === undefined ? null : { forward: logged.forward[1] / 1000, backward: logged.backward[1] / 1000 };
}

/** Mean over the logged backward phases of what the blocking flush adds: r·S over the difference to the asynchronous one. */
function flushRate(): number {
	const rates = h100Phases.map(({ model, ratio, backward: [blocking, asynchronous] }) => {
		return (ratio * rankParameters(model)) / ((blocking - asynchronous) / 1000);
	});
	return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
