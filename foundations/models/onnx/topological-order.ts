/** Puts operators in an order in which each comes after what it needs; of several that could come next, the one that stood first. */
import { InputError } from '@assay/contract';
import { type OnnxNode, tensorsRead } from './graph.ts';

/** Raises an InputError for a cycle, for a tensor written twice, and for one that nothing writes. `given`: inputs and weights. */
export function topologicalOrder(nodes: readonly OnnxNode[], given: ReadonlySet<string>, fileName: string): OnnxNode[] {
	const writer = new Map<string, number>();
	for (const [index, node] of nodes.entries()) {
		for (const name of node.output) {
			if (name === '') continue;
			if (writer.has(name) || given.has(name)) {
				throw new InputError({
					path: [fileName, `operator ${index} (${node.opType})`],
					found: `the tensor ${JSON.stringify(name)} written a second time`,
					expected: 'each tensor to be written once',
				});
			}
			writer.set(name, index);
		}
	}
	const waits = new Int32Array(nodes.length);
	const readers: number[][] = nodes.map(() => []);
	for (const [index, node] of nodes.entries()) {
		for (const name of tensorsRead(node)) {
			const from = writer.get(name);
			if (from !== undefined) {
				readers[from]?.push(index);
				waits[index] = (waits[index] as number) + 1;
			} else if (!given.has(name)) {
				throw new InputError({
					path: [fileName, `operator ${index} (${node.opType})`],
					found: `the input ${JSON.stringify(name)}`,
					expected: 'a tensor that an operator writes, a graph input or a weight',
				});
			}
		}
	}
	const ready = new IndexHeap();
	for (let index = 0; index < nodes.length; index++) if (waits[index] === 0) ready.push(index);
	const order: OnnxNode[] = [];
	for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
		order.push(nodes[next] as OnnxNode);
		for (const reader of readers[next] as number[]) {
			waits[reader] = (waits[reader] as number) - 1;
			if (waits[reader] === 0) ready.push(reader);
		}
	}
	if (order.length < nodes.length) {
		const stuck = waits.findIndex((count) => count > 0);
		throw new InputError({
			path: [fileName, `operator ${stuck} (${nodes[stuck]?.opType})`],
			found: `a cycle among ${nodes.length - order.length} operators`,
			expected: 'a graph without cycles',
		});
	}
	return order;
}

/** The smallest of some numbers at a time. */
class IndexHeap {
	private readonly heap: number[] = [];

	push(value: number): void {
		const { heap } = this;
		let at = heap.push(value) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if ((heap[parent] as number) <= value) break;
			heap[at] = heap[parent] as number;
			at = parent;
		}
		heap[at] = value;
	}

	pop(): number | undefined {
		const { heap } = this;
		const top = heap[0];
		const last = heap.pop();
		if (heap.length === 0 || last === undefined) return top;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
			if ((heap[child] as number) >= last) break;
			heap[at] = heap[child] as number;
			at = child;
		}
		heap[at] = last;
		return top;
	}
}
