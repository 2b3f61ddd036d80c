/** The float kernels as functions over one memory. Addresses are bytes, counts are values unless named otherwise. */
import { assembleModule, bindFunctions } from '@assay/webassembly';
import type { Address } from '../integer/kernels/kernels.ts';
import { defineCopyRows, defineMaxPool, FLOATS, type MaxPool } from '../integer/kernels/windows.ts';
import { defineDepthwise } from './depthwise-kernel.ts';
import { defineElementwise } from './elementwise-kernels.ts';
import { definePanels } from './panel-kernels.ts';

export interface FloatKernels {
	readonly memory: WebAssembly.Memory;
	gatherPanels(
		source: Address,
		tapOffsets: Address,
		pixelOffsets: Address,
		together: Address,
		target: Address,
		taps: number,
		panels: number,
	): void;
	multiplyPanels(
		weights: Address,
		biases: Address,
		panels: Address,
		out: Address,
		rowBytes: number,
		taps: number,
		panelCount: number,
		quads: number,
		low: number,
		high: number,
	): void;
	depthwise(
		source: Address,
		channelBytes: number,
		outputs: number,
		multiplier: number,
		tapOffsets: Address,
		taps: number,
		stride: number,
		rowBytes: number,
		height: number,
		width: number,
		weights: Address,
		biases: Address,
		out: Address,
		low: number,
		high: number,
	): void;
	copyRows(from: Address, fromRowBytes: number, to: Address, toRowBytes: number, bytes: number, rows: number): void;
	add(a: Address, b: Address, out: Address, count: number, low: number, high: number): void;
	mul(a: Address, b: Address, out: Address, count: number, low: number, high: number): void;
	clampedLine(x: Address, out: Address, count: number, slope: number, offset: number, low: number, high: number): void;
	hardSwish(x: Address, out: Address, count: number): void;
	readonly maxPool: MaxPool;
	averagePlanes(x: Address, out: Address, planes: number, each: number): void;
	repeat(source: Address, out: Address, count: number, times: number): void;
	gather(source: Address, places: Address, out: Address, count: number): void;
}

const NAMES = {
	gatherPanels: true,
	multiplyPanels: true,
	depthwise: true,
	copyRows: true,
	add: true,
	mul: true,
	clampedLine: true,
	hardSwish: true,
	maxPool: true,
	averagePlanes: true,
	repeat: true,
	gather: true,
} as const;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The kernels over a memory. The first call loads the assembler and compiles. */
export async function floatKernels(memory: WebAssembly.Memory): Promise<FloatKernels> {
	compiled ??= assembleModule([
		definePanels,
		defineDepthwise,
		defineElementwise,
		defineCopyRows,
		(assembler) => defineMaxPool(assembler, FLOATS),
	]).then((bytes) => WebAssembly.compile(bytes));
	return { ...bindFunctions<Omit<FloatKernels, 'memory'>>(await compiled, memory, NAMES), memory };
}
