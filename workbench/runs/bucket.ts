/** A bucket of an S3-compatible store in which machines share files by their SHA-256. The client is loaded when the first file travels. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataUnavailableError, InputError, show } from '@assay/contract';
import type { S3Client } from '@aws-sdk/client-s3';

export interface Bucket {
	/** Puts a file there unless it is there already. */
	upload(sha256: string, path: string): Promise<void>;
	/** Writes a file from there to `path`, checked. Raises an InputError if there is none, a DataUnavailableError if it came damaged. */
	download(sha256: string, path: string): Promise<void>;
	remove(sha256: string): Promise<void>;
}

/** `s3://bucket/prefix`; who asks, and which server, is told by the AWS SDK's own variables and files. Raises an InputError for another text. */
export function openBucket(address: string): Bucket {
	const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(address) ?? [];
	if (bucket === undefined)
		throw new InputError({ path: ['ASSAY_ARTIFACTS'], found: show(address), expected: 's3://bucket/prefix' });
	const place = (sha256: string) => ({
		Bucket: bucket,
		Key: [...prefix.split('/').filter(Boolean), sha256.slice(0, 2), sha256].join('/'),
	});
	let opened: Promise<{ readonly sdk: typeof import('@aws-sdk/client-s3'); readonly client: S3Client }> | undefined;
	const open = () => {
		opened ??= import('@aws-sdk/client-s3').then((sdk) => ({
			sdk,
			// Servers of one's own rarely have a name for each bucket.
			client: new sdk.S3Client({
				forcePathStyle: (process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']) !== undefined,
			}),
		}));
		return opened;
	};
	return {
		upload: async (sha256, path) => {
			const { sdk, client } = await open();
			try {
				await client.send(new sdk.HeadObjectCommand(place(sha256)));
				return;
			} catch (error) {
				if (!isAbsent(error)) throw error;
			}
			const { size } = await stat(path);
			await client.send(new sdk.PutObjectCommand({ ...place(sha256), Body: createReadStream(path), ContentLength: size }));
		},
		download: async (sha256, path) => {
			const { sdk, client } = await open();
			const { Body: body } = await client.send(new sdk.GetObjectCommand(place(sha256))).catch((error: unknown) => {
				if (!isAbsent(error)) throw error;
				throw new InputError({
					path: ['data'],
					found: `no file ${sha256} in ${address}`,
					expected: 'a file that was kept there',
				});
			});
			if (!(body instanceof Readable)) throw new TypeError('the store sent no stream');
			const hash = createHash('sha256');
			await pipeline(
				body,
				async function* hashed(chunks: AsyncIterable<Uint8Array>) {
					for await (const chunk of chunks) {
						hash.update(chunk);
						yield chunk;
					}
				},
				createWriteStream(path),
			);
			if (hash.digest('hex') !== sha256) throw new DataUnavailableError(`the file ${sha256} in ${address} is damaged`);
		},
		remove: async (sha256) => {
			const { sdk, client } = await open();
			await client.send(new sdk.DeleteObjectCommand(place(sha256)));
		},
	};
}

function isAbsent(error: unknown): boolean {
	return error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}
