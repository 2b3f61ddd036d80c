import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { GaussianProcess } from './gaussian-process.ts';

test('a smooth function is met between its points, and the doubt grows away from them', () => {
	const f = (x: number) => Math.sin(6 * x);
	const points = Array.from({ length: 9 }, (_, i) => Float64Array.of(i / 10));
	const process = new GaussianProcess(
		points,
		points.map(([x]) => f(x!)),
		['ordered'],
	);
	for (const x of [0.05, 0.33, 0.71]) expect(process.predict(Float64Array.of(x)).mean).toBeCloseTo(f(x), 1);
	for (const point of points) {
		const { mean, deviation } = process.predict(point);
		expect(mean).toBeCloseTo(f(point[0]!), 1);
		expect(deviation).toBeLessThan(0.1);
	}
	expect(process.predict(Float64Array.of(1)).deviation).toBeGreaterThan(5 * process.predict(Float64Array.of(0.45)).deviation);
});

test('predictions of noisy values lie within their deviations as often as they should', () => {
	const random = createRandom(1);
	const draw = () => Float64Array.of(random.uniform(), random.uniform());
	const truth = ([x = 0, y = 0]: Float64Array) => 3 * Math.sin(5 * x) + y * y;
	const points = Array.from({ length: 60 }, draw);
	const process = new GaussianProcess(
		points,
		points.map((point) => truth(point) + 0.2 * random.normal()),
		['ordered', 'ordered'],
	);
	let within = 0;
	for (let i = 0; i < 400; i++) {
		const point = draw();
		const { mean, deviation } = process.predict(point);
		if (Math.abs(mean - truth(point)) < 2 * deviation) within++;
	}
	expect(within / 400).toBeGreaterThan(0.85);
});

test('a dimension that does not matter is found out: moving along it changes little', () => {
	const random = createRandom(2);
	const points = Array.from({ length: 40 }, () => Float64Array.of(random.uniform(), random.uniform()));
	const process = new GaussianProcess(
		points,
		points.map(([x]) => Math.cos(7 * x!)),
		['ordered', 'ordered'],
	);
	const along = [0.1, 0.5, 0.9].map((y) => process.predict(Float64Array.of(0.4, y)).mean);
	expect(Math.max(...along) - Math.min(...along)).toBeLessThan(0.1);
});

test('equal values, one point and values that are no numbers', () => {
	const same = new GaussianProcess([Float64Array.of(0.2), Float64Array.of(0.8)], [3, 3], ['ordered']);
	expect(same.predict(Float64Array.of(0.5)).mean).toBeCloseTo(3, 9);
	expect(new GaussianProcess([Float64Array.of(0.2)], [7], ['ordered']).predict(Float64Array.of(0.2)).mean).toBeCloseTo(7, 9);
	expect(() => new GaussianProcess([], [], ['ordered'])).toThrow(RangeError);
	expect(() => new GaussianProcess([Float64Array.of(0)], [Number.NaN], ['ordered'])).toThrow(RangeError);
});
