/**
 * How many passes a cascade must make over a rank (FuseMax, section III).
 *
 * Each Einsum gets the number of the pass in which it can be computed at the earliest. What is indexed by the rank itself arrives during
 * the same pass. What is left when a reduction over the rank is complete exists only at the end of that pass: whoever walks the rank and needs
 * it does so in the next. Running tensors are indexed by the tile, depend on tiles before alone, and so cost no pass. Passes go over
 * tiles where the rank is split: a reduction within a tile is complete when the tile is.
 */
import type { CheckedCascade, CheckedEinsum, Tensor } from '@assay/models/einsum';
import { leavesOf, printStatement, visitExpression } from '@assay/models/einsum';

export const footprints = ['fibre', 'tile', 'value'] as const;
/** Numbers that must be kept, for each point of the other ranks: the whole rank, a tile of it, or a single one. */
export type Footprint = (typeof footprints)[number];

export interface EinsumPass {
	readonly tensor: string;
	readonly text: string;
	/** Whether it goes through the rank. */
	readonly walks: boolean;
	/** The pass it belongs to; 0 before the first; null where there is no bound. */
	readonly pass: number | null;
	readonly because: string;
}

export interface TensorLife {
	readonly tensor: string;
	readonly kind: Tensor['kind'];
	/** Walk in which it is produced (or first read, for an input) and the last one in which it is read. */
	readonly produced: number | null;
	readonly lastRead: number | null;
	readonly footprint: Footprint;
}

export interface PassAnalysis {
	readonly rank: string;
	/** Walks in all; null where each generation of another rank takes one more. */
	readonly passes: number | null;
	readonly einsums: readonly EinsumPass[];
	readonly tensors: readonly TensorLife[];
	/** Tensors whose exponentials nothing bounds. */
	readonly unsafeExponentials: readonly string[];
}

/** Analyses a cascade with respect to a rank (its whole name, where it is split). */
export function analysePasses(cascade: CheckedCascade, rank: string): PassAnalysis {
	const leaves = leavesOf(cascade.splits, rank);
	const tile = leaves[0] as string;
	const carries = ({ ranks }: { readonly ranks: readonly string[] }) => ranks.includes(tile);
	const tensor = (name: string) => cascade.tensors.get(name) as Tensor;
	const computed = cascade.einsums.filter(({ role }) => role !== 'start');
	const depends = dependants(cascade, carries);
	const pass = new Map<string, number>();
	const passOf = (name: string): number =>
		tensor(name).kind === 'input' ? (carries(tensor(name)) ? 1 : 0) : (pass.get(name) ?? 0);

	const contribution = (read: CheckedEinsum['reads'][number], walks: boolean): number => {
		const complete = isComplete(read, tensor(read.tensor), tile);
		if (walks && complete && depends.has(read.tensor)) return passOf(read.tensor) + 1;
		return passOf(read.tensor);
	};
	// Each round settles at least one Einsum more; what still grows after as many rounds as there are Einsums grows for ever.
	let grows = true;
	for (let round = 0; grows && round <= computed.length + 1; round++) {
		grows = false;
		for (const einsum of computed) {
			const walks = walksRank(einsum, tile);
			const value = Math.max(walks ? 1 : 0, ...einsum.reads.map((read) => contribution(read, walks)));
			if (value > (pass.get(einsum.tensor) ?? -1)) {
				pass.set(einsum.tensor, value);
				grows = true;
			}
		}
	}
	const bounded = !grows;
	const einsums = computed.map((einsum): EinsumPass => {
		const walks = walksRank(einsum, tile);
		return {
			tensor: einsum.tensor,
			text: printStatement(einsum.statement),
			walks,
			pass: bounded ? passOf(einsum.tensor) : null,
			because: bounded ? reason(einsum, walks, rank, tile, tensor, depends, passOf) : `each generation walks ${rank} once more`,
		};
	});
	return {
		rank,
		passes: bounded ? Math.max(0, ...computed.map((einsum) => passOf(einsum.tensor))) : null,
		einsums,
		tensors: [...cascade.tensors.values()].map((one) => life(one, computed, bounded, carries(one), leaves, passOf)),
		unsafeExponentials: computed.filter((einsum) => hasUnsafeExponential(einsum, computed)).map((einsum) => einsum.tensor),
	};
}

const walksRank = ({ ranks, reduction }: CheckedEinsum, tile: string): boolean =>
	ranks.includes(tile) || reduction?.ranks.includes(tile) === true;

