/** Compiles all kernels into one WebAssembly module, once per process. */

import { assembleModule } from '@assay/webassembly';
import { defineAdam } from './adam.ts';
import { defineChannelRows } from './channel-rows.ts';
import { defineConversions } from './conversion.ts';
import { defineElementwise } from './elementwise.ts';
import { defineEmbedding } from './embedding.ts';
import { defineGelu } from './gelu.ts';
import { defineLayerNorm } from './layer-norm.ts';
import { defineMatmul } from './matmul.ts';
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
		defineConversions,
		defineChannelRows,
	];
	return assembleModule(definers, { shared });
}
