/** The cluster schedulers by name. */
import type { Cluster, ClusterScheduler } from './cluster-scheduler.ts';
import {
	joinShortestQueue,
	joinShortestTokenQueue,
	splitJoinShortestQueue,
	splitJoinShortestTokenQueue,
} from './join-shortest-queue.ts';
import { mixedPool } from './mixed-pool.ts';
import { randomMachine } from './random.ts';
import { roundRobin, splitRoundRobin } from './round-robin.ts';

export const policyNames = [
	'mixed-pool',
	'token-jsq',
	'jsq',
	'round-robin',
	'random',
	'kv-token-jsq',
	'kv-jsq',
	'kv-round-robin',
] as const;
export type PolicyName = (typeof policyNames)[number];

interface Policy {
	/** Whether the policy needs a pool of prompt machines and a pool of token machines. */
	readonly splits: boolean;
	readonly create: (cluster: Cluster) => ClusterScheduler;
}

export const policies: Readonly<Record<PolicyName, Policy>> = {
	'mixed-pool': { splits: true, create: mixedPool },
	'token-jsq': { splits: false, create: joinShortestTokenQueue },
	jsq: { splits: false, create: joinShortestQueue },
	'round-robin': { splits: false, create: roundRobin },
	random: { splits: false, create: randomMachine },
	'kv-token-jsq': { splits: true, create: splitJoinShortestTokenQueue },
	'kv-jsq': { splits: true, create: splitJoinShortestQueue },
	'kv-round-robin': { splits: true, create: splitRoundRobin },
};
