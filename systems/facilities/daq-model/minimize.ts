/**
 * Minimisers of one variable after Brent (Algorithms for Minimization without Derivatives, 1973): golden-section steps with
 * a parabola through the last three points wherever that is safe. `minimizeBounded` keeps to an interval; the
 * unbracketed search first walks downhill in growing steps until the minimum is enclosed. The published code fits its
 * triggers with the first and solves its thresholds with the second, and where each stops is part of what it published,
 * so tolerances and starting points are those its library uses.
 */

/** (3 - sqrt 5) / 2: the smaller part of a golden section. */
const goldenSection = (3 - Math.sqrt(5)) / 2;
const rootEpsilon = Math.sqrt(2.2e-16);

/** Three best points so far, best first, with their values. */
interface Trail {
	readonly x: [number, number, number];
	readonly f: [number, number, number];
}

/** The step to the vertex of the parabola through the trail, as numerator and positive denominator. */
function parabolaStep({ x, f }: Trail): [number, number] {
	const a = (x[0] - x[1]) * (f[0] - f[2]);
	const b = (x[0] - x[2]) * (f[0] - f[1]);
	const numerator = (x[0] - x[2]) * b - (x[0] - x[1]) * a;
	const denominator = 2 * (b - a);
	return denominator > 0 ? [-numerator, denominator] : [numerator, -denominator];
}

/** Enters a point into the trail; says whether it is the new best. */
function enter(trail: Trail, x: number, f: number): boolean {
	const { x: xs, f: fs } = trail;
	if (f <= fs[0]) {
		[xs[2], fs[2], xs[1], fs[1], xs[0], fs[0]] = [xs[1], fs[1], xs[0], fs[0], x, f];
		return true;
	}
	if (f <= fs[1] || xs[1] === xs[0]) [xs[2], fs[2], xs[1], fs[1]] = [xs[1], fs[1], x, f];
	else if (f <= fs[2] || xs[2] === xs[0] || xs[2] === xs[1]) [xs[2], fs[2]] = [x, f];
	return false;
}

/** Minimum of a function on [low, high], to an absolute tolerance in x (1e-5 unless told). */
export function minimizeBounded(
	evaluate: (x: number) => number,
	low: number,
	high: number,
	tolerance = 1e-5,
): { x: number; value: number } {
	let a = low;
	let b = high;
	const start = a + goldenSection * (b - a);
	const first = evaluate(start);
	const trail: Trail = { x: [start, start, start], f: [first, first, first] };
	let step = 0;
	let before = 0;
	for (let calls = 1; calls < 500; calls++) {
		const x = trail.x[0];
		const middle = (a + b) / 2;
		const near = rootEpsilon * Math.abs(x) + tolerance / 3;
		if (Math.abs(x - middle) <= 2 * near - (b - a) / 2) break;
		let golden = true;
		if (Math.abs(before) > near) {
			const [numerator, denominator] = parabolaStep(trail);
			const limit = before;
			before = step;
			if (
				Math.abs(numerator) < Math.abs(0.5 * denominator * limit) &&
				numerator > denominator * (a - x) &&
				numerator < denominator * (b - x)
			) {
				step = numerator / denominator;
				golden = false;
				if (x + step - a < 2 * near || b - (x + step) < 2 * near) step = middle >= x ? near : -near;
			}
		}
		if (golden) {
			before = x >= middle ? a - x : b - x;
			step = goldenSection * before;
		}
		const next = x + (step >= 0 ? 1 : -1) * Math.max(Math.abs(step), near);
		const value = evaluate(next);
		if (enter(trail, next, value)) {
			if (next >= x) a = x;
			else b = x;
		} else if (next < x) a = next;
		else b = next;
	}
	return { x: trail.x[0], value: trail.f[0] };
}

/** Encloses a minimum by going downhill from 0 and 1 in steps that grow by the golden ratio or by a parabola. */
function enclose(evaluate: (x: number) => number): [number, number, number] {
	const growth = 1.618034;
	let a = 0;
	let b = 1;
	let fa = evaluate(a);
	let fb = evaluate(b);
	if (fa < fb) [a, b, fa, fb] = [b, a, fb, fa];
	let c = b + growth * (b - a);
	let fc = evaluate(c);
	for (let i = 0; fc < fb && i < 1000; i++) {
		const first = (b - a) * (fb - fc);
		const second = (b - c) * (fb - fa);
		const difference = second - first;
		const denominator = Math.abs(difference) < 1e-21 ? 2e-21 : 2 * difference;
		let w = b - ((b - c) * second - (b - a) * first) / denominator;
		const limit = b + 110 * (c - b);
		let fw: number;
		if ((w - c) * (b - w) > 0) {
			fw = evaluate(w);
			if (fw < fc) return [b, w, c];
			if (fw > fb) return [a, b, w];
			w = c + growth * (c - b);
			fw = evaluate(w);
		} else if ((w - limit) * (limit - c) >= 0) {
			w = limit;
			fw = evaluate(w);
		} else if ((w - limit) * (c - w) > 0) {
			fw = evaluate(w);
			if (fw < fc) {
				[b, c, fb, fc] = [c, w, fc, fw];
				w = c + growth * (c - b);
				fw = evaluate(w);
			}
		} else {
			w = c + growth * (c - b);
			fw = evaluate(w);
		}
		[a, b, c, fa, fb, fc] = [b, c, w, fb, fc, fw];
	}
	return [a, b, c];
}

/** Local minimum of a function found from 0 and 1 without bounds, to a relative tolerance of 1.48e-8 in x. */
export function minimizeUnbracketed(evaluate: (x: number) => number): { x: number; value: number } {
	const [left, middle, right] = enclose(evaluate);
	let a = Math.min(left, right);
	let b = Math.max(left, right);
	const first = evaluate(middle);
	const trail: Trail = { x: [middle, middle, middle], f: [first, first, first] };
	const section = 0.381966;
	let step = 0;
	let before = 0;
	for (let i = 0; i < 500; i++) {
		const x = trail.x[0];
		const near = 1.48e-8 * Math.abs(x) + 1e-11;
		const centre = (a + b) / 2;
		if (Math.abs(x - centre) < 2 * near - (b - a) / 2) break;
		const golden = () => {
			before = x >= centre ? a - x : b - x;
			step = section * before;
		};
		if (Math.abs(before) <= near) golden();
		else {
			const [numerator, denominator] = parabolaStep(trail);
			const limit = before;
			before = step;
			if (
				numerator > denominator * (a - x) &&
				numerator < denominator * (b - x) &&
				Math.abs(numerator) < Math.abs(0.5 * denominator * limit)
			) {
				step = numerator / denominator;
				if (x + step - a < 2 * near || b - (x + step) < 2 * near) step = centre >= x ? near : -near;
			} else golden();
		}
		const next = x + (Math.abs(step) >= near ? step : step >= 0 ? near : -near);
		const value = evaluate(next);
		if (value > trail.f[0]) {
			if (next < x) a = next;
			else b = next;
		} else if (next >= x) a = x;
		else b = x;
		enter(trail, next, value);
	}
	return { x: trail.x[0], value: trail.f[0] };
}
