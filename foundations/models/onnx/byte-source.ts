/** A file that is read in pieces. */
import { type DataFile, InputError } from '@assay/contract';

export interface ByteSource {
	/** For messages. */
	readonly name: string;
	readonly bytes: number;
	/** Exactly so many bytes from a place; raises a RangeError beyond the end. */
	read(offset: number, bytes: number): Promise<Uint8Array>;
}

/** Bytes in memory as a source. */
export function memorySource(name: string, content: Uint8Array): ByteSource {
	return {
		name,
		bytes: content.byteLength,
		read: async (offset, bytes) => {
			if (!(offset >= 0 && bytes >= 0 && offset + bytes <= content.byteLength))
				throw new RangeError(`${name} has no bytes ${offset} to ${offset + bytes}`);
			return content.subarray(offset, offset + bytes);
		},
	};
}

/** A data file that is known to be small as a source. Raises an InputError beyond the limit. */
export async function sourceOf(file: DataFile, limitBytes = 256 << 20): Promise<ByteSource> {
	if (file.bytes > limitBytes) {
		throw new InputError({
			path: [file.name],
			found: `${file.bytes} bytes`,
			expected: `at most ${limitBytes} bytes where a file is read from memory`,
		});
	}
	return memorySource(file.name, new Uint8Array(await file.arrayBuffer(limitBytes)));
}
