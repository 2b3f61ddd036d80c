/** Activations from NumPy's .npy files: float32, little-endian, in rows (numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { type DataFile, InputError } from '@assay/contract';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LIMIT_BYTES = 64 << 20;
const MOST_TOKENS = 4096;

export interface Activations {
	readonly tokens: number;
	readonly values: Float32Array;
}

/** Tokens by width; one dimension is one token. Raises an `InputError` that names what was found. */
export async function readActivations(file: DataFile): Promise<Activations> {
	return parseNpy(new Uint8Array(await file.arrayBuffer(LIMIT_BYTES)), file.name);
}

export function parseNpy(bytes: Uint8Array, name: string): Activations {
	const wrong = (found: string, expected: string): InputError => new InputError({ path: [name], found, expected });
	if (bytes.length < 12 || !MAGIC.every((byte, index) => bytes[index] === byte)) throw wrong('another file', 'a .npy file');
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const isFirst = bytes[6] === 1;
	const start = (isFirst ? 10 : 12) + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
	if (start > bytes.length) throw wrong(`a header of ${start} bytes in a file of ${bytes.length}`, 'a whole header');
	const header = new TextDecoder('latin1').decode(bytes.subarray(isFirst ? 10 : 12, start));
	const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
	if (type !== '<f4') throw wrong(`values of type ${type ?? 'unknown'}`, 'float32 in little-endian order (<f4)');
	if (!/'fortran_order':\s*False/.test(header)) throw wrong('columns one after the other', 'rows one after the other (C order)');
	const shape =
		/'shape':\s*\(([\d,\s]*)\)/
			.exec(header)?.[1]
			?.split(',')
			.map(Number)
			.filter((size) => size > 0) ?? [];
	const [tokens, width] = shape.length === 1 ? [1, shape[0] as number] : (shape as [number, number]);
	if (shape.length < 1 || shape.length > 2 || tokens > MOST_TOKENS)
		throw wrong(`a shape of (${shape.join(', ')})`, `tokens by width, at most ${MOST_TOKENS} tokens`);
	const count = tokens * width;
	if (bytes.length - start !== 4 * count)
		throw wrong(`${bytes.length - start} bytes of values`, `${4 * count} for ${tokens} x ${width}`);
	const values = Float32Array.from({ length: count }, (_, index) => view.getFloat32(start + 4 * index, true));
	const bad = values.findIndex((value) => !Number.isFinite(value));
	if (bad >= 0) throw wrong(`${values[bad]} at value ${bad}`, 'finite numbers');
	return { tokens, values };
}
