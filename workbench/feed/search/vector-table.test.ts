import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { VectorTable } from './vector-table.ts';

test('the nearest are those of a full sort, after insertions, replacements and removals', () => {
	const random = createRandom(4);
	const draw = (): Float32Array => Float32Array.from({ length: 7 }, () => random.normal());
	const table = new VectorTable(7, 2);
	const kept = new Map<number, Float32Array>();
	for (let step = 0; step < 3_000; step++) {
		const id = random.integer(800);
		if (random.integer(4) === 0) {
			table.delete(id);
			kept.delete(id);
		} else {
			const vector = draw();
			table.set(id, vector);
			kept.set(id, vector);
		}
	}
	expect(table.size).toBe(kept.size);
	for (const [id, vector] of kept) expect(table.get(id)).toEqual(vector);
	const even = (id: number): boolean => id % 2 === 0;
	for (const admits of [undefined, even]) {
		const query = draw();
		const wanted = [...kept]
			.filter(([id]) => admits?.(id) ?? true)
			.map(([id, vector]) => ({ id, score: vector.reduce((sum, value, index) => sum + value * query[index]!, 0) }))
			.filter(({ score }) => score > 0)
			.sort((a, b) => b.score - a.score)
			.slice(0, 25);
		expect(table.nearest(query, 25, admits).map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
	}
});

test('equal scores go by the larger id, however many there are', () => {
	const table = new VectorTable(1);
	for (let id = 1; id <= 500; id++) table.set(id, Float32Array.of(1));
	expect(table.nearest(Float32Array.of(1), 3).map(({ id }) => id)).toEqual([500, 499, 498]);
	expect(table.nearest(Float32Array.of(0), 3)).toEqual([]);
});
