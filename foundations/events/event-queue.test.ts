import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventHandle, EventQueue, noEvent } from './event-queue.ts';

interface Naive {
	time: number;
	order: number;
	kind: number;
	payload: number;
	handle: EventHandle;
}

test('fires, cancels and counts exactly as a sorted list does, whatever the order of the calls', () => {
	const step = fc.oneof(
		{ weight: 4, arbitrary: fc.record({ do: fc.constant('schedule' as const), delay: fc.integer({ min: 0, max: 6 }) }) },
		{ weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(50) }) },
		{ weight: 3, arbitrary: fc.record({ do: fc.constant('fire' as const) }) },
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
			const queue = new EventQueue(4);
			const list: Naive[] = [];
			const handles: EventHandle[] = [];
			let order = 0;
			for (const one of steps) {
				if (one.do === 'schedule') {
					const handle = queue.schedule(one.delay, order % 7, order);
					handles.push(handle);
					list.push({ time: queue.now + one.delay, order, kind: order % 7, payload: order, handle });
					list.sort((a, b) => a.time - b.time || a.order - b.order);
					order++;
				} else if (one.do === 'cancel') {
					const handle = handles[one.which % Math.max(1, handles.length)] ?? noEvent;
					const at = list.findIndex((event) => event.handle === handle);
					expect(queue.timeOf(handle)).toBe(at < 0 ? Number.NaN : list[at]?.time);
					expect(queue.cancel(handle)).toBe(at >= 0);
					if (at >= 0) list.splice(at, 1);
				} else {
					const first = list.shift();
					expect(queue.advance()).toBe(first !== undefined);
					if (first !== undefined)
						expect([queue.now, queue.kind, queue.payload]).toEqual([first.time, first.kind, first.payload]);
				}
				expect(queue.size).toBe(list.length);
				expect(queue.nextTime).toBe(list[0]?.time ?? Number.POSITIVE_INFINITY);
			}
		}),
		{ numRuns: 300 },
	);
});

test('a handle of a fired event never names the event that took its place', () => {
	const queue = new EventQueue();
	const first = queue.schedule(1, 0, 0);
	queue.advance();
	queue.schedule(1, 0, 1);
	expect(queue.cancel(first)).toBe(false);
	expect(queue.size).toBe(1);
});

test('refuses the past and times that are no numbers', () => {
	const queue = new EventQueue();
	queue.schedule(2, 0, 0);
	queue.advance();
	expect(() => queue.scheduleAt(1, 0, 0)).toThrow(RangeError);
	expect(() => queue.schedule(Number.NaN, 0, 0)).toThrow(RangeError);
});

test('holds a hundred thousand events in order', () => {
	const queue = new EventQueue();
	let state = 1;
	for (let i = 0; i < 100_000; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		queue.schedule(state % 1000, 0, i);
	}
	let lastTime = -1;
	let lastPayload = -1;
	while (queue.advance()) {
		if (queue.now === lastTime) expect(queue.payload).toBeGreaterThan(lastPayload);
		else expect(queue.now).toBeGreaterThan(lastTime);
		lastTime = queue.now;
		lastPayload = queue.payload;
	}
});