/** Whether a read needs the tensor after the rank has been walked to its end. */
function isComplete(read: CheckedEinsum['reads'][number], tensor: Tensor, tile: string): boolean {
	const place = tensor.ranks.indexOf(tile);
	return place < 0 || read.indices[place]?.kind === 'last';
}

/** Tensors that are made, however indirectly, from something indexed by the rank. */
function dependants(cascade: CheckedCascade, carries: (tensor: Tensor) => boolean): Set<string> {
	const found = new Set([...cascade.tensors.values()].filter(carries).map(({ name }) => name));
	for (let before = -1; before < found.size; ) {
		before = found.size;
		for (const { tensor, reads } of cascade.einsums) if (reads.some((read) => found.has(read.tensor))) found.add(tensor);
	}
	return found;
}

function reason(
	einsum: CheckedEinsum,
	walks: boolean,
	rank: string,
	tile: string,
	tensor: (name: string) => Tensor,
	depends: ReadonlySet<string>,
	passOf: (name: string) => number,
): string {
	const own = passOf(einsum.tensor);
	const names = (reads: readonly { readonly tensor: string }[]) => [...new Set(reads.map((read) => read.tensor))].join(', ');
	if (!walks) {
		const last = einsum.reads.filter((read) => passOf(read.tensor) === own && depends.has(read.tensor));
		if (last.length === 0) return `does not walk ${rank} and needs nothing made from it`;
		return `does not walk ${rank}: computed when ${names(last)} ${last.length > 1 ? 'are' : 'is'} complete, after pass ${own}`;
	}
	const ends = reductionEnd(einsum, rank, tile);
	const waits = einsum.reads.filter(
		(read) => isComplete(read, tensor(read.tensor), tile) && depends.has(read.tensor) && passOf(read.tensor) + 1 === own,
	);
	if (waits.length > 0) return `walks ${rank} and needs ${names(waits)}, complete only after pass ${own - 1}: pass ${own}${ends}`;
	const arrives = einsum.reads.filter(
		(read) => read.tensor !== einsum.tensor && passOf(read.tensor) === own && !isComplete(read, tensor(read.tensor), tile),
	);
	if (arrives.length === 0) return `walks ${rank} and needs nothing of an earlier pass: pass ${own}${ends}`;
	const comes = new Set(arrives.map((read) => read.tensor)).size > 1 ? 'they come' : 'it comes';
	return `walks ${rank} and needs ${names(arrives)} as ${comes} in pass ${own}${ends}`;
}

const reductionEnd = ({ ranks, tensor }: CheckedEinsum, rank: string, tile: string): string =>
	ranks.includes(tile) ? '' : `; ${tensor} is complete when ${rank} has been walked to its end`;

function life(
	tensor: Tensor,
	computed: readonly CheckedEinsum[],
	bounded: boolean,
	carries: boolean,
	leaves: readonly string[],
	passOf: (name: string) => number,
): TensorLife {
	const readers = computed
		.filter(({ reads }) => reads.some((read) => read.tensor === tensor.name))
		.map((one) => passOf(one.tensor));
	const lastRead = readers.length === 0 ? null : Math.max(...readers);
	const produced = tensor.kind === 'input' ? (readers.length === 0 ? 0 : Math.min(...readers)) : passOf(tensor.name);
	const inner = leaves.slice(1).some((leaf) => tensor.ranks.includes(leaf));
	const again = carries && tensor.kind !== 'running' && lastRead !== null && lastRead > produced;
	return {
		tensor: tensor.name,
		kind: tensor.kind,
		produced: bounded ? produced : null,
		lastRead: bounded ? lastRead : null,
		footprint: carries && (again || !bounded) ? 'fibre' : inner ? 'tile' : 'value',
	};
}

/** An exponential is safe where a maximum is taken off its argument. */
function hasUnsafeExponential(einsum: CheckedEinsum, computed: readonly CheckedEinsum[]): boolean {
	let unsafe = false;
	visitExpression(einsum.expression, (one) => {
		if (one.kind !== 'call' || one.name !== 'exp') return;
		const [argument] = one.of;
		if (argument?.kind === 'binary' && argument.operator === '-' && argument.right.kind === 'read') {
			const { tensor: name } = argument.right;
			const maximum = computed.find(({ tensor }) => tensor === name);
			const { expression, reduction } = maximum ?? {};
			if (reduction?.by === 'max' || (expression?.kind === 'call' && expression.name === 'max')) return;
		}
		unsafe = true;
	});
	return unsafe;
}
