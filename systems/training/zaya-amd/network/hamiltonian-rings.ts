/**
 * Rings over a full mesh that share no link: directed cycles through all GPUs. With n-1 of them every link of the mesh is
 * used, which is how a ring all-reduce reaches (n-1) times a link's bandwidth. Such a set exists for every n but 4 and 6
 * (Tillson, "A Hamiltonian decomposition of K*_2m, 2m >= 8", 1980; Bermond and Faber 1976).
 */

/** Steps of the search before it settles for fewer rings. */
const searchSteps = 400_000;

/** As many link-disjoint rings as were found, each a list of GPUs; n-1 of them up to 9 GPUs except 4 and 6. */
export function linkDisjointRings(gpus: number): number[][] {
	if (gpus < 2) return [];
	if (gpus === 2) return [[0, 1]];
	const zigzag = zigzagRings(gpus);
	if (gpus % 2 === 1 || gpus > 16) return zigzag;
	return search(gpus, zigzag);
}

/**
 * Walecki's zigzag: on an odd number, (n-1)/2 undirected cycles that cover everything, each used both ways; on an even number
 * those of n-1 GPUs with the last one put between two others, where both links are still free.
 */
function zigzagRings(gpus: number): number[][] {
	const around = gpus % 2 === 1 ? gpus - 1 : gpus - 2;
	const hub = gpus % 2 === 1 ? gpus - 1 : gpus - 2;
	const half = around / 2;
	const rings: number[][] = [];
	for (let turn = 0; turn < half; turn++) {
		const ring = [hub];
		for (let i = 0; i < around; i++) {
			const step = i % 2 === 0 ? i / 2 : around - (i + 1) / 2;
			ring.push((step + turn) % around);
		}
		if (gpus % 2 === 0) {
			// The middle edge of each zigzag joins opposite GPUs and is another pair in each turn.
			ring.splice(1 + half, 0, gpus - 1);
		}
		rings.push(ring, [...ring].reverse());
	}
	return rings;
}

/** Depth-first over rings, one per first link out of GPU 0; the best set found, at least as large as `known`. */
function search(gpus: number, known: number[][]): number[][] {
	const used = new Uint8Array(gpus * gpus);
	const rings: number[][] = [];
	let best = known;
	let steps = 0;
	const extend = (ring: number[], seen: number, first: number): boolean => {
		if (++steps > searchSteps) return false;
		const last = ring.at(-1) ?? 0;
		if (ring.length === gpus) {
			if (used[last * gpus]) return false;
			used[last * gpus] = 1;
			rings.push([...ring]);
			if (rings.length > best.length) best = rings.map((one) => [...one]);
			const done = rings.length === gpus - 1 || extend([0], 1, first + 1);
			if (done) return true;
			rings.pop();
			used[last * gpus] = 0;
			return false;
		}
		for (let offset = 0; offset < gpus; offset++) {
			const next = ring.length === 1 ? first : (last + first + offset) % gpus;
			if (ring.length === 1 && offset > 0) break;
			if ((seen >> next) & 1 || used[last * gpus + next]) continue;
			used[last * gpus + next] = 1;
			ring.push(next);
			if (extend(ring, seen | (1 << next), first)) return true;
			ring.pop();
			used[last * gpus + next] = 0;
		}
		return false;
	};
	extend([0], 1, 1);
	return best;
}
