import { InputError, memoryFile } from '@assay/contract';
import { expect, test } from 'vitest';
import { readActivations } from './read-activations.ts';

/** A file as numpy.save writes it. */
function npy(shape: string, values: Float32Array): Uint8Array {
	const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
	const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
	const bytes = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8];
	return Uint8Array.from([...bytes, ...new TextEncoder().encode(padded), ...new Uint8Array(values.buffer)]);
}

test('rows are tokens, and one dimension is one token', async () => {
	const two = npy('(2, 3)', Float32Array.of(1, -2, 3, 4, 0.5, -6));
	expect(await readActivations(memoryFile('x.npy', two))).toEqual({ tokens: 2, values: Float32Array.of(1, -2, 3, 4, 0.5, -6) });
	expect((await readActivations(memoryFile('x.npy', npy('(3,)', Float32Array.of(1, 2, 3))))).tokens).toBe(1);
	expect((await readActivations(memoryFile('x.csv', '1,2\n3,4'))).tokens).toBe(2);
});

test.for([
	['(2, 3, 4)', 24, /tokens by width/],
	['(4097, 1)', 4097, /at most 4096 tokens/],
] as const)('a shape of %s is refused', async ([shape, count, reason]) => {
	const file = memoryFile('x.npy', npy(shape, new Float32Array(count)));
	await expect(readActivations(file)).rejects.toThrow(reason);
	await expect(readActivations(file)).rejects.toThrow(InputError);
});
