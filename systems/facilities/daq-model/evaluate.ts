/**
 * One evaluation of a system: message sizes flow down the graph, then counts of irrelevant and relevant events, then power,
 * latency and energy follow from both. Equation numbers are those of the model in README.md.
 */
import { InputError } from '@assay/contract';
import type { Classifier, Decision, Mode } from './classifier.ts';
import { passEverything } from './classifier.ts';
import { type Graph, globalRatios, identityComplexity, ratioColumn, type SystemNode } from './graph.ts';
import { evaluatePolynomial } from './polynomial.ts';

/** What a link carries: the message as the transmitter has it (as published), or after the transmitter's compression. */
export type LinkLoad = 'before-compression' | 'after-compression';

export interface EvaluateOptions {
	readonly mode: Mode;
	readonly linkLoad: LinkLoad;
}

/** Counts per second of irrelevant and relevant events. */
export interface EventCounts {
	readonly irrelevant: number;
	readonly relevant: number;
}

export interface NodeResult {
	readonly node: SystemNode;
	/** Message at this node, B (1). */
	readonly messageBytes: number;
	/** Message passed on, B (1). */
	readonly outBytes: number;
	readonly operations: number;
	/** J per event (6). */
	readonly energyJ: number;
	readonly powerW: number;
	readonly inputRateHz: number;
	readonly outputRateHz: number;
	/** Product of reduction ratios from here to the sink (2). */
	readonly globalRatio: number;
	readonly classifies: boolean;
	readonly decision: Decision;
	readonly arriving: EventCounts;
	readonly discarded: EventCounts;
	readonly kept: EventCounts;
	/** Discarded here and upstream, averaged over branches as the events are. */
	readonly discardedSoFar: EventCounts;
	/** Time at which a message is through with this node, s (9). */
	readonly latencyS: number;
	/** J per event at this node and at all nodes upstream of it (10). */
	readonly upstreamEnergyJ: number;
}

export interface LinkResult {
	readonly from: string;
	readonly to: string;
	readonly messageBytes: number;
	readonly throughputBytesPerS: number;
	readonly eventsPerS: number;
	readonly energyJ: number;
	readonly powerW: number;
}

export interface Evaluation {
	readonly graph: Graph;
	readonly nodes: readonly NodeResult[];
	readonly links: readonly LinkResult[];
	readonly operationPowerW: number;
	readonly linkPowerW: number;
	/** The pipeline's contingency table (7). */
	readonly discarded: EventCounts;
	readonly kept: EventCounts;
}

/** Time of one operation, s (published code). */
export const operationLatencyS = 1e-9;

/** Beyond this a complexity function is a mistake. */
const mostOperations = 1e30;

/** Evaluates a graph; `classifierOf` gives the classifier of a processor. */
export function evaluate(graph: Graph, classifierOf: (node: SystemNode) => Classifier, options: EvaluateOptions): Evaluation {
	const whole = options.mode === 'published' ? Math.trunc : (count: number) => count;
	const ratios = globalRatios(graph);
	const nodes: NodeResult[] = [];
	let operationPowerW = 0;
	for (const [index, node] of graph.nodes.entries()) {
		const before = (graph.predecessors[index] ?? []).map((position) => nodes[position] as NodeResult);
		const result = evaluateNode(node, before, ratios[index] as number, classifierOf(node), whole);
		operationPowerW += result.powerW;
		nodes.push(result);
	}
	if (graph.nodes.some((_, index) => (graph.successors[index]?.length ?? 0) > 1)) shareUpstreamEnergy(graph, nodes);
	const links = linkResults(graph, nodes, options.linkLoad);
	let linkPowerW = 0;
	for (const link of links) linkPowerW += link.powerW;
	const sink = nodes[nodes.length - 1] as NodeResult;
	const contingency =
		options.mode === 'published' ? publishedContingency(graph, nodes) : { discarded: sink.discardedSoFar, kept: sink.kept };
	return { graph, nodes, links, operationPowerW, linkPowerW, ...contingency };
}

function evaluateNode(
	node: SystemNode,
	before: readonly NodeResult[],
	globalRatio: number,
	classifier: Classifier,
	whole: (count: number) => number,
): NodeResult {
	let messageBytes = node.dataBytes;
	let routingS = 0;
	let arrivalS = 0;
	let upstreamEnergyJ = 0;
	for (const one of before) {
		messageBytes += one.outBytes;
		routingS = Math.max(routingS, one.node.routingLatencyS);
		arrivalS = Math.max(arrivalS, one.latencyS);
		upstreamEnergyJ += one.upstreamEnergyJ;
	}
	const operations = evaluatePolynomial(node.complexity ?? identityComplexity, messageBytes);
	if (!(operations >= 0 && operations <= mostOperations)) {
		throw new InputError({
			path: [...node.place, node.outputColumn === 'outputs' ? 'complexity' : 'Complexity'],
			found: `${operations} operations for a message of ${messageBytes} bytes`,
			expected: `from 0 to ${mostOperations}`,
		});
	}
	const steps = node.parallelism === undefined ? 1 : evaluatePolynomial(node.parallelism, operations);
	const energyJ = node.opEnergyJPerOp * operations;
	const events =
		node.kind === 'detector' ? emit(node.sampleRateHz, globalRatio, whole) : receive(node, before, classifier, whole);
	return {
		node,
		messageBytes,
		outBytes: messageBytes * (1 - node.compression),
		operations,
		energyJ,
		powerW: energyJ * events.inputRateHz,
		globalRatio,
		classifies: node.kind === 'processor' && classifier.classifies,
		latencyS: operationLatencyS * steps + routingS + arrivalS,
		upstreamEnergyJ: upstreamEnergyJ + energyJ,
		...events,
	};
}

