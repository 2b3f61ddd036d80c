/**
 * How long collectives take on a cluster: lines for a node's links and for the network between nodes, from the user's logs or matrix,
 * from published measurements of the same node, or from the links' nominal rates.
 */
import {
	type Cluster,
	type Collective,
	collectiveSeconds,
	hierarchicalAllReduceSeconds,
	type ProtocolLine,
} from '@assay/machines';
import { type LinkMatrix, linkSummary } from './link-matrix.ts';

/** Shares of nominal bandwidths that collectives reach where nothing was measured. */
export interface UsableShares {
	/** Inside a node through a switch; between nodes. */
	readonly node: number;
	readonly network: number;
}

export interface ClusterNetwork {
	readonly devicesPerNode: number;
	readonly nodes: number;
	/** GPUs of a node are joined pair by pair, so what a group gets grows with it. */
	readonly mesh: boolean;
	/** For all devices of a node. */
	readonly node: readonly ProtocolLine[];
	/** One device's port. */
	readonly network: readonly ProtocolLine[];
	readonly nodeFrom: string;
	readonly networkFrom: string;
}

/** What the user measured. */
export interface OwnMeasurements {
	readonly nodeLines?: readonly ProtocolLine[] | undefined;
	readonly matrix?: LinkMatrix | undefined;
	/** Published lines for this node, where there are. */
	readonly publishedLines?: { readonly lines: readonly ProtocolLine[]; readonly from: string } | undefined;
}

/** Numbers of pieces that a collective over nodes may be cut into, so that its steps overlap. */
const pieceCounts = [1, 2, 4, 8, 16, 32, 64];
/** Of a mesh's nominal bandwidth: 318 of 448 GB/s on MI300X. */
const meshShare = 0.71;
/** Starting a collective inside a node, and over the network. */
const baseLatencySeconds = 10e-6;
const networkBaseLatencySeconds = 20e-6;

/** The network of a cluster. */
export function clusterNetwork(cluster: Cluster, usable: UsableShares, own: OwnMeasurements = {}): ClusterNetwork {
	const { devicesPerNode, nodes, intraNode, interNode } = cluster;
	const mesh = intraNode?.kind === 'infinity-fabric';
	const nominal = intraNode?.bandwidthBytesPerSecond ?? interNode?.bandwidthBytesPerSecond ?? 1e9;
	const latencySeconds = baseLatencySeconds + 2 * (devicesPerNode - 1) * (intraNode?.latencySeconds ?? 1e-6);
	let node: readonly ProtocolLine[];
	let nodeFrom: string;
	if (own.nodeLines !== undefined) {
		node = own.nodeLines;
		nodeFrom = 'fitted to your log';
	} else if (own.matrix !== undefined) {
		const { slowestBytesPerSecond } = linkSummary(own.matrix);
		node = [{ latencySeconds, busBytesPerSecond: (own.matrix.names.length - 1) * slowestBytesPerSecond }];
		nodeFrom = 'the slowest link of your matrix times the links of a device';
	} else if (own.publishedLines !== undefined) {
		node = own.publishedLines.lines;
		nodeFrom = own.publishedLines.from;
	} else {
		const share = mesh ? meshShare : usable.node;
		node = [{ latencySeconds, busBytesPerSecond: share * nominal }];
		nodeFrom = `${Math.round(100 * share)} % of the nominal ${(nominal / 1e9).toFixed(0)} GB/s`;
	}
	const port = interNode?.bandwidthBytesPerSecond ?? nominal;
	const hops = 2 * Math.ceil(Math.log2(Math.max(2, nodes)));
	const networkLatency = networkBaseLatencySeconds + hops * (interNode?.latencySeconds ?? 0);
	return {
		devicesPerNode,
		nodes,
		mesh,
		node,
		network: [{ latencySeconds: networkLatency, busBytesPerSecond: usable.network * port }],
		nodeFrom,
		networkFrom:
			interNode === null ? 'one node' : `${Math.round(100 * usable.network)} % of ${(port / 1e9).toFixed(1)} GB/s a device`,
	};
}

/** Lines for a group of `devices` in a node: on a mesh it has only the links among its own. */
export function groupLines(network: ClusterNetwork, devices: number): readonly ProtocolLine[] {
	if (!network.mesh || devices >= network.devicesPerNode || network.devicesPerNode <= 1) return network.node;
	const share = (devices - 1) / (network.devicesPerNode - 1);
	return network.node.map(({ latencySeconds, busBytesPerSecond }) => ({
		latencySeconds,
		busBytesPerSecond: Math.max(1, share * busBytesPerSecond),
	}));
}

/**
 * Seconds of a collective over `ranks` devices, in whole nodes where they are more than a node's, each step of the pieces overlapping the
 * others'. All-reduce, all-gather and reduce-scatter go in steps over nodes and network; the others are bound by the ports.
 */
export function networkSeconds(network: ClusterNetwork, collective: Collective, bytes: number, ranks: number): number {
	if (ranks <= 1 || bytes <= 0) return 0;
	const { devicesPerNode } = network;
	if (ranks <= devicesPerNode) return collectiveSeconds(collective, bytes, ranks, groupLines(network, ranks));
	const nodes = Math.ceil(ranks / devicesPerNode);
	switch (collective) {
		case 'all-reduce':
		case 'all-gather':
		case 'reduce-scatter':
			// More pieces overlap better and pay more latencies: the library is taken to choose well.
			return Math.min(...pieceCounts.map((chunks) => steppedSeconds(network, collective, bytes, nodes, chunks)));
		case 'all-to-all':
			// All but the node's own share leaves through the ports.
			return collectiveSeconds('all-to-all', bytes, ranks, network.network);
		case 'broadcast':
		case 'reduce':
			// The node's devices each carry a part over their port; the slower of ports and links counts.
			return Math.max(
				collectiveSeconds(collective, bytes / devicesPerNode, nodes, network.network),
				devicesPerNode === 1 ? 0 : collectiveSeconds(collective, bytes, devicesPerNode, network.node),
			);
		case 'send-receive':
			return collectiveSeconds(collective, bytes, 2, network.network);
	}
}

/** Steps inside and between nodes, overlapping over so many pieces: as long as the busier kind of link takes for all, and one piece more. */
function steppedSeconds(
	network: ClusterNetwork,
	collective: 'all-reduce' | 'all-gather' | 'reduce-scatter',
	bytes: number,
	nodes: number,
	chunks: number,
): number {
	const { devicesPerNode, node, network: ports } = network;
	if (collective === 'all-reduce') {
		return hierarchicalAllReduceSeconds({
			bytes,
			ranksPerNode: devicesPerNode,
			nodes,
			intraNode: node,
			interNode: ports,
			chunks,
		});
	}
	const piece = bytes / chunks;
	const inside = devicesPerNode === 1 ? 0 : collectiveSeconds(collective, piece, devicesPerNode, node);
	const between = collectiveSeconds(collective, piece / devicesPerNode, nodes, ports);
	return (chunks - 1) * Math.max(inside, between) + inside + between;
}

/** Bus bandwidth at most of one flat ring over all devices: what the node carries, or what all its ports do. */
export function flatRingBusBytesPerSecond(network: ClusterNetwork): number {
	const best = (lines: readonly ProtocolLine[]): number => Math.max(...lines.map(({ busBytesPerSecond }) => busBytesPerSecond));
	return network.nodes === 1 ? best(network.node) : Math.min(best(network.node), network.devicesPerNode * best(network.network));
}
