/** Vectors of length 1 by id, side by side in one array, so that the nearest are found exactly in one pass. */

export interface Near {
	readonly id: number;
	/** Cosine, from -1 to 1. */
	readonly score: number;
}

export class VectorTable {
	readonly dimensions: number;
	private data: Float32Array;
	private ids: number[] = [];
	private readonly rows = new Map<number, number>();

	constructor(dimensions: number, capacity = 64) {
		this.dimensions = dimensions;
		this.data = new Float32Array(dimensions * capacity);
	}

	get size(): number {
		return this.ids.length;
	}

	set(id: number, vector: Float32Array): void {
		let row = this.rows.get(id);
		if (row === undefined) {
			row = this.ids.length;
			this.rows.set(id, row);
			this.ids.push(id);
			if (this.data.length < this.ids.length * this.dimensions) {
				const wider = new Float32Array(Math.max(2 * this.data.length, this.ids.length * this.dimensions));
				wider.set(this.data);
				this.data = wider;
			}
		}
		this.data.set(vector, row * this.dimensions);
	}

	get(id: number): Float32Array | undefined {
		const row = this.rows.get(id);
		return row === undefined ? undefined : this.data.subarray(row * this.dimensions, (row + 1) * this.dimensions);
	}

	/** Removes a vector; the last one takes its row. */
	delete(id: number): void {
		const row = this.rows.get(id);
		if (row === undefined) return;
		const last = this.ids.length - 1;
		const moved = this.ids[last]!;
		this.data.copyWithin(row * this.dimensions, last * this.dimensions, (last + 1) * this.dimensions);
		this.ids[row] = moved;
		this.rows.set(moved, row);
		this.ids.pop();
		this.rows.delete(id);
	}

	keys(): readonly number[] {
		return this.ids;
	}

	/** The `count` with the largest cosine above 0, largest first, ties by the larger id; only those that `admits` lets pass. */
	nearest(vector: Float32Array, count: number, admits: (id: number) => boolean = () => true): Near[] {
		const kept: Near[] = [];
		let least = 0;
		for (let row = 0; row < this.ids.length; row++) {
			const score = dot(vector, this.data, row * this.dimensions);
			if (score <= least) continue;
			const id = this.ids[row]!;
			if (!admits(id)) continue;
			kept.push({ id, score });
			if (kept.length >= 2 * count + 64) {
				keepBest(kept, count);
				// Equal scores still compete by id.
				least = Math.max(0, kept[count - 1]!.score - Number.EPSILON);
			}
		}
		return keepBest(kept, count);
	}
}

function keepBest(list: Near[], count: number): Near[] {
	list.sort((a, b) => b.score - a.score || b.id - a.id);
	list.length = Math.min(list.length, count);
	return list;
}

/** Four sums side by side keep the processor's units busy. */
function dot(a: Float32Array, data: Float32Array, start: number): number {
	let s0 = 0;
	let s1 = 0;
	let s2 = 0;
	let s3 = 0;
	let i = 0;
	for (; i + 3 < a.length; i += 4) {
		s0 += a[i]! * data[start + i]!;
		s1 += a[i + 1]! * data[start + i + 1]!;
		s2 += a[i + 2]! * data[start + i + 2]!;
		s3 += a[i + 3]! * data[start + i + 3]!;
	}
	for (; i < a.length; i++) s0 += a[i]! * data[start + i]!;
	return s0 + s1 + s2 + s3;
}
