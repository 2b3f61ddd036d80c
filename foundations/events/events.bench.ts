import { test } from 'vitest';
import { EventQueue } from './event-queue.ts';

const events = 30_000;
const waiting = 2_000;

test(`${events} events scheduled and fired while ${waiting} wait`, async ({ bench }) => {
	const ours = bench('event queue', () => {
		const queue = new EventQueue(waiting);
		let state = 1;
		for (let i = 0; i < events; i++) {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			queue.schedule(state / 4294967296, 0, i);
			if (queue.size > waiting) queue.advance();
		}
		while (queue.advance());
	});

	const rival = bench('rival: plain array kept sorted by binary insertion', () => {
		const list: { time: number; payload: number }[] = [];
		let now = 0;
		let state = 1;
		for (let i = 0; i < events; i++) {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			const time = now + state / 4294967296;
			let low = 0;
			let high = list.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				// Latest first, so that the next event is popped off the end.
				if ((list[middle]?.time ?? 0) > time) low = middle + 1;
				else high = middle;
			}
			list.splice(low, 0, { time, payload: i });
			if (list.length > waiting) now = list.pop()?.time ?? now;
		}
	});

	await bench.compare(ours, rival);
});
