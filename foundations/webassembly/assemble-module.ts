/** From functions that write kernels to a WebAssembly module. */
import { Assembler } from './assembler.ts';

/** Pages of 64 KiB in the largest memory: 4 GiB. */
const MAX_PAGES = 65_536;

/**
 * The bytes of an optimised module with the kernels that `definers` write. It imports its memory as `environment.memory`; a shared one must
 * be given one made with `shared`. Loads binaryen, a second or so, on the first call.
 */
export async function assembleModule(
	definers: readonly ((assembler: Assembler) => void)[],
	{ shared = false }: { readonly shared?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
	const { default: binaryen } = await import('binaryen');
	const module = new binaryen.Module();
	try {
		const { Features } = binaryen;
		const plain = Features.SIMD128 | Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt;
		module.setFeatures(shared ? plain | Features.Atomics : plain);
		module.setMemory(1, MAX_PAGES, null, [], shared, false, '0');
		module.addMemoryImport('0', 'environment', 'memory', shared);
		const assembler = new Assembler(binaryen, module);
		for (const define of definers) define(assembler);
		if (module.validate() === 0) throw new Error('the kernels do not form a valid WebAssembly module');
		binaryen.setOptimizeLevel(3);
		binaryen.setShrinkLevel(0);
		module.optimize();
		return new Uint8Array(module.emitBinary());
	} finally {
		module.dispose();
	}
}
