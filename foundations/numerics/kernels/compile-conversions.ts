/** All conversions in one WebAssembly module. */
import { assembleModule } from '@assay/webassembly';
import { type BlockMantissaKernels, defineBlockMantissas } from './block-mantissas.ts';
import { type ByteFloatKernels, defineByteFloats } from './byte-floats.ts';
import { defineHalfPrecision, type HalfPrecisionKernels } from './half-precision.ts';
import { defineInt8, type Int8Kernels } from './int8.ts';
import { defineMxfp4, type Mxfp4Kernels } from './mxfp4.ts';

export type ConversionKernels = HalfPrecisionKernels & ByteFloatKernels & Int8Kernels & Mxfp4Kernels & BlockMantissaKernels;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module. The first call loads the assembler and compiles (about a second); a module can be posted to worker threads. */
export function compileConversions(): Promise<WebAssembly.Module> {
	const definers = [defineHalfPrecision, defineByteFloats, defineInt8, defineMxfp4, defineBlockMantissas];
	compiled ??= assembleModule(definers).then((bytes) => WebAssembly.compile(bytes));
	return compiled;
}

/** Binds the conversions to a memory that is not shared and has a maximum. */
export function instantiateConversions(module: WebAssembly.Module, memory: WebAssembly.Memory): ConversionKernels {
	const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
	// The functions are those of the definers above, which only their tests can hold to this type.
	return exports as unknown as ConversionKernels;
}
