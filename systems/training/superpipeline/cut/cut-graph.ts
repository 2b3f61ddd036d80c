/** Cuts a graph into units that are streamed and parts that stay. */
import { InputError } from '@assay/contract';
import { type OnnxGraph, type OnnxInitializer, type OnnxNode, tensorsRead } from '@assay/models/onnx';
import { allowedCuts, type CutRule } from './allowed-cuts.ts';
import { balancedCuts } from './balanced-cuts.ts';
import { hoistConstants } from './hoist-constants.ts';
import { type Liveness, liveness, STREAMED_BYTES } from './liveness.ts';
import { findRepetition } from './period.ts';
import { signatureOf } from './signature.ts';

/** Types that a runtime takes as inputs; weights of other types stay in the graph. */
const FEEDABLE = new Set([
	'float32',
	'float16',
	'float64',
	'int8',
	'uint8',
	'int16',
	'uint16',
	'int32',
	'uint32',
	'int64',
	'uint64',
	'bool',
]);

/** Units must hold this share of a stretch's weights, or it is cut evenly instead. */
const LEAST_REPEATED = 1 / 3;

/** A stretch of operators. */
export interface Part {
	readonly nodes: readonly OnnxNode[];
	readonly signature: string;
	/** Large weights that this part alone uses. */
	readonly weights: readonly OnnxInitializer[];
	/** Large weights that other parts use too: tied. */
	readonly tied: readonly OnnxInitializer[];
	/** Weights below 64 KiB, and those of types that cannot be fed. */
	readonly constants: readonly OnnxInitializer[];
	/** Tensors from graph inputs or earlier parts. */
	readonly inputs: readonly string[];
	/** Tensors that later parts or the graph's outputs need. */
	readonly outputs: readonly string[];
	/** Of `weights`. */
	readonly weightBytes: number;
}

export interface CutGraph {
	/** The graph with constants among its weights. */
	readonly graph: OnnxGraph;
	/** In order. Streamed parts are the units; the others stay on the device. */
	readonly parts: readonly (Part & { readonly streamed: boolean })[];
	/** How units were found. */
	readonly by: 'repetition' | 'balance';
}

export interface CutOptions extends CutRule {
	/** Units where nothing repeats. */
	readonly units: number;
	/** Parts before and after the repeated units that hold more are streamed as well. */
	readonly largestSharedBytes: number;
}

/** Raises an InputError for a graph that can be cut nowhere. */
export function cutGraph(original: OnnxGraph, options: CutOptions, fileName: string): CutGraph {
	const graph = hoistConstants(original);
	const live = liveness(graph);
	const cuts = allowedCuts(graph, live, options);
	if (cuts.length === 0) {
		throw new InputError({
			path: [fileName],
			found: `${graph.nodes.length} operators and no place between them that only ${options.mostCarried} of their results cross`,
			expected: 'a graph that can be cut into units, or more results that may cross a cut (run.crossingTensors)',
		});
	}
	const segments = segmentsBetween(graph, cuts);
	const users = usersOf(graph, segments);
	const weights = segments.map((nodes) => ownWeights(graph, nodes, users).reduce((sum, { bytes }) => sum + bytes, 0));
	const signatures = segments.map((nodes) => signatureOf(graph, nodes));
	const groups: Group[] = [];
	const balance = (from: number, count: number, units: number): void => {
		let at = from;
		for (const size of balancedCuts(weights.slice(from, from + count), units)) {
			groups.push({ from: at, count: size, streamed: true });
			at += size;
		}
	};
	/** Finds units in a stretch of segments; what lies around them stays, or is treated likewise where it is too large. */
	const split = (from: number, count: number, unitsOtherwise: (bytes: number) => number): boolean => {
		const stretch = weights.slice(from, from + count);
		const bytes = sumOf(stretch, 0, count);
		const found = findRepetition(signatures.slice(from, from + count), stretch, (start) => crossing(cuts, live, from + start));
		const inside = found === undefined ? 0 : sumOf(stretch, found.start, found.period * found.count);
		if (found === undefined || inside < LEAST_REPEATED * bytes) {
			balance(from, count, unitsOtherwise(bytes));
			return false;
		}
		const unitBytes = inside / found.count;
		const around = (start: number, length: number): void => {
			if (length === 0) return;
			if (sumOf(weights, start, length) <= options.largestSharedBytes)
				groups.push({ from: start, count: length, streamed: false });
			else split(start, length, (more) => Math.ceil(more / unitBytes));
		};
		const first = from + found.start;
		const end = first + found.period * found.count;
		around(from, found.start);
		for (let start = first; start < end; start += found.period) groups.push({ from: start, count: found.period, streamed: true });
		around(end, from + count - end);
		return true;
	};
	const by = split(0, segments.length, () => options.units) ? 'repetition' : 'balance';
	const nodes = groups.map(({ from, count }) => segments.slice(from, from + count).flat());
	return {
		graph,
		by,
		parts: partsOf(graph, live, nodes).map((part, i) => ({ ...part, streamed: groups[i]?.streamed === true })),
	};
}

