/**
 * GELU in its tanh form, x/2 (1 + tanh(u)) with u = sqrt(2/pi) (x + 0.044715 x^3). Since (1 + tanh u)/2 is the logistic function of 2u,
 * one exponential serves: y = x s(2u), and y' = s + x s (1 - s) 2u'. Absolute error at most 4e-7 max(1, |x|).
 */
import type { Assembler, Code, Lanes, Variable } from '@assay/webassembly';
import { logistic } from './transcendental.ts';

const SLOPE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** s(2u) for a value held in a local. */
function gate(code: Code, lanes: Lanes, x: Variable): Variable {
	const square = lanes.mul(x.get(), x.get());
	const factor = lanes.add(lanes.constant(1), lanes.mul(square, lanes.constant(CUBIC)));
	const argument = lanes.mul(lanes.mul(x.get(), lanes.constant(SLOPE)), factor);
	return code.let(lanes.float, logistic(code, lanes, argument));
}

export function defineGelu(assembler: Assembler): void {
	/** out = gelu(x) over n elements; out may be x. */
	assembler.define('geluForward', ['i32', 'i32', 'i32'], (code, x, out, n) => {
		code.elements(n.get, (lanes, offset) => {
			const value = code.let(lanes.float, lanes.load(code.sum(x.get(), offset.get())));
			const open = gate(code, lanes, value);
			lanes.store(code.sum(out.get(), offset.get()), lanes.mul(value.get(), open.get()));
		});
		return undefined;
	});

	/** dx = dy gelu'(x) over n elements; dx may be dy. */
	assembler.define('geluBackward', ['i32', 'i32', 'i32', 'i32'], (code, x, dy, dx, n) => {
		code.elements(n.get, (lanes, offset) => {
			const value = code.let(lanes.float, lanes.load(code.sum(x.get(), offset.get())));
			const open = gate(code, lanes, value);
			const square = lanes.mul(value.get(), value.get());
			const growth = lanes.add(lanes.constant(1), lanes.mul(square, lanes.constant(3 * CUBIC)));
			const slope = lanes.mul(growth, lanes.constant(SLOPE));
			const closing = lanes.mul(open.get(), lanes.sub(lanes.constant(1), open.get()));
			const derivative = lanes.add(open.get(), lanes.mul(lanes.mul(value.get(), closing), slope));
			lanes.store(code.sum(dx.get(), offset.get()), lanes.mul(lanes.load(code.sum(dy.get(), offset.get())), derivative));
		});
		return undefined;
	});
}
