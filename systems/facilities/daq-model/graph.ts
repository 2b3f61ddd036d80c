/**
 * The system as a graph: detectors and processors, each passing its messages on to one or more processors, down to a single
 * sink. `createGraph` checks what a table cannot (names, cycles, the one sink) and puts the nodes into an order in which
 * every node follows what feeds it, so that one pass over an array evaluates the system.
 */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import type { Polynomial } from './polynomial.ts';

interface NodeFacts {
	readonly name: string;
	/** Names of the processors this node feeds; empty for the sink. */
	readonly outputs: readonly string[];
	/** Bytes this node itself adds to a message. */
	readonly dataBytes: number;
	/** Fraction of a message removed before it is passed on, 0 to 1. */
	readonly compression: number;
	/** J/bit of the links that leave this node. */
	readonly linkEnergyJPerBit: number;
	readonly opEnergyJPerOp: number;
	/** Time a message takes to the next node, s. */
	readonly routingLatencyS: number;
	/** Operations for a message of so many bytes; left out: one per byte. */
	readonly complexity?: Polynomial | undefined;
	/** Operations that must follow one another, of so many; left out: one. */
	readonly parallelism?: Polynomial | undefined;
	/** Where the node was defined, for error messages. */
	readonly place: Path;
	/** What the place calls the column of `outputs`. */
	readonly outputColumn: string;
	/** Cells of columns the model does not use, kept for export. */
	readonly notes?: Readonly<Record<string, string>> | undefined;
}

export interface Detector extends NodeFacts {
	readonly kind: 'detector';
	readonly sampleRateHz: number;
}

export interface Processor extends NodeFacts {
	readonly kind: 'processor';
	/** Events in for each event out, at least 1. */
	readonly reductionRatio: number;
	/** `Dummy`, `Gaussian`, or the name of a trigger. */
	readonly classifier: string;
	readonly skillMean: number;
	/** Published as a variance, used as a standard deviation. */
	readonly skillVariance: number;
	/** Added to every relevant event's score. */
	readonly skillBoost: number;
}

export type SystemNode = Detector | Processor;

export interface SystemDescription {
	readonly detectors: readonly Detector[];
	readonly processors: readonly Processor[];
	/** Year whose technology the power is scaled to. */
	readonly technologyYear: number;
	/** Where the description comes from. */
	readonly place: Path;
}

export interface Graph {
	readonly description: SystemDescription;
	/** Every node after all that feed it; the last is the sink. */
	readonly nodes: readonly SystemNode[];
	/** For each node, positions of the nodes that feed it. */
	readonly predecessors: readonly (readonly number[])[];
	/** For each node, positions of the nodes it feeds. */
	readonly successors: readonly (readonly number[])[];
}

/** Default time from one node to the next, s. */
export const defaultRoutingLatencyS = 900e-9;

/** Operations for a message: the node's complexity function, one a byte unless told. */
export const identityComplexity: Polynomial = [0, 1];

/** The column of a ratio as the node's place names it. */
export const ratioColumn = (node: SystemNode): string => (node.outputColumn === 'outputs' ? 'reductionRatio' : 'Reduction Ratio');

/** Checks a description as a whole and orders it. Raises one InputError that names the row and the column at fault. */
export function createGraph(description: SystemDescription): Graph {
	const all: SystemNode[] = [...description.detectors, ...description.processors];
	const position = new Map<string, number>();
	for (const [index, node] of all.entries()) {
		const earlier = position.get(node.name);
		if (earlier !== undefined) {
			const column = node.outputColumn === 'outputs' ? 'name' : node.kind === 'detector' ? 'Detector' : 'Name';
			throw new InputError({
				path: [...node.place, column],
				found: `${show(node.name)} a second time`,
				expected: 'every name once among detectors and processors',
			});
		}
		position.set(node.name, index);
	}
	const processorNames = description.processors.map((node) => node.name);
	const links = all.map((node) => node.outputs.map((output) => target(node, output, position, processorNames, all)));
	checkSinks(description, all, links);
	const order = topologicalOrder(all, links);
	const rank = new Int32Array(all.length);
	for (const [place, index] of order.entries()) rank[index] = place;
	const successors = order.map((index) => (links[index] ?? []).map((to) => rank[to] as number));
	const predecessors: number[][] = order.map(() => []);
	for (const [from, targets] of successors.entries()) for (const to of targets) predecessors[to]?.push(from);
	checkFed(all, order, predecessors);
	return { description, nodes: order.map((index) => all[index] as SystemNode), predecessors, successors };
}

