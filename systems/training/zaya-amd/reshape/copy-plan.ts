/**
 * From where to where bytes go. For every tensor on every rank of the target, dimension by dimension, the pieces it needs are met with
 * the pieces the source has; behind the last dimension that either side cuts, everything lies together on both sides, so a run of
 * bytes is one piece of that dimension. Runs come in the target's order and are never all held: a plan of any length takes no memory.
 */
import type { Placement, Store } from './checkpoint.ts';
import { type Meeting, meetings } from './dimension-split.ts';

/** Takes one run of bytes after the other. Files are positions in the source's and the target's list. */
export interface CopySink {
	copy(sourceFile: number, sourceOffset: number, targetFile: number, targetOffset: number, bytes: number): void;
}

/** Where the bytes of stores are, for the inner loop: `offsetOf(file, tensor)`. */
export interface StoreLocator {
	/** Position of a shape's file in the list of files, and first byte of a tensor in it. */
	locate(file: number, tensor: string): { readonly file: number; readonly offset: number };
}

/** Runs are cut to this length, so that whoever drives the plan can give way in between. */
const longestRunBytes = 4 << 20;

/** The source's copy to read where it has several: ranks for axes along which the tensor is not cut, and the stage. */
export interface SourceCopy {
	readonly tensorRank: number;
	readonly expertRank: number;
	readonly stage: number;
}

/** The first copy of a tensor. */
export function firstCopy({ stages, onlyExpertRank }: Placement): SourceCopy {
	return { tensorRank: 0, expertRank: onlyExpertRank ?? 0, stage: stages[0] as number };
}

/** All copies of a tensor that a checkpoint holds. */
export function allCopies(placement: Placement, ranks: { readonly tensor: number; readonly expert: number }): SourceCopy[] {
	const cut = (axis: 'tensor' | 'expert'): boolean => placement.splits.some((split) => split.axis === axis);
	const copies: SourceCopy[] = [];
	for (const stage of placement.stages) {
		for (let t = 0; t < (cut('tensor') ? 1 : ranks.tensor); t++) {
			const only = placement.onlyExpertRank;
			for (let e = only ?? 0; e < (only !== null ? only + 1 : cut('expert') ? 1 : ranks.expert); e++) {
				copies.push({ tensorRank: t, expertRank: e, stage });
			}
		}
	}
	return copies;
}

/**
 * Gives the runs that fill one rank's tensor of the target to `sink`, in the target's order. Yields every few megabytes. `itemBytes` is
 * the width of a value. Both placements are of the same logical tensor.
 */
export function* copyRuns(
	source: Placement,
	sourceLocator: StoreLocator,
	from: SourceCopy,
	target: Placement,
	targetLocator: StoreLocator,
	to: SourceCopy,
	itemBytes: number,
	sink: CopySink,
): Generator<void> {
	const targetStore = target.store(to.tensorRank, to.stage, to.expertRank);
	if (targetStore === undefined) return;
	const dimensions = source.splits.length;
	let cut = dimensions - 1;
	while (cut > 0 && source.splits[cut]?.plain === true && target.splits[cut]?.plain === true) cut--;
	const sourceStride = strides(source.localShape, itemBytes);
	const targetStride = strides(target.localShape, itemBytes);
	const met = source.splits.slice(0, cut + 1).map((split, d) => {
		const other = target.splits[d];
		if (other === undefined) throw new RangeError('placements of different tensors');
		const rank = other.axis === 'tensor' ? to.tensorRank : other.axis === 'expert' ? to.expertRank : 0;
		return { axis: split.axis, meetings: meetings(split, other, rank) };
	});
	const outer = met.slice(0, -1).map(({ axis, meetings: list }, d) => ({
		axis,
		...expand(list, sourceStride[d] as number, targetStride[d] as number),
	}));
	const inner = met.at(-1) ?? { axis: null, meetings: [{ target: 0, source: 0, length: 1, sourceRank: 0 }] };
	const innerSource = sourceStride[cut] ?? itemBytes;
	const innerTarget = targetStride[cut] ?? itemBytes;

	const sourceStores = new StoresByRank(source, from.stage);
	const sourcePieces = new PieceFinder(sourceLocator);
	const targetPieces = new PieceFinder(targetLocator);
	const index = outer.map(() => 0);
	let pending = 0;
	for (let left = outer.reduce((product, { count }) => product * count, 1); left > 0; left--) {
		let sourceAt = 0;
		let targetAt = 0;
		let tensorRank = from.tensorRank;
		let expertRank = from.expertRank;
		for (let d = 0; d < outer.length; d++) {
			const one = outer[d] as (typeof outer)[number];
			const i = index[d] as number;
			sourceAt += one.source[i] as number;
			targetAt += one.target[i] as number;
			if (one.axis === 'tensor') tensorRank = one.rank[i] as number;
			else if (one.axis === 'expert') expertRank = one.rank[i] as number;
		}
		for (const { source: s, target: t, length, sourceRank } of inner.meetings) {
			const store = sourceStores.of(
				inner.axis === 'tensor' ? sourceRank : tensorRank,
				inner.axis === 'expert' ? sourceRank : expertRank,
			);
			const bytes = length * innerSource;
			for (let done = 0; done < bytes; ) {
				const there = sourcePieces.find(store, sourceAt + s * innerSource + done);
				const here = targetPieces.find(targetStore, targetAt + t * innerTarget + done);
				const run = Math.min(bytes - done, there.available, here.available, longestRunBytes);
				sink.copy(there.file, there.offset, here.file, here.offset, run);
				done += run;
				pending += run;
				if (pending >= longestRunBytes) {
					pending = 0;
					yield;
				}
			}
		}
		for (let d = outer.length - 1; d >= 0; d--) {
			index[d] = (index[d] as number) + 1;
			if ((index[d] as number) < (outer[d]?.count ?? 0)) break;
			index[d] = 0;
		}
	}
}

