import { expect, test } from 'vitest';
import { assembleModule } from './assemble-module.ts';
import { bindFunctions } from './bind-functions.ts';

test('functions are bound by name, and one that the module has not is named', async () => {
	const bytes = await assembleModule([
		(assembler) =>
			assembler.define('storeSum', ['i32', 'i32'], (code, a, b) => {
				code.emit(code.module.i32.store(0, 4, code.int(0), code.sum(a.get(), b.get())));
				return undefined;
			}),
	]);
	const module = await WebAssembly.compile(bytes);
	const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
	bindFunctions<{ storeSum(a: number, b: number): void }>(module, memory, { storeSum: true }).storeSum(3, 4);
	expect(new Int32Array(memory.buffer)[0]).toBe(7);
	expect(() => bindFunctions<{ storeDifference(): void }>(module, memory, { storeDifference: true })).toThrow('storeDifference');
});
