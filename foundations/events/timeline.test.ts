import { expect, test } from 'vitest';
import { Level, Spans } from './timeline.ts';

test('spans come back as columns', () => {
	const spans = new Spans();
	for (let i = 0; i < 200; i++) spans.record(i % 3, i % 2, i, i + 0.5, 2 * i);
	expect(spans.length).toBe(200);
	expect(spans.start.view()[199]).toBe(199);
	expect(spans.value.view().reduce((a, b) => a + b, 0)).toBe(199 * 200);
	expect(spans.track.view()[100]).toBe(1);
});

test('the average of a level weighs by time', () => {
	const level = new Level();
	level.record(1, 4);
	level.record(2, 4);
	level.record(3, 0);
	expect(level.time.length).toBe(2);
	expect(level.average(0, 4)).toBe(2);
	expect(level.average(2, 3)).toBe(4);
	expect(level.average(2, 2)).toBeNaN();
});
