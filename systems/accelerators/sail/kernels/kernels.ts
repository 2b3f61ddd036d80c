/** The kernels, compiled once. */
import { assembleModule } from '@assay/webassembly';
import { UNPACKED_BITS, type UnpackedBits } from './packed-weights.ts';
import { defineTableProduct, defineTables, TABLE_BITS } from './table-kernel.ts';
import { defineScalarProduct, defineVectorProduct } from './unpacking-kernels.ts';

/** Addresses in bytes: weights, tables or activations, scales, output; then columns, depth, scale group. */
export type Product = (
	weights: number,
	operand: number,
	scales: number,
	output: number,
	columns: number,
	depth: number,
	scaleGroup: number,
) => void;

export interface Kernels {
	tables(activations: number, tables: number, groups: number): void;
	/** For weights of 1 to 8 bits. */
	readonly table: readonly Product[];
	readonly vector: Readonly<Record<UnpackedBits, Product>>;
	readonly scalar: Readonly<Record<UnpackedBits, Product>>;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module; loads the assembler on the first call, a second or two. */
export function compileKernels(): Promise<WebAssembly.Module> {
	compiled ??= assembleModule([
		defineTables,
		...TABLE_BITS.map(defineTableProduct),
		...UNPACKED_BITS.flatMap((bits) => [defineVectorProduct(bits), defineScalarProduct(bits)]),
	]).then((bytes) => WebAssembly.compile(bytes));
	return compiled;
}

/** The kernels over a memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
	const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
	// The module above defines every one of these.
	const product = (name: string): Product => exports[name] as Product;
	const unpacked = (name: string) => ({ 2: product(`${name}2`), 4: product(`${name}4`), 8: product(`${name}8`) });
	return {
		tables: exports['tables'] as Kernels['tables'],
		table: TABLE_BITS.map((bits) => product(`tableProduct${bits}`)),
		vector: unpacked('vectorProduct'),
		scalar: unpacked('scalarProduct'),
	};
}
