/** A sample of many runs by chance, the same each time. */

/**
 * At most `size` of the rows that are `able`, ascending: those whose position's hash is smallest. A run keeps its place in the sample while
 * others end, until enough with smaller hashes have.
 */
export function sampleRows(positions: ArrayLike<number>, isAble: (row: number) => boolean, size: number, seed = 0): Uint32Array {
	const rows: number[] = [];
	for (let row = 0; row < positions.length; row++) if (isAble(row)) rows.push(row);
	if (rows.length <= size) return Uint32Array.from(rows);
	const hashes = new Map(rows.map((row) => [row, mixed((positions[row] as number) ^ Math.imul(seed, 0x9e3779b1))]));
	const hash = (row: number): number => hashes.get(row) ?? 0;
	return Uint32Array.from(rows.sort((a, b) => hash(a) - hash(b) || a - b).slice(0, size)).sort();
}

/** The mixer at the end of MurmurHash3: every bit of the input turns half of the output's over. */
function mixed(value: number): number {
	let bits = value >>> 0;
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}
