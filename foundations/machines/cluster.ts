/** Devices in nodes, nodes in a network. */
import { z } from 'zod';
import {
	ARITHMETIC_FORMATS,
	type ArithmeticFormat,
	type Device,
	deviceSchema,
	figureSourceSchema,
	LINK_KINDS,
	type LinkKind,
	machineNameSchema,
} from './device.ts';
import { type Host, hostSchema } from './host.ts';

/** The schema of {@link ClusterLink}. */
export const clusterLinkSchema = z.strictObject({
	kind: z.enum(LINK_KINDS),
	/** Bytes per second that one device can send, and as many that it can receive at the same time. */
	bandwidthBytesPerSecond: z.number().positive().max(1e18),
	/** Time until the first byte arrives; by the kind of link unless given. */
	latencySeconds: z.number().min(0).max(1000).optional(),
});

/** How devices reach each other: bandwidth per device and direction, and latency. */
export interface ClusterLink {
	readonly kind: LinkKind;
	readonly bandwidthBytesPerSecond: number;
	readonly latencySeconds: number;
}

/** The schema of {@link ClusterDescription}. */
export const clusterDescriptionSchema = z.strictObject({
	name: machineNameSchema.optional(),
	aliases: z.array(machineNameSchema).max(20).default([]),
	/** A device's name, or the device itself. */
	device: z.union([machineNameSchema, deviceSchema]),
	nodes: z.int().min(1).max(1_000_000).default(1),
	/** Devices that share the fast link: a server's, or a whole pod's. */
	devicesPerNode: z.int().min(1).max(1_000_000).default(1),
	/** Between devices of a node; the device's own fastest link unless given. */
	intraNode: clusterLinkSchema.optional(),
	/** Between devices of different nodes; 400 Gb/s of InfiniBand per device unless given. */
	interNode: clusterLinkSchema.optional(),
	/** Greatest power one node draws, processors, fans and all. */
	nodePowerWatts: z.number().positive().max(1e9).optional(),
	/** Processor memory and drives of one node. */
	host: hostSchema.optional(),
	/** Where the node's figures come from. */
	source: figureSourceSchema.optional(),
});

/** A cluster as people write it: in a file, or as a preset. */
export type ClusterDescription = z.output<typeof clusterDescriptionSchema>;

/** A cluster with its device looked up and its links filled in. */
export interface Cluster {
	readonly name: string;
	readonly device: Device;
	readonly nodes: number;
	readonly devicesPerNode: number;
	/** Null where a node has one device, or where nothing is known of how its devices reach each other. */
	readonly intraNode: ClusterLink | null;
	/** Null where there is one node. */
	readonly interNode: ClusterLink | null;
	readonly nodePowerWatts: number | null;
	/** Of one node; null where nothing is known of it. */
	readonly host: Host | null;
}

/** What all devices of a cluster add up to. */
export interface ClusterTotals {
	readonly devices: number;
	readonly memoryBytes: number;
	readonly memoryBandwidthBytesPerSecond: number;
	readonly peakOpsPerSecond: Partial<Record<ArithmeticFormat, number>>;
	/** Sum of the devices' design powers; null where it is not known. */
	readonly devicePowerWatts: number | null;
	/** Greatest power of all nodes, hosts included; null where it is not known. */
	readonly nodePowerWatts: number | null;
}

/** Adds up a cluster: each figure of the device times the number of devices. */
export function clusterTotals(cluster: Cluster): ClusterTotals {
	const { device, nodes } = cluster;
	const devices = nodes * cluster.devicesPerNode;
	const peakOpsPerSecond: Partial<Record<ArithmeticFormat, number>> = {};
	for (const format of ARITHMETIC_FORMATS) {
		const peak = device.peakOpsPerSecond[format];
		if (peak !== undefined) peakOpsPerSecond[format] = devices * peak;
	}
	return {
		devices,
		memoryBytes: devices * device.memory.bytes,
		memoryBandwidthBytesPerSecond: devices * device.memory.bandwidthBytesPerSecond,
		peakOpsPerSecond,
		devicePowerWatts: device.tdpWatts === undefined ? null : devices * device.tdpWatts,
		nodePowerWatts: cluster.nodePowerWatts === null ? null : nodes * cluster.nodePowerWatts,
	};
}

/**
 * Latency of a link by its kind, unless a cluster says otherwise: the per-hop figures of NCCL's cost model for its
 * low-latency ring protocol (`src/graph/tuning.cc`: NVLink 0.6 µs, PCI 1.0 µs, network 2.7 µs). Other direct
 * chip-to-chip links are given NVLink's, for want of published figures.
 */
export function linkLatencySeconds(kind: LinkKind): number {
	switch (kind) {
		case 'nvlink':
		case 'infinity-fabric':
		case 'ici':
		case 'neuronlink':
			return 0.6e-6;
		case 'pcie':
		case 'memory-bus':
			return 1e-6;
		case 'ethernet':
		case 'infiniband':
		case 'other':
			return 2.7e-6;
	}
}
