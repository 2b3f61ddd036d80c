/** The gated unit of SwiGLU: out = silu(gate) up, with silu(x) = x / (1 + e^-x) (Shazeer 2020). */
import type { Assembler } from '@assay/webassembly';
import { logistic } from './transcendental.ts';

export function defineGatedUnit(assembler: Assembler): void {
	/** out = silu(gate) up over n elements; out may be either. */
	assembler.define('gatedUnitForward', ['i32', 'i32', 'i32', 'i32'], (code, gate, up, out, n) => {
		code.elements(n.get, (lanes, offset) => {
			const value = code.let(lanes.float, lanes.load(code.sum(gate.get(), offset.get())));
			const open = lanes.mul(value.get(), logistic(code, lanes, value.get()));
			lanes.store(code.sum(out.get(), offset.get()), lanes.mul(open, lanes.load(code.sum(up.get(), offset.get()))));
		});
		return undefined;
	});

	/** dGate and dUp from dOut over n elements; dGate or dUp may be dOut. */
	assembler.define('gatedUnitBackward', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (code, gate, up, dOut, dGate, dUp, n) => {
		code.elements(n.get, (lanes, offset) => {
			const value = code.let(lanes.float, lanes.load(code.sum(gate.get(), offset.get())));
			const open = code.let(lanes.float, logistic(code, lanes, value.get()));
			const incoming = code.let(lanes.float, lanes.load(code.sum(dOut.get(), offset.get())));
			const across = code.let(lanes.float, lanes.mul(incoming.get(), lanes.load(code.sum(up.get(), offset.get()))));
			const closing = lanes.mul(value.get(), lanes.sub(lanes.constant(1), open.get()));
			const slope = lanes.mul(open.get(), lanes.add(lanes.constant(1), closing));
			const straight = lanes.mul(incoming.get(), lanes.mul(value.get(), open.get()));
			lanes.store(code.sum(dUp.get(), offset.get()), straight);
			lanes.store(code.sum(dGate.get(), offset.get()), lanes.mul(across.get(), slope));
		});
		return undefined;
	});
}
