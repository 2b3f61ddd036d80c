import { type Cluster, type ClusterScheduler, together } from './cluster-scheduler.ts';

/** Both phases on a machine drawn at random. */
export function randomMachine(cluster: Cluster): ClusterScheduler {
	return together(cluster, () => cluster.machines[cluster.random.integer(cluster.machines.length)]);
}
