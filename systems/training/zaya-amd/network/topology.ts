/**
 * Links and the way between any two GPUs. Three kinds of node: a full mesh (a link from each GPU to each other, xGMI), a switch (a
 * port out and a port in per GPU, NVSwitch), and between nodes rails: GPU i of every node hangs on network i, and traffic to another
 * rail first crosses the node.
 */
import type { LinkMatrix } from './link-matrix.ts';

/** One direction of a link. */
export interface Link {
	readonly name: string;
	readonly bytesPerSecond: number;
	readonly latencySeconds: number;
}

export interface Topology {
	readonly gpus: number;
	readonly links: readonly Link[];
	/** Links from one GPU to another, in order. */
	path(from: number, to: number): readonly number[];
}

/** A node whose GPUs are joined pair by pair. */
export function meshNode(matrix: LinkMatrix, latencySeconds: number): Topology {
	return railCluster({ nodes: 1, matrix, latencySeconds, networkBytesPerSecond: 1, networkLatencySeconds: 0 });
}

/** A node whose GPUs each have one port to a switch that never blocks. */
export function switchedNode(gpus: number, portBytesPerSecond: number, latencySeconds: number): Topology {
	const links: Link[] = [];
	for (let gpu = 0; gpu < gpus; gpu++) {
		links.push({ name: `GPU ${gpu} out`, bytesPerSecond: portBytesPerSecond, latencySeconds });
		links.push({ name: `GPU ${gpu} in`, bytesPerSecond: portBytesPerSecond, latencySeconds: 0 });
	}
	return { gpus, links, path: (from, to) => [2 * from, 2 * to + 1] };
}

export interface RailCluster {
	readonly nodes: number;
	/** Links inside each node. */
	readonly matrix: LinkMatrix;
	readonly latencySeconds: number;
	/** A GPU's network port, each direction. */
	readonly networkBytesPerSecond: number;
	readonly networkLatencySeconds: number;
}

/** Mesh nodes on rails: GPU g is GPU g mod n of node floor(g / n). */
export function railCluster(cluster: RailCluster): Topology {
	const { nodes, matrix, latencySeconds } = cluster;
	const perNode = matrix.names.length;
	const gpus = nodes * perNode;
	const links: Link[] = [];
	const mesh = new Int32Array(gpus * perNode).fill(-1);
	for (let gpu = 0; gpu < gpus; gpu++) {
		const row = matrix.bytesPerSecond[gpu % perNode] as Float64Array;
		for (let peer = 0; peer < perNode; peer++) {
			if (peer === gpu % perNode) continue;
			mesh[gpu * perNode + peer] = links.length;
			const name = `node ${Math.floor(gpu / perNode)}: ${gpu % perNode} to ${peer}`;
			links.push({ name, bytesPerSecond: row[peer] as number, latencySeconds });
		}
	}
	const port = links.length;
	for (let gpu = 0; nodes > 1 && gpu < gpus; gpu++) {
		const common = { bytesPerSecond: cluster.networkBytesPerSecond };
		links.push({ name: `GPU ${gpu} network out`, latencySeconds: cluster.networkLatencySeconds, ...common });
		links.push({ name: `GPU ${gpu} network in`, latencySeconds: 0, ...common });
	}
	const path = (from: number, to: number): number[] => {
		const [source, target] = [Math.floor(from / perNode), Math.floor(to / perNode)];
		const rail = to % perNode;
		if (source === target) return [mesh[from * perNode + rail] as number];
		const onRail = source * perNode + rail;
		const crossing = onRail === from ? [] : [mesh[from * perNode + rail] as number];
		return [...crossing, port + 2 * onRail, port + 2 * to + 1];
	};
	return { gpus, links, path };
}
