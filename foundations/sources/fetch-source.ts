/**
 * Fetching and opening sources. A source is looked for in the local mirror (`ASSAY_DATA`), then in the cache, then at its
 * URL. A download goes to `<name>.partial`, goes on where an earlier one stopped, and replaces the cached file only
 * after its SHA-256 was found right; a mismatch is an error that leaves the old file where it is.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DataFile, DataUnavailableError } from '@assay/contract';
import { sourceFolder } from './data-folder.ts';
import { openFile, sha256OfFile } from './files.ts';
import type { Source } from './source.ts';

export interface FetchOptions {
	readonly signal?: AbortSignal;
	/** Bytes at hand so far, of the source's size. */
	readonly onProgress?: (bytes: number, totalBytes: number) => void;
	/** Fetches again even if the cache holds the file. */
	readonly again?: boolean;
}

/** Where the bytes of a source are right now. */
export type SourceState = 'mirror' | 'cache' | 'absent';

const cachedPath = (source: Source): string => join(sourceFolder(), `${source.name}${extname(new URL(source.url).pathname)}`);

const mirrorPath = (source: Source): string | undefined => {
	const mirror = process.env['ASSAY_DATA'];
	return mirror ? join(mirror, source.mirror.path) : undefined;
};

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() === true;

export async function sourceState(source: Source): Promise<SourceState> {
	const mirrored = mirrorPath(source);
	if (mirrored !== undefined && (await exists(mirrored))) return 'mirror';
	return (await exists(cachedPath(source))) ? 'cache' : 'absent';
}

const verified = new Set<string>();

/** Opens a source, fetching it first if need be. Raises DataUnavailableError when it can neither be found nor fetched. */
export async function openSource(source: Source, options: FetchOptions = {}): Promise<DataFile> {
	const mirrored = mirrorPath(source);
	if (mirrored !== undefined && (await exists(mirrored))) {
		// A mirror may hold the upstream file itself, or its own copy of the same data.
		await verify(
			mirrored,
			[source.sha256, ...(source.mirror.sha256 === undefined ? [] : [source.mirror.sha256])],
			`${source.name} in the local mirror`,
		);
		return openFile(mirrored);
	}
	const path = cachedPath(source);
	if (!(await exists(path))) await fetchSource(source, options);
	await verify(path, [source.sha256], `${source.name} in the cache`);
	return openFile(path);
}

/** Downloads a source into the cache and returns its path. */
export async function fetchSource(source: Source, options: FetchOptions = {}): Promise<string> {
	const path = cachedPath(source);
	if (options.again !== true && (await exists(path))) return path;
	await mkdir(sourceFolder(), { recursive: true });
	const partial = `${path}.partial`;
	await download(source, partial, options);
	const found = await sha256OfFile(partial);
	if (found !== source.sha256) {
		await rm(partial, { force: true });
		throw new DataUnavailableError(
			`${source.name}: the file at ${source.url} has SHA-256 ${found}, expected ${source.sha256}; it was thrown away and nothing was replaced`,
		);
	}
	await rename(partial, path);
	return path;
}

async function download(source: Source, partial: string, options: FetchOptions): Promise<void> {
	let held = (await stat(partial).catch(() => undefined))?.size ?? 0;
	if (held >= source.bytes) {
		// Complete or too long: the checksum of the caller decides about the former, the latter is started over.
		if (held === source.bytes) return;
		held = 0;
	}
	let response: Response;
	try {
		response = await fetch(source.url, {
			headers: held > 0 ? { range: `bytes=${held}-` } : {},
			...(options.signal !== undefined && { signal: options.signal }),
		});
	} catch (error) {
		options.signal?.throwIfAborted();
		const reason =
			error instanceof Error ? String(error.cause instanceof Error ? error.cause.message : error.message) : String(error);
		throw new DataUnavailableError(
			`${source.name}: ${source.url} cannot be reached (${reason}); fetch it elsewhere and set ASSAY_DATA to a folder that holds ${source.mirror.path}`,
		);
	}
	if (!response.ok || response.body === null) {
		await response.body?.cancel();
		throw new DataUnavailableError(`${source.name}: ${source.url} answered ${response.status} ${response.statusText}`);
	}
	const resumed = response.status === 206;
	let bytes = resumed ? held : 0;
	async function* counted(chunks: AsyncIterable<Uint8Array>) {
		for await (const chunk of chunks) {
			bytes += chunk.byteLength;
			if (bytes > source.bytes)
				throw new DataUnavailableError(`${source.name}: ${source.url} sent more than the expected ${source.bytes} bytes`);
			options.onProgress?.(bytes, source.bytes);
			yield chunk;
		}
	}
	await pipeline(response.body, counted, createWriteStream(partial, { flags: resumed ? 'a' : 'w' }), {
		...(options.signal !== undefined && { signal: options.signal }),
	});
}

/** Checks a file against the checksums it may have, once per process. */
async function verify(path: string, accepted: readonly string[], what: string): Promise<void> {
	if (verified.has(path)) return;
	const found = await sha256OfFile(path);
	if (!accepted.includes(found)) {
		throw new DataUnavailableError(
			`${what} (${path}) has SHA-256 ${found}, expected ${accepted.join(' or ')}; remove it to fetch it again`,
		);
	}
	verified.add(path);
}
