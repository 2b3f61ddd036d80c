/** All conversions in one WebAssembly module. */
import { assembleModule, bindFunctions } from '@assay/webassembly';
import { type BlockMantissaKernels, defineBlockMantissas } from './block-mantissas.ts';
import { type ByteFloatKernels, defineByteFloats } from './byte-floats.ts';
import { defineHalfPrecision, type HalfPrecisionKernels } from './half-precision.ts';
import { defineInt8, type Int8Kernels } from './int8.ts';
import { defineMxfp4, type Mxfp4Kernels } from './mxfp4.ts';

export type ConversionKernels = HalfPrecisionKernels & ByteFloatKernels & Int8Kernels & Mxfp4Kernels & BlockMantissaKernels;

const NAMES = {
	float32ToBfloat16: true,
	float32ToFloat16: true,
	bfloat16ToFloat32: true,
	float16ToFloat32: true,
	float32ToE4m3: true,
	float32ToE5m2: true,
	e4m3ToFloat32: true,
	e5m2ToFloat32: true,
	float32ToInt8: true,
	int8ToFloat32: true,
	float32ToMxfp4: true,
	mxfp4ToFloat32: true,
	float32ToBlockMantissas: true,
	blockMantissasToFloat32: true,
} as const;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module. The first call loads the assembler and compiles (about a second); a module can be posted to worker threads. */
export function compileConversions(): Promise<WebAssembly.Module> {
	const definers = [defineHalfPrecision, defineByteFloats, defineInt8, defineMxfp4, defineBlockMantissas];
	compiled ??= assembleModule(definers).then((bytes) => WebAssembly.compile(bytes));
	return compiled;
}

/** Binds the conversions to a memory that is not shared and has a maximum. */
export function instantiateConversions(module: WebAssembly.Module, memory: WebAssembly.Memory): ConversionKernels {
	return bindFunctions<ConversionKernels>(module, memory, NAMES);
}
