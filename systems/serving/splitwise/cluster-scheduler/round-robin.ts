import { apart, type Cluster, type ClusterScheduler, together } from './cluster-scheduler.ts';

/** Both phases on the next machine in turn. */
export function roundRobin(cluster: Cluster): ClusterScheduler {
	let turn = 0;
	return together(cluster, () => cluster.machines[turn++ % cluster.machines.length]);
}

/** Each phase on the next machine of its pool. */
export function splitRoundRobin(cluster: Cluster): ClusterScheduler {
	const turns = { prompt: 0, token: 0 };
	return apart(cluster, (machines, phase) => machines[turns[phase]++ % machines.length]);
}