interface Group {
	readonly from: number;
	readonly count: number;
	readonly streamed: boolean;
}

/** Tensors that cross the place where a segment starts. */
function crossing(cuts: readonly number[], live: Liveness, segment: number): number {
	return segment === 0 ? 0 : live.across(cuts[segment - 1] as number).length;
}

const sumOf = (values: readonly number[], from: number, count: number): number =>
	values.slice(from, from + count).reduce((sum, one) => sum + one, 0);

function segmentsBetween(graph: OnnxGraph, cuts: readonly number[]): OnnxNode[][] {
	const starts = [0, ...cuts.map((position) => position + 1)];
	return starts.map((start, i) => graph.nodes.slice(start, starts[i + 1] ?? graph.nodes.length));
}

/** How many groups of operators use each weight. */
function usersOf(graph: OnnxGraph, groups: readonly (readonly OnnxNode[])[]): Map<string, number> {
	const users = new Map<string, number>();
	for (const nodes of groups) for (const name of weightNames(graph, nodes)) users.set(name, (users.get(name) ?? 0) + 1);
	return users;
}

function weightNames(graph: OnnxGraph, nodes: readonly OnnxNode[]): Set<string> {
	return new Set(nodes.flatMap((node) => tensorsRead(node)).filter((name) => graph.initializers.has(name)));
}

function ownWeights(graph: OnnxGraph, nodes: readonly OnnxNode[], users: ReadonlyMap<string, number>): OnnxInitializer[] {
	return [...weightNames(graph, nodes)]
		.map((name) => graph.initializers.get(name) as OnnxInitializer)
		.filter((weight) => isLarge(weight) && users.get(weight.name) === 1);
}

const isLarge = ({ bytes, elementType }: OnnxInitializer): boolean => bytes >= STREAMED_BYTES && FEEDABLE.has(elementType);

function partsOf(graph: OnnxGraph, live: Liveness, groups: readonly (readonly OnnxNode[])[]): Part[] {
	const users = usersOf(graph, groups);
	let position = -1;
	return groups.map((nodes) => {
		const written = new Set(nodes.flatMap(({ output }) => output));
		position += nodes.length;
		const later = new Set(live.across(position));
		const names = [...weightNames(graph, nodes)].map((name) => graph.initializers.get(name) as OnnxInitializer);
		const weights = names.filter((weight) => isLarge(weight) && users.get(weight.name) === 1);
		const reads = new Set(nodes.flatMap((node) => tensorsRead(node)));
		return {
			nodes,
			signature: signatureOf(graph, nodes),
			weights,
			tied: names.filter((weight) => isLarge(weight) && users.get(weight.name) !== 1),
			constants: names.filter((weight) => !isLarge(weight)),
			inputs: [...reads].filter((name) => !written.has(name) && !graph.initializers.has(name)),
			outputs: [...written].filter((name) => later.has(name)),
			weightBytes: weights.reduce((sum, { bytes }) => sum + bytes, 0),
		};
	});
}
