/** Compiles all kernels into one WebAssembly module, once per process. */

import { defineHalfPrecision } from '@assay/numerics/kernels';
import { assembleModule } from '@assay/webassembly';
import { defineAdam } from './adam.ts';
import { defineChannelRows } from './channel-rows.ts';
import { defineElementwise } from './elementwise.ts';
import { defineEmbedding } from './embedding.ts';
import { defineGatedUnit } from './gated-unit.ts';
import { defineGelu } from './gelu.ts';
import { defineLayerNorm } from './layer-norm.ts';
import { defineMatmul } from './matmul.ts';
import { defineRmsNorm } from './rms-norm.ts';
import { defineRotary } from './rotary.ts';
import { defineSoftmax } from './softmax.ts';

/** Most memory a kernel can address: 65,536 pages of 64 KiB. */
export const MAX_PAGES = 65_536;

const compiled: { plain?: Promise<WebAssembly.Module>; shared?: Promise<WebAssembly.Module> } = {};

/**
 * The kernels' module for plain or for shared memory. The first call loads the assembler and compiles (about a second); later calls
 * return the same module. A module can be posted to worker threads, where `instantiateKernels` takes a moment.
 */
export function compileKernels({ shared = false } = {}): Promise<WebAssembly.Module> {
	const make = shared ? 'shared' : 'plain';
	compiled[make] ??= kernelBytes(shared).then((bytes) => WebAssembly.compile(bytes));
	return compiled[make];
}

function kernelBytes(shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
	const definers = [
		defineMatmul,
		defineElementwise,
		defineLayerNorm,
		defineGelu,
		defineSoftmax,
		defineEmbedding,
		defineAdam,
		defineHalfPrecision,
		defineChannelRows,
		defineRmsNorm,
		defineGatedUnit,
		defineRotary,
	];
	return assembleModule(definers, { shared });
}
