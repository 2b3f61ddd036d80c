/** Compiles all kernels into one WebAssembly module, once per process. */

import { defineAdam } from './adam.ts';
import { Assembler } from './assembler.ts';
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

async function kernelBytes(shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
	const { default: binaryen } = await import('binaryen');
	const module = new binaryen.Module();
	try {
		const { Features } = binaryen;
		const plain = Features.SIMD128 | Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt;
		module.setFeatures(shared ? plain | Features.Atomics : plain);
		module.setMemory(1, MAX_PAGES, null, [], shared, false, '0');
		module.addMemoryImport('0', 'environment', 'memory', shared);
		const assembler = new Assembler(binaryen, module);
		for (const define of [
			defineMatmul,
			defineElementwise,
			defineLayerNorm,
			defineGelu,
			defineSoftmax,
			defineEmbedding,
			defineAdam,
			defineConversions,
		])
			define(assembler);
		if (module.validate() === 0) throw new Error('the kernels do not form a valid WebAssembly module');
		binaryen.setOptimizeLevel(3);
		binaryen.setShrinkLevel(0);
		module.optimize();
		return new Uint8Array(module.emitBinary());
	} finally {
		module.dispose();
	}
}