function target(
	node: SystemNode,
	output: string,
	position: ReadonlyMap<string, number>,
	processorNames: readonly string[],
	all: readonly SystemNode[],
): number {
	const index = position.get(output);
	if (index === undefined || all[index]?.kind !== 'processor') {
		throw new InputError({
			path: [...node.place, node.outputColumn],
			found: index === undefined ? show(output) : `${show(output)}, which is a detector`,
			expected: 'the name of a processor',
			nearest: nearestName(output, processorNames),
		});
	}
	return index;
}

function checkSinks(description: SystemDescription, all: readonly SystemNode[], links: readonly (readonly number[])[]): void {
	const sinks = all.filter((_, index) => links[index]?.length === 0);
	const detector = sinks.find((node) => node.kind === 'detector');
	if (detector !== undefined) {
		throw new InputError({
			path: [...detector.place, detector.outputColumn],
			found: 'nothing',
			expected: `the processor that ${show(detector.name)} feeds`,
		});
	}
	const second = sinks[1];
	if (second !== undefined) {
		throw new InputError({
			path: [...second.place, second.outputColumn],
			found: `a second sink, ${show(second.name)} beside ${show(sinks[0]?.name)}`,
			expected: 'exactly one processor without an output',
		});
	}
	if (description.detectors.length === 0) {
		throw new InputError({ path: description.place, found: 'no detectors', expected: 'at least one detector' });
	}
	if (sinks.length === 0) throw cycleError(all, links, new Set(all.keys()));
}

/** Kahn's algorithm, taking nodes in the order they are listed. */
function topologicalOrder(all: readonly SystemNode[], links: readonly (readonly number[])[]): number[] {
	const waiting = new Int32Array(all.length);
	for (const targets of links) for (const to of targets) waiting[to] = (waiting[to] as number) + 1;
	const order: number[] = [];
	const ready = [...all.keys()].filter((index) => waiting[index] === 0);
	for (let next = 0; next < ready.length; next++) {
		const index = ready[next] as number;
		order.push(index);
		for (const to of links[index] ?? []) {
			waiting[to] = (waiting[to] as number) - 1;
			if (waiting[to] === 0) ready.push(to);
		}
	}
	if (order.length < all.length) {
		const placed = new Set(order);
		throw cycleError(all, links, new Set([...all.keys()].filter((index) => !placed.has(index))));
	}
	return order;
}

/** Names one cycle among the nodes that could not be placed. */
function cycleError(all: readonly SystemNode[], links: readonly (readonly number[])[], left: ReadonlySet<number>): InputError {
	const seen: number[] = [];
	let at = [...left].find((index) => (links[index] ?? []).some((to) => left.has(to))) ?? 0;
	while (!seen.includes(at)) {
		seen.push(at);
		at = (links[at] ?? []).find((to) => left.has(to)) ?? at;
	}
	const cycle = [...seen.slice(seen.indexOf(at)), at].map((index) => all[index]?.name);
	const node = all[at] as SystemNode;
	return new InputError({
		path: [...node.place, node.outputColumn],
		found: `a cycle: ${cycle.join(' -> ')}`,
		expected: 'outputs that lead to one sink without coming back',
	});
}

function checkFed(all: readonly SystemNode[], order: readonly number[], predecessors: readonly (readonly number[])[]): void {
	for (const [place, index] of order.entries()) {
		const node = all[index] as SystemNode;
		if (node.kind === 'processor' && predecessors[place]?.length === 0) {
			throw new InputError({
				path: node.place,
				found: `the processor ${show(node.name)}, which nothing feeds`,
				expected: 'a detector or processor that feeds it',
			});
		}
	}
}

/** For each node, the product of the reduction ratios of the node and of all nodes downstream of it. */
export function globalRatios(graph: Graph): Float64Array {
	const own = Float64Array.from(graph.nodes, (node) => (node.kind === 'processor' ? node.reductionRatio : 1));
	const product = new Float64Array(graph.nodes.length);
	for (let index = graph.nodes.length - 1; index >= 0; index--) {
		const next = graph.successors[index] ?? [];
		if (next.length <= 1) {
			product[index] = (own[index] as number) * (next.length === 1 ? (product[next[0] as number] as number) : 1);
			continue;
		}
		let ratio = own[index] as number;
		for (const reached of downstream(graph, index)) ratio *= own[reached] as number;
		product[index] = ratio;
	}
	return product;
}

/** Positions of all nodes downstream of one, each once. */
export function downstream(graph: Graph, index: number): Set<number> {
	const reached = new Set<number>();
	const open = [...(graph.successors[index] ?? [])];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (reached.has(next)) continue;
		reached.add(next);
		open.push(...(graph.successors[next] ?? []));
	}
	return reached;
}
