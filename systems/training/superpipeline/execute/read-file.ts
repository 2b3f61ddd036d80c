/** Reading stretches of files. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ByteSource } from '@assay/models/onnx';

/** Pieces are read beside each other by the threads of the runtime. */
const PIECE_BYTES = 8 << 20;

/** Fills a buffer from a file. All reads are issued at once, so they go on while this thread computes. */
export async function readInto(file: FileHandle, offset: number, into: Uint8Array): Promise<void> {
	const pieces: Promise<void>[] = [];
	for (let at = 0; at < into.byteLength; at += PIECE_BYTES)
		pieces.push(readPiece(file, offset + at, into.subarray(at, Math.min(at + PIECE_BYTES, into.byteLength))));
	await Promise.all(pieces);
}

async function readPiece(file: FileHandle, offset: number, into: Uint8Array): Promise<void> {
	let done = 0;
	while (done < into.byteLength) {
		const { bytesRead } = await file.read(into, done, into.byteLength - done, offset + done);
		if (bytesRead === 0) throw new RangeError(`the file ends ${into.byteLength - done} bytes too early`);
		done += bytesRead;
	}
}

/** A file on disk, open until it is closed. */
export async function fileSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
	const file = await open(path);
	const { size } = await file.stat();
	return {
		name: basename(path),
		bytes: size,
		read: async (offset, bytes) => {
			if (offset + bytes > size) throw new RangeError(`${path} has no bytes ${offset} to ${offset + bytes}`);
			const into = new Uint8Array(bytes);
			await readInto(file, offset, into);
			return into;
		},
		close: () => file.close(),
	};
}
