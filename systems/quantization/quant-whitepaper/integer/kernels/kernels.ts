/** The integer kernels as functions over one memory. Addresses are bytes, counts are values unless named otherwise. */
import { assembleModule, bindFunctions } from '@assay/webassembly';
import type { Rescaling } from '../integer-network.ts';
import { defineDepthwise } from './depthwise.ts';
import { defineElementwise } from './elementwise.ts';
import { definePanels } from './panels.ts';
import { BYTES, defineCopyRows, defineMaxPool, type MaxPool } from './windows.ts';

/** A byte address in the kernels' memory. */
export type Address = number;

export interface IntegerKernels {
	readonly memory: WebAssembly.Memory;
	gatherPanels(
		source: Address,
		kernelOffsets: Address,
		pixelOffsets: Address,
		together: Address,
		target: Address,
		pairs: number,
		panels: number,
	): void;
	multiplyPanels(
		weights: Address,
		panels: Address,
		out: Address,
		rowBytes: number,
		pairs: number,
		panelCount: number,
		quads: number,
		records: Address,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	depthwise(
		source: Address,
		channelBytes: number,
		outputs: number,
		multiplier: number,
		tapOffsets: Address,
		pairs: number,
		stride: number,
		rowBytes: number,
		height: number,
		width: number,
		weights: Address,
		out: Address,
		records: Address,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	readonly maxPool: MaxPool;
	lookUp(input: Address, table: Address, out: Address, count: number): void;
	gather(source: Address, places: Address, out: Address, count: number, zeroPoint: number): void;
	repeat(source: Address, out: Address, count: number, times: number): void;
	sumPlanes(input: Address, out: Address, planes: number, each: number): void;
	copyRows(from: Address, fromRowBytes: number, to: Address, toRowBytes: number, bytes: number, rows: number): void;
	multiplyFloat(
		a: Address,
		b: Address,
		out: Address,
		count: number,
		zeroA: number,
		zeroB: number,
		factor: number,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	addFloat(
		a: Address,
		b: Address,
		out: Address,
		count: number,
		zeroA: number,
		zeroB: number,
		scaleA: number,
		scaleB: number,
		scale: number,
		zeroPoint: number,
		low: number,
		high: number,
	): void;
	addFixedPoint(
		a: Address,
		b: Address,
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
	depthwise: true,
	maxPool: true,
	lookUp: true,
	gather: true,
	repeat: true,
	sumPlanes: true,
	copyRows: true,
	multiplyFloat: true,
	addFloat: true,
	addFixedPoint: true,
} as const;

const compiled = new Map<Rescaling, Promise<WebAssembly.Module>>();

function compileKernels(rescaling: Rescaling): Promise<WebAssembly.Module> {
	const known = compiled.get(rescaling);
	if (known !== undefined) return known;
	const made = assembleModule([
		(assembler) => definePanels(assembler, rescaling),
		(assembler) => defineDepthwise(assembler, rescaling),
		defineElementwise,
		defineCopyRows,
		(assembler) => defineMaxPool(assembler, BYTES),
	]).then((bytes) => WebAssembly.compile(bytes));
	compiled.set(rescaling, made);
	return made;
}

/** The kernels over a memory. The first call for a way of rescaling loads the assembler and compiles, about a second. */
export async function integerKernels(memory: WebAssembly.Memory, rescaling: Rescaling): Promise<IntegerKernels> {
	const module = await compileKernels(rescaling);
	return { ...bindFunctions<Omit<IntegerKernels, 'memory'>>(module, memory, NAMES), memory };
}
