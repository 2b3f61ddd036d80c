/**
 * Time of collective operations. Bandwidths are bus bandwidths as nccl-tests prints them: the algorithm's bandwidth times
 * {@link busFactor}, which makes operations and numbers of ranks comparable with what a link can carry.
 */

/** Operations between ranks. */
export const COLLECTIVES = [
	'all-reduce',
	'all-gather',
	'reduce-scatter',
	'broadcast',
	'reduce',
	'all-to-all',
	'send-receive',
] as const;

/** An operation between ranks. */
export type Collective = (typeof COLLECTIVES)[number];

/** One protocol or algorithm of a library: a straight line of time over size. */
export interface ProtocolLine {
	readonly latencySeconds: number;
	/** Bus bandwidth for large messages. */
	readonly busBytesPerSecond: number;
}

/**
 * Bus bandwidth over algorithm bandwidth (nccl-tests, PERFORMANCE.md): 2(n-1)/n for all-reduce, (n-1)/n for all-gather,
 * reduce-scatter and all-to-all, 1 for broadcast, reduce and send-receive.
 */
export function busFactor(collective: Collective, ranks: number): number {
	switch (collective) {
		case 'all-reduce':
			return (2 * (ranks - 1)) / ranks;
		case 'all-gather':
		case 'reduce-scatter':
		case 'all-to-all':
			return (ranks - 1) / ranks;
		case 'broadcast':
		case 'reduce':
		case 'send-receive':
			return 1;
	}
}

/**
 * Seconds of a collective over `bytes`: the best of the protocols, each `latency + busFactor * bytes / bandwidth`. `bytes` is the
 * message as nccl-tests counts it: what a rank holds in all-reduce, the whole gathered or scattered array in all-gather and
 * reduce-scatter. 0 for one rank. Raises a RangeError without protocols.
 */
export function collectiveSeconds(
	collective: Collective,
	bytes: number,
	ranks: number,
	protocols: readonly ProtocolLine[],
): number {
	if (protocols.length === 0) throw new RangeError('a collective needs at least one protocol');
	if (ranks <= 1) return 0;
	const busBytes = busFactor(collective, ranks) * bytes;
	let best = Number.POSITIVE_INFINITY;
	for (const { latencySeconds, busBytesPerSecond } of protocols) {
		best = Math.min(best, latencySeconds + busBytes / busBytesPerSecond);
	}
	return best;
}

/** An all-reduce over nodes of several ranks each. */
export interface HierarchicalAllReduce {
	readonly bytes: number;
	readonly ranksPerNode: number;
	readonly nodes: number;
	readonly intraNode: readonly ProtocolLine[];
	/** What one rank's share of the network carries. */
	readonly interNode: readonly ProtocolLine[];
	/** 1: one step after the other. More: chunks pass through the steps like a pipeline, inside and between nodes at the same time. */
	readonly chunks: number;
}

/**
 * Seconds of an all-reduce in three steps: reduce-scatter inside each node, all-reduce of each rank's part with its peers in
 * the other nodes, all-gather inside each node. Both inner steps share the node's links, so a pipeline over chunks takes as
 * long as the busier of the two kinds of links, and one chunk more.
 */
export function hierarchicalAllReduceSeconds(options: HierarchicalAllReduce): number {
	const { ranksPerNode, nodes, intraNode, interNode, chunks } = options;
	const bytes = options.bytes / chunks;
	const inside =
		ranksPerNode <= 1
			? 0
			: collectiveSeconds('reduce-scatter', bytes, ranksPerNode, intraNode) +
				collectiveSeconds('all-gather', bytes, ranksPerNode, intraNode);
	const between = nodes <= 1 ? 0 : collectiveSeconds('all-reduce', bytes / ranksPerNode, nodes, interNode);
	return (chunks - 1) * Math.max(inside, between) + inside + between;
}
