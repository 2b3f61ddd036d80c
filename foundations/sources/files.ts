/** Files on disk as runs see them, and their fingerprints. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type DataFile, InputError } from '@assay/contract';

const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;

/** A file on disk, read when asked. Raises an InputError if there is no such readable file. */
export async function openFile(path: string, name = basename(path)): Promise<DataFile> {
	const facts = await stat(path).catch(() => undefined);
	if (facts === undefined || !facts.isFile()) {
		throw new InputError({
			path: [path],
			found: facts === undefined ? 'no such file' : 'something that is not a file',
			expected: 'a readable file',
		});
	}
	const whole = async (limitBytes = DEFAULT_LIMIT_BYTES): Promise<Buffer> => {
		if (facts.size > limitBytes)
			throw new InputError({ path: [name], found: `${facts.size} bytes`, expected: `at most ${limitBytes} bytes` });
		return readFile(path);
	};
	return {
		name,
		bytes: facts.size,
		stream: () => createReadStream(path, { highWaterMark: 1 << 18 }),
		text: async (limitBytes) => new TextDecoder().decode(await whole(limitBytes)),
		arrayBuffer: async (limitBytes) => new Uint8Array(await whole(limitBytes)).buffer,
	};
}

/** SHA-256 of a file, in hex; streamed. */
export async function sha256OfFile(path: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(path)) hash.update(chunk);
	return hash.digest('hex');
}
