/** The integer kernels as functions over one memory. Addresses are bytes, counts are values unless named otherwise. */
import { assembleModule, bindFunctions } from '@assay/webassembly';
import { defineElementwise } from './elementwise.ts';
import { definePanels } from './panels.ts';
import { defineRescale } from './rescale.ts';

/** A byte address in the kernels' memory. */
export type Address = number;

export interface IntegerKernels {
	readonly memory: WebAssembly.Memory;
	gatherPanels(
		source: Address,
		kernelOffsets: Address,
		pixelOffsets: Address,
		together: Address,
		zeroPoint: number,
		target: Address,
		pairs: number,
		panels: number,
	): void;
	multiplyPanels(weights: Address, panels: Address, sums: Address, pairs: number, panelCount: number, groups: number): void;
	sumTaps(
		source: Address,
		tapOffsets: Address,
		pixelOffsets: Address,
		together: Address,
		zeroPoint: number,
		weights: Address,
		sums: Address,
		taps: number,
		panels: number,
	): void;
	rescaleFixedPoint(
		sums: Address,
		row: Address,
		out: Address,
		count: number,
		bias: number,
		multiplier: number,
		left: number,
		right: number,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	rescaleFloat(
		sums: Address,
		row: Address,
		out: Address,
		count: number,
		bias: number,
		factor: number,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	lookUp(input: Address, table: Address, out: Address, count: number): void;
	gather(source: Address, places: Address, out: Address, count: number, zeroPoint: number): void;
	multiplyFloat(
		a: Address,
		b: Address,
		row: Address,
		out: Address,
		count: number,
		zeroA: number,
		zeroB: number,
		factor: number,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	addFixedPoint(
		a: Address,
		b: Address,
		row: Address,
		out: Address,
		count: number,
		zeroA: number,
		zeroB: number,
		zeroPoint: number,
		low: number,
		high: number,
		factors: Address,
	): void;
}

const NAMES = {
	gatherPanels: true,
	multiplyPanels: true,
	sumTaps: true,
	rescaleFixedPoint: true,
	rescaleFloat: true,
	lookUp: true,
	gather: true,
	multiplyFloat: true,
	addFixedPoint: true,
} as const;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The kernels over a memory. The first call loads the assembler and compiles, about a second. */
export async function integerKernels(memory: WebAssembly.Memory): Promise<IntegerKernels> {
	compiled ??= assembleModule([definePanels, defineRescale, defineElementwise]).then((bytes) => WebAssembly.compile(bytes));
	return { ...bindFunctions<Omit<IntegerKernels, 'memory'>>(await compiled, memory, NAMES), memory };
}
