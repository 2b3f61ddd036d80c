/**
 * Files kept by content: `<folder>/<first two hex digits>/<SHA-256>`. The same bytes are stored once, and never change. Several machines share
 * them through a folder that all of them see, or through a bucket, of which the folder then holds what was used here.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DataFile, InputError, show } from '@assay/contract';
import { openFile } from '@assay/sources';
import { type Bucket, openBucket } from './bucket.ts';

/** `blob:<sha256>/<file name>`: how a run's inputs name a file of the user's. */
const blobReference = /^blob:([0-9a-f]{64})\/([^/\\]{1,255})$/;

export class BlobStore {
	readonly folder: string;
	private readonly bucket: Bucket | null;

	constructor(folder: string, bucket: Bucket | null = null) {
		this.folder = folder;
		this.bucket = bucket;
	}

	/** The file of these bytes on this machine, fetched from the bucket if need be. Raises an InputError if there is none. */
	async file(sha256: string): Promise<string> {
		const path = this.path(sha256);
		if (this.bucket !== null && !(await exists(path))) {
			const { bucket } = this;
			await this.place(sha256, (target) => bucket.download(sha256, target));
		}
		return path;
	}

	/** Stores bytes and returns their SHA-256. */
	async keep(content: Uint8Array): Promise<string> {
		const sha256 = createHash('sha256').update(content).digest('hex');
		await this.place(sha256, (path) => writeFile(path, content));
		await this.bucket?.upload(sha256, this.path(sha256));
		return sha256;
	}

	/** Copies a file into the store, streaming, and returns its SHA-256. */
	async keepFile(path: string): Promise<string> {
		return (await this.keepStream(createReadStream(path))).sha256;
	}

	/** Stores what comes in pieces, of which few are ever held. If the pieces end with an error, nothing is stored. */
	async keepStream(pieces: AsyncIterable<Uint8Array>): Promise<{ readonly sha256: string; readonly bytes: number }> {
		await mkdir(this.folder, { recursive: true });
		const copy = this.temporaryPath();
		const hash = createHash('sha256');
		let bytes = 0;
		async function* hashed(chunks: AsyncIterable<Uint8Array>) {
			for await (const chunk of chunks) {
				hash.update(chunk);
				bytes += chunk.byteLength;
				yield chunk;
			}
		}
		try {
			await pipeline(pieces, hashed, createWriteStream(copy));
			const sha256 = hash.digest('hex');
			await this.place(sha256, (target) => rename(copy, target));
			await this.bucket?.upload(sha256, this.path(sha256));
			return { sha256, bytes };
		} finally {
			await rm(copy, { force: true });
		}
	}

	async remove(sha256: string): Promise<void> {
		await rm(this.path(sha256), { force: true });
		await this.bucket?.remove(sha256);
	}

	/** Opens `blob:<sha256>/<name>`. */
	async open(reference: string): Promise<DataFile> {
		const [, sha256, name] = blobReference.exec(reference) ?? [];
		if (sha256 === undefined || name === undefined) {
			throw new InputError({ path: ['data'], found: show(reference), expected: 'blob:<sha256>/<file name>' });
		}
		return openFile(await this.file(sha256), name);
	}

	/** Writes beside the target and renames, so that a reader never sees half a file. */
	private async place(sha256: string, write: (path: string) => Promise<void>): Promise<void> {
		const target = this.path(sha256);
		if (await exists(target)) return;
		await mkdir(dirname(target), { recursive: true });
		const temporary = this.temporaryPath();
		try {
			await write(temporary);
			await rename(temporary, target);
		} finally {
			await rm(temporary, { force: true });
		}
	}

	private path(sha256: string): string {
		return join(this.folder, sha256.slice(0, 2), sha256);
	}

	private temporaryPath(): string {
		return join(this.folder, `.${randomBytes(8).toString('hex')}`);
	}
}

async function exists(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined)) !== undefined;
}

/**
 * The files of a data folder, or of where `ASSAY_ARTIFACTS` says that machines share theirs: a folder, or `s3://bucket/prefix`. Raises an
 * InputError for anything else.
 */
export function openBlobs(dataFolder: string, artifacts: string | undefined = process.env['ASSAY_ARTIFACTS']): BlobStore {
	const here = join(dataFolder, 'blobs');
	if (artifacts === undefined || artifacts === '') return new BlobStore(here);
	if (artifacts.startsWith('s3://')) return new BlobStore(here, openBucket(artifacts));
	if (isAbsolute(artifacts)) return new BlobStore(artifacts);
	throw new InputError({
		path: ['ASSAY_ARTIFACTS'],
		found: show(artifacts),
		expected: 'the absolute path of a folder, or s3://bucket/prefix',
	});
}

export function isBlobReference(reference: string): boolean {
	return blobReference.test(reference);
}
