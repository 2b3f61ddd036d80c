/** The idx format of the MNIST files: a type, a number of dimensions, sizes, values, all big-endian. */
import { InputError } from '@assay/contract';
import type { NumberArray } from './sample-set.ts';

const TYPES = new Map<number, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>([
	[0x08, { bytes: 1, read: (view, at) => view.getUint8(at) }],
	[0x09, { bytes: 1, read: (view, at) => view.getInt8(at) }],
	[0x0b, { bytes: 2, read: (view, at) => view.getInt16(at) }],
	[0x0c, { bytes: 4, read: (view, at) => view.getInt32(at) }],
	[0x0d, { bytes: 4, read: (view, at) => view.getFloat32(at) }],
	[0x0e, { bytes: 8, read: (view, at) => view.getFloat64(at) }],
]);

/** Raises an InputError that names the file for anything else. */
export function readIdx(bytes: Uint8Array, name: string): NumberArray {
	const fail = (found: string, expected: string) => new InputError({ path: [name], found, expected });
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const type = bytes.byteLength >= 4 && bytes[0] === 0 && bytes[1] === 0 ? TYPES.get(bytes[2] as number) : undefined;
	const rank = bytes[3] ?? 0;
	if (type === undefined || rank < 1 || rank > 8 || bytes.byteLength < 4 + 4 * rank)
		throw fail('no idx header', 'an idx file (unpacked)');
	const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
	const count = shape.reduce((product, size) => product * size, 1);
	const start = 4 + 4 * rank;
	if (start + count * type.bytes !== bytes.byteLength)
		throw fail(`${bytes.byteLength - start} bytes of values`, `${count * type.bytes} for [${shape.join(', ')}]`);
	const values = new Float32Array(count);
	for (let i = 0; i < count; i++) values[i] = type.read(view, start + i * type.bytes);
	return { shape, values };
}
