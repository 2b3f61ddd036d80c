/** Data on their way from the drives into buffers, in the order they will be wanted. */
import type { BufferPool } from './buffer-pool.ts';

/** A buffer on its way: when its read is in the drives' queue, and when it is filled. Both give its address. */
export interface Arrival {
	readonly issued: Promise<number>;
	readonly filled: Promise<number>;
}

/** Takes a buffer for each item in turn and fills it; an item starts as soon as the one before has its buffer and another is free. */
export function inOrder(
	items: readonly number[],
	pool: BufferPool,
	fill: (item: number, address: number) => Promise<unknown>,
): Arrival[] {
	let turn: Promise<unknown> = Promise.resolve();
	return items.map((item) => {
		let filling: Promise<unknown> = Promise.resolve();
		const issued = turn.then(async () => {
			const address = await pool.take();
			filling = fill(item, address);
			filling.catch(() => undefined);
			return address;
		});
		turn = issued;
		const filled = issued.then(async (address) => {
			await filling;
			return address;
		});
		// Whoever waits for it sees the failure; nobody may be waiting yet.
		filled.catch(() => undefined);
		return { issued, filled };
	});
}

/** The address of the buffer of one arrival, once it is filled. */
export function filled(list: readonly Arrival[], index: number): Promise<number> {
	const one = list[index];
	if (one === undefined) throw new RangeError(`no item ${index} of ${list.length}`);
	return one.filled;
}