/** Byte offsets of every index of a dimension that is stepped through one by one. */
function expand(list: readonly Meeting[], sourceStride: number, targetStride: number) {
	const count = list.reduce((sum, { length }) => sum + length, 0);
	const source = new Float64Array(count);
	const target = new Float64Array(count);
	const rank = new Int32Array(count);
	let at = 0;
	for (const meeting of list) {
		for (let i = 0; i < meeting.length; i++) {
			source[at] = (meeting.source + i) * sourceStride;
			target[at] = (meeting.target + i) * targetStride;
			rank[at++] = meeting.sourceRank;
		}
	}
	return { count, source, target, rank };
}

function strides(shape: readonly number[], itemBytes: number): number[] {
	const result = new Array<number>(shape.length);
	let stride = itemBytes;
	for (let d = shape.length - 1; d >= 0; d--) {
		result[d] = stride;
		stride *= shape[d] as number;
	}
	return result;
}

/** The stores of a placement on one stage, looked up once per rank. */
class StoresByRank {
	private readonly placement: Placement;
	private readonly stage: number;
	private readonly known: Store[][] = [];

	constructor(placement: Placement, stage: number) {
		this.placement = placement;
		this.stage = stage;
	}

	of(tensorRank: number, expertRank: number): Store {
		this.known[tensorRank] ??= [];
		const row = this.known[tensorRank];
		const known = row[expertRank];
		if (known !== undefined) return known;
		const store = this.placement.store(tensorRank, this.stage, expertRank);
		if (store === undefined) throw new RangeError('a rank of the source lacks a tensor that it was found to have');
		row[expertRank] = store;
		return store;
	}
}

/** Finds the file and offset of a byte of a store; remembers the store it looked at last. */
class PieceFinder {
	private readonly locator: StoreLocator;
	private readonly known = new Map<Store, { readonly file: number; readonly offset: number }[]>();
	private last: Store | undefined;
	private pieces: { readonly file: number; readonly offset: number }[] = [];
	private readonly result = { file: 0, offset: 0, available: 0 };

	constructor(locator: StoreLocator) {
		this.locator = locator;
	}

	find(store: Store, byte: number): { readonly file: number; readonly offset: number; readonly available: number } {
		if (store !== this.last) {
			this.last = store;
			let pieces = this.known.get(store);
			if (pieces === undefined) {
				pieces = store.files.map((file) => this.locator.locate(file, store.tensor));
				this.known.set(store, pieces);
			}
			this.pieces = pieces;
		}
		const virtual = store.startBytes + byte;
		const piece = Math.floor(virtual / store.pieceBytes);
		const inside = virtual - piece * store.pieceBytes;
		const located = this.pieces[piece];
		if (located === undefined) throw new RangeError(`byte ${byte} lies beyond the pieces of ${store.tensor}`);
		this.result.file = located.file;
		this.result.offset = located.offset + inside;
		this.result.available = store.pieceBytes - inside;
		return this.result;
	}
}