type EventResult = Pick<
	NodeResult,
	'inputRateHz' | 'outputRateHz' | 'decision' | 'arriving' | 'discarded' | 'kept' | 'discardedSoFar'
>;

const noEvents: EventCounts = { irrelevant: 0, relevant: 0 };

/** A detector emits one relevant event in `globalRatio` (3). */
function emit(sampleRateHz: number, globalRatio: number, whole: (count: number) => number): EventResult {
	const relevant = sampleRateHz / globalRatio;
	const counts = { irrelevant: whole(sampleRateHz - relevant), relevant: whole(relevant) };
	return {
		inputRateHz: sampleRateHz,
		outputRateHz: sampleRateHz,
		decision: passEverything,
		arriving: counts,
		discarded: noEvents,
		kept: counts,
		discardedSoFar: noEvents,
	};
}

/** A processor sees the average of what its predecessors pass on, and classifies it (3, 4, 5). */
function receive(
	node: SystemNode & { kind: 'processor' },
	before: readonly NodeResult[],
	classifier: Classifier,
	whole: (count: number) => number,
): EventResult {
	const average = (pick: (one: NodeResult) => number): number => {
		let total = 0;
		for (const one of before) total += pick(one);
		return total / before.length;
	};
	const arriving = {
		irrelevant: whole(average((one) => one.kept.irrelevant)),
		relevant: whole(average((one) => one.kept.relevant)),
	};
	const decision = classifier.decide(arriving.irrelevant, arriving.relevant, 1 - 1 / node.reductionRatio);
	if ('smallestRatio' in decision) {
		throw new InputError({
			path: [...node.place, ratioColumn(node)],
			found: `${node.reductionRatio} at ${node.name}, which no threshold meets: the lowest score alone takes more events than may go`,
			expected: `more than ${decision.smallestRatio.toPrecision(5)}, or 1 to keep every event`,
		});
	}
	const discarded = {
		irrelevant: whole(arriving.irrelevant * decision.rejectedIrrelevant),
		relevant: whole(arriving.relevant * decision.rejectedRelevant),
	};
	const kept = {
		irrelevant: whole(arriving.irrelevant * (1 - decision.rejectedIrrelevant)),
		relevant: whole(arriving.relevant * (1 - decision.rejectedRelevant)),
	};
	return {
		inputRateHz: arriving.irrelevant + arriving.relevant,
		outputRateHz: kept.irrelevant + kept.relevant,
		decision,
		arriving,
		discarded,
		kept,
		discardedSoFar: {
			irrelevant: average((one) => one.discardedSoFar.irrelevant) + discarded.irrelevant,
			relevant: average((one) => one.discardedSoFar.relevant) + discarded.relevant,
		},
	};
}

/** Link energy and power (6): every successor receives the whole message. */
function linkResults(graph: Graph, nodes: readonly NodeResult[], load: LinkLoad): LinkResult[] {
	const links: LinkResult[] = [];
	for (const [index, from] of nodes.entries()) {
		for (const position of graph.successors[index] ?? []) {
			const messageBytes = load === 'before-compression' ? from.messageBytes : from.outBytes;
			const energyJ = from.node.linkEnergyJPerBit * messageBytes * 8;
			links.push({
				from: from.node.name,
				to: (nodes[position] as NodeResult).node.name,
				messageBytes,
				throughputBytesPerS: messageBytes * from.outputRateHz,
				eventsPerS: from.outputRateHz,
				energyJ,
				powerW: energyJ * from.outputRateHz,
			});
		}
	}
	return links;
}

/**
 * Equation (7) as published: discards of every classifying node and what the last classifying nodes keep, summed even over
 * branches in parallel, which see the same events.
 */
function publishedContingency(graph: Graph, nodes: readonly NodeResult[]): { discarded: EventCounts; kept: EventCounts } {
	const discarded = { irrelevant: 0, relevant: 0 };
	const kept = { irrelevant: 0, relevant: 0 };
	const classifiesBelow: boolean[] = [];
	for (let index = nodes.length - 1; index >= 0; index--) {
		const node = nodes[index] as NodeResult;
		const below = (graph.successors[index] ?? []).some((position) => classifiesBelow[position]);
		classifiesBelow[index] = below || node.classifies;
		if (!node.classifies) continue;
		discarded.irrelevant += node.discarded.irrelevant;
		discarded.relevant += node.discarded.relevant;
		if (below) continue;
		kept.irrelevant += node.kept.irrelevant;
		kept.relevant += node.kept.relevant;
	}
	const sink = nodes[nodes.length - 1] as NodeResult;
	return nodes.some((node) => node.classifies) ? { discarded, kept } : { discarded: sink.discardedSoFar, kept: sink.kept };
}

/** Where branches part and meet again, a node's energy counts once among those upstream. */
function shareUpstreamEnergy(graph: Graph, nodes: NodeResult[]): void {
	const upstream: Set<number>[] = [];
	for (const [index, node] of nodes.entries()) {
		const all = new Set<number>([index]);
		for (const position of graph.predecessors[index] ?? []) for (const one of upstream[position] ?? []) all.add(one);
		upstream.push(all);
		let energyJ = 0;
		for (const position of all) energyJ += (nodes[position] as NodeResult).energyJ;
		nodes[index] = { ...node, upstreamEnergyJ: energyJ };
	}
}
