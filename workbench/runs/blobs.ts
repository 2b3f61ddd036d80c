/** Files kept by content: `blobs/<first two hex digits>/<SHA-256>`. The same bytes are stored once, and never change. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DataFile, InputError, show } from '@assay/contract';
import { openFile } from '@assay/sources';

/** `blob:<sha256>/<file name>`: how a run's inputs name a file of the user's. */
const blobReference = /^blob:([0-9a-f]{64})\/([^/\\]{1,255})$/;

export class BlobStore {
	readonly folder: string;

	constructor(dataFolder: string) {
		this.folder = join(dataFolder, 'blobs');
	}

	path(sha256: string): string {
		return join(this.folder, sha256.slice(0, 2), sha256);
	}

	/** Stores bytes and returns their SHA-256. */
	async keep(content: Uint8Array): Promise<string> {
		const sha256 = createHash('sha256').update(content).digest('hex');
		await this.place(sha256, (path) => writeFile(path, content));
		return sha256;
	}

	/** Copies a file into the store, streaming, and returns its SHA-256. */
	async keepFile(path: string): Promise<string> {
		await mkdir(this.folder, { recursive: true });
		const copy = this.temporaryPath();
		const hash = createHash('sha256');
		async function* hashed(chunks: AsyncIterable<Uint8Array>) {
			for await (const chunk of chunks) {
				hash.update(chunk);
				yield chunk;
			}
		}
		try {
			await pipeline(createReadStream(path), hashed, createWriteStream(copy));
			const sha256 = hash.digest('hex');
			await this.place(sha256, (target) => rename(copy, target));
			return sha256;
		} finally {
			await rm(copy, { force: true });
		}
	}

	async remove(sha256: string): Promise<void> {
		await rm(this.path(sha256), { force: true });
	}

	/** Opens `blob:<sha256>/<name>`. */
	async open(reference: string): Promise<DataFile> {
		const [, sha256, name] = blobReference.exec(reference) ?? [];
		if (sha256 === undefined || name === undefined) {
			throw new InputError({ path: ['data'], found: show(reference), expected: 'blob:<sha256>/<file name>' });
		}
		return openFile(this.path(sha256), name);
	}

	/** Writes beside the target and renames, so that a reader never sees half a file. */
	private async place(sha256: string, write: (path: string) => Promise<void>): Promise<void> {
		const target = this.path(sha256);
		if ((await stat(target).catch(() => undefined)) !== undefined) return;
		await mkdir(dirname(target), { recursive: true });
		const temporary = this.temporaryPath();
		await write(temporary);
		await rename(temporary, target);
	}

	private temporaryPath(): string {
		return join(this.folder, `.${randomBytes(8).toString('hex')}`);
	}
}

export function isBlobReference(reference: string): boolean {
	return blobReference.test(reference);
}
