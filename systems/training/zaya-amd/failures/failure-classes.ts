/** What fails, how often, and what that means for a job. */

/** A kind of failure. */
export interface FailureClass {
	readonly name: string;
	/** Mean time between such failures of one node. */
	readonly nodeMtbfHours: number;
	/** Shape of the Weibull distribution of gaps: 1 is a Poisson process, below 1 failures come in clusters. */
	readonly weibullShape: number;
	/** `stop`: the job dies. `slow`: it goes on at a lower speed until the node is excluded or heals. */
	readonly effect: 'stop' | 'slow';
	/** The node has to be replaced. */
	readonly replaceNode: boolean;
	/** Share of such failures after which copies on the nodes themselves still serve. */
	readonly localShare: number;
	/** Step time over the usual one while it lasts (`slow`). */
	readonly slowdown: number;
	/** How long it lasts if nobody acts (`slow`). */
	readonly lastsHours: number;
}

interface PublishedCounts {
	readonly says: string;
	readonly nodes: number;
	readonly hours: number;
	readonly counts: readonly Omit<FailureClass, 'nodeMtbfHours'>[];
	readonly failures: readonly number[];
}

const stop = (name: string, replaceNode: boolean, localShare: number): Omit<FailureClass, 'nodeMtbfHours'> => ({
	name,
	weibullShape: 1,
	effect: 'stop',
	replaceNode,
	localShare,
	slowdown: 1,
	lastsHours: 0,
});

/**
 * Unexpected interruptions of 54 days of Llama 3 405B on 16,384 H100 in 2,048 nodes (Llama team, "The Llama 3 Herd of Models",
 * arXiv 2407.21783, table 5): 419, of them GPU and GPU memory 262 (148 + 72 + 19 + 17 + 6), host and its parts 51, network 42
 * (35 + 7), software 61 (54 + 7 watchdog), rest 3. Whether a local copy survives is our judgement, not theirs.
 */
const llama3: PublishedCounts = {
	says: 'interruptions published for Llama 3 405B: 419 in 54 days on 2,048 nodes of eight H100',
	nodes: 2048,
	hours: 54 * 24,
	counts: [
		stop('gpu', true, 0.8),
		stop('host', true, 0.5),
		stop('network', false, 1),
		stop('software', false, 1),
		stop('other', true, 0.5),
	],
	failures: [262, 51, 42, 61, 3],
};

/** Named rates of failure. */
export const FAILURE_PRESETS = ['llama-3-2024', 'one-day-at-128-nodes'] as const;
export type FailurePreset = (typeof FAILURE_PRESETS)[number];

/** The classes of a preset, and where they come from. */
export function failurePreset(name: FailurePreset): { readonly says: string; readonly classes: readonly FailureClass[] } {
	if (name === 'one-day-at-128-nodes') {
		return {
			says: 'assumed: a failure a day on 128 nodes',
			classes: [{ ...stop('any', false, 0.8), nodeMtbfHours: 24 * 128 }],
		};
	}
	return {
		says: llama3.says,
		classes: llama3.counts.map((one, i) => ({
			...one,
			nodeMtbfHours: (llama3.nodes * llama3.hours) / (llama3.failures[i] as number),
		})),
	};
}

/** Mean time between failures that stop a job of so many nodes, in hours; infinite without any. */
export function clusterMtbfHours(classes: readonly FailureClass[], nodes: number): number {
	const rate = classes.reduce((sum, one) => (one.effect === 'stop' ? sum + nodes / one.nodeMtbfHours : sum), 0);
	return 1 / rate;
}
