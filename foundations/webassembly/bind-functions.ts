/** A module's functions over a memory, under the names that its type promises. */

/**
 * `names` lists every function of the type, which the compiler holds it to; a module without one of them raises an Error. What the functions
 * take and give is the word of whoever wrote both module and type: no module tells it at run time, and their tests hold them to it.
 */
export function bindFunctions<Functions extends object>(
	module: WebAssembly.Module,
	memory: WebAssembly.Memory,
	names: { readonly [Name in keyof Functions]: true },
): Functions {
	const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
	const missing = Object.keys(names).filter((name) => typeof exports[name] !== 'function');
	if (missing.length > 0) throw new Error(`the module has no function ${missing.join(', ')}`);
	return exports as unknown as Functions;
}
