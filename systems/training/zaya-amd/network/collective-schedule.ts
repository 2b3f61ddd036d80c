/** All-reduce as messages: rings, all-to-all exchange, a tree, and the three steps over nodes on rails. */

import { Messages } from './flow-simulator.ts';
import { linkDisjointRings } from './hamiltonian-rings.ts';

/** Ways to do an all-reduce inside a node. */
export const NODE_ALGORITHMS = ['ring', 'exchange', 'tree'] as const;
export type NodeAlgorithm = (typeof NODE_ALGORITHMS)[number];

/** Messages of an all-reduce of `bytes` over GPUs 0 to n-1 of one node. */
export function nodeAllReduce(algorithm: NodeAlgorithm, gpus: number, bytes: number): Messages {
	if (algorithm === 'ring') return ringAllReduce(linkDisjointRings(gpus), bytes);
	if (algorithm === 'tree') return treeAllReduce(gpus, bytes, 32);
	const messages = new Messages();
	const scattered = exchange(messages, all(gpus), bytes, () => []);
	exchange(messages, all(gpus), bytes, (gpu) => scattered[gpu] ?? []);
	return messages;
}

/**
 * Rings side by side, each with its share of the data: n-1 steps in which every GPU passes on a part and adds to it, and n-1 in which
 * the sums go round. A step of a GPU waits for what it got in the step before.
 */
export function ringAllReduce(rings: readonly (readonly number[])[], bytes: number): Messages {
	const messages = new Messages();
	for (const ring of rings) {
		const ranks = ring.length;
		const part = bytes / rings.length / ranks;
		let before: number[] = [];
		for (let step = 0; step < 2 * (ranks - 1); step++) {
			const now: number[] = [];
			for (let at = 0; at < ranks; at++) {
				const received = before[(at + ranks - 1) % ranks];
				const next = ring[(at + 1) % ranks] as number;
				now.push(messages.add(ring[at] as number, next, part, received === undefined ? [] : [received]));
			}
			before = now;
		}
	}
	return messages;
}

/** Every GPU sends every other its part at once: a reduce-scatter, or an all-gather. Returns what each GPU must have received. */
function exchange(
	messages: Messages,
	gpus: readonly number[],
	bytes: number,
	after: (gpu: number) => readonly number[],
): number[][] {
	const received: number[][] = gpus.map(() => []);
	for (const [i, from] of gpus.entries()) {
		const waits = after(i);
		for (let hop = 1; hop < gpus.length; hop++) {
			const j = (i + hop) % gpus.length;
			received[j]?.push(messages.add(from, gpus[j] as number, bytes / gpus.length, waits));
		}
	}
	return received;
}

/** A binary tree: chunks go up to GPU 0, are summed on the way, and come down again. */
function treeAllReduce(gpus: number, bytes: number, chunks: number): Messages {
	const messages = new Messages();
	const parent = (gpu: number): number => (gpu - 1) >> 1;
	const children = (gpu: number): number[] => [2 * gpu + 1, 2 * gpu + 2].filter((child) => child < gpus);
	let upBefore: number[] = [];
	let downBefore: number[] = [];
	for (let chunk = 0; chunk < chunks; chunk++) {
		const up = new Array<number>(gpus);
		const down = new Array<number>(gpus);
		for (let gpu = gpus - 1; gpu > 0; gpu--) {
			const waits = [...children(gpu).map((child) => up[child] as number), ...(chunk > 0 ? [upBefore[gpu] as number] : [])];
			up[gpu] = messages.add(gpu, parent(gpu), bytes / chunks, waits);
		}
		const root = children(0).map((child) => up[child] as number);
		for (let gpu = 1; gpu < gpus; gpu++) {
			const arrived = parent(gpu) === 0 ? root : [down[parent(gpu)] as number];
			down[gpu] = messages.add(parent(gpu), gpu, bytes / chunks, [...arrived, ...(chunk > 0 ? [downBefore[gpu] as number] : [])]);
		}
		upBefore = up;
		downBefore = down;
	}
	return messages;
}

/**
 * All-reduce over nodes on rails: reduce-scatter in each node, a ring over the nodes on each rail, all-gather in each node, for chunk
 * after chunk. A step of a chunk starts when the same step of the chunk before is done, so that the steps work like a pipeline.
 */
export function railsAllReduce(nodes: number, perNode: number, bytes: number, chunks: number): Messages {
	const messages = new Messages();
	const gpu = (node: number, local: number): number => node * perNode + local;
	let scatterDone: number[][] = [];
	let railDone: number[][] = [];
	let gatherDone: number[][] = [];
	for (let chunk = 0; chunk < chunks; chunk++) {
		const size = bytes / chunks;
		const scattered: number[][] = [];
		for (let node = 0; node < nodes; node++) {
			const gpus = all(perNode).map((local) => gpu(node, local));
			scattered.push(...exchange(messages, gpus, size, (i) => scatterDone[gpu(node, i)] ?? []));
		}
		const summed: number[][] = Array.from({ length: nodes * perNode }, () => []);
		for (let local = 0; local < perNode; local++) {
			let before: number[] = [];
			for (let step = 0; step < 2 * (nodes - 1); step++) {
				const now: number[] = [];
				for (let node = 0; node < nodes; node++) {
					const from = gpu(node, local);
					const received = before[(node + nodes - 1) % nodes];
					const waits = received === undefined ? [...(scattered[from] ?? []), ...(railDone[from] ?? [])] : [received];
					now.push(messages.add(from, gpu((node + 1) % nodes, local), size / perNode / nodes, waits));
				}
				before = now;
			}
			for (const [node, last] of before.entries()) summed[gpu((node + 1) % nodes, local)]?.push(last);
		}
		const gathered: number[][] = [];
		for (let node = 0; node < nodes; node++) {
			const gpus = all(perNode).map((local) => gpu(node, local));
			gathered.push(
				...exchange(messages, gpus, size, (i) => {
					const one = gpu(node, i);
					const own = summed[one] ?? [];
					return [...(own.length > 0 ? own : (scattered[one] ?? [])), ...(gatherDone[one] ?? [])];
				}),
			);
		}
		scatterDone = scattered;
		railDone = summed;
		gatherDone = gathered;
	}
	return messages;
}

function all(count: number): number[] {
	return Array.from({ length: count }, (_, i) => i);
}
