import {
	apart,
	type Cluster,
	type ClusterScheduler,
	least,
	pendingRequests,
	pendingTokens,
	together,
} from './cluster-scheduler.ts';

/** Both phases on the machine with the fewest requests. */
export function joinShortestQueue(cluster: Cluster): ClusterScheduler {
	return together(cluster, () => least(cluster.machines, pendingRequests));
}

/** Both phases on the machine with the fewest scheduled tokens: the paper's baselines. */
export function joinShortestTokenQueue(cluster: Cluster): ClusterScheduler {
	return together(cluster, () => least(cluster.machines, pendingTokens));
}

/** Each phase on the machine of its pool with the fewest requests. */
export function splitJoinShortestQueue(cluster: Cluster): ClusterScheduler {
	return apart(cluster, (machines) => least(machines, pendingRequests));
}

/**
 * Each phase on the machine of its pool with the fewest scheduled tokens. The original never counts tokens up in this
 * scheduler, only down, and so prefers the machine that has finished the most; here they are counted both ways.
 */
export function splitJoinShortestTokenQueue(cluster: Cluster): ClusterScheduler {
	return apart(cluster, (machines) => least(machines, pendingTokens));
}
