/** Files by content: in a folder, in a folder that machines share, and in a bucket of a real S3 server. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataUnavailableError, InputError } from '@assay/contract';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBlobs } from './blobs.ts';

const variables = {
	AWS_ACCESS_KEY_ID: 'test',
	AWS_SECRET_ACCESS_KEY: 'test',
	AWS_REGION: 'us-east-1',
	AWS_MAX_ATTEMPTS: '1',
};
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

let root: string;
let server: FauxqsServer;
let [here, there] = ['', ''];

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'assay-blobs-'));
	server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
	server.createBucket('assay');
	Object.assign(process.env, variables, { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.port}` });
});
afterAll(async () => {
	for (const name of [...Object.keys(variables), 'AWS_ENDPOINT_URL_S3']) delete process.env[name];
	await server.stop();
	await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
	[here, there] = [await mkdtemp(join(root, 'here-')), await mkdtemp(join(root, 'there-'))];
});

test('what one machine keeps in a bucket another one opens', async () => {
	const [ours, theirs] = [openBlobs(here, 's3://assay/some/prefix'), openBlobs(there, 's3://assay/some/prefix')];
	const kept = await ours.keep(text('bytes'));
	await writeFile(join(root, 'file.bin'), new Uint8Array(3_000_000).fill(7));
	const large = await ours.keepFile(join(root, 'file.bin'));
	expect(await (await theirs.open(`blob:${kept}/a.txt`)).text()).toBe('bytes');
	expect((await readFile(await theirs.file(large))).equals(await readFile(join(root, 'file.bin')))).toBe(true);
	// Kept already: nothing travels, and nothing changes.
	expect(await theirs.keep(text('bytes'))).toBe(kept);
	await ours.remove(kept);
	await expect(openBlobs(there, 's3://assay/other').open(`blob:${'0'.repeat(64)}/x`)).rejects.toThrow(InputError);
	await expect(openBlobs(await mkdtemp(join(root, 'third-')), 's3://assay/some/prefix').file(kept)).rejects.toThrow(
		/found no file .* in s3:\/\/assay\/some\/prefix/,
	);
});

test('what comes in pieces is kept whole, or not at all', async () => {
	const blobs = openBlobs(here);
	async function* pieces(last: Uint8Array | Error) {
		yield text('one ');
		yield text('two ');
		if (last instanceof Error) throw last;
		yield last;
	}
	const { sha256, bytes } = await blobs.keepStream(pieces(text('three')));
	expect(bytes).toBe(13);
	expect(await blobs.keep(text('one two three'))).toBe(sha256);
	expect(await readFile(await blobs.file(sha256), 'utf8')).toBe('one two three');
	const files = async () => (await readdir(blobs.folder, { recursive: true })).sort();
	const before = await files();
	await expect(blobs.keepStream(pieces(new Error('cut')))).rejects.toThrow('cut');
	expect(await files()).toEqual(before);
});

test('a file that comes damaged is refused and not kept', async () => {
	const ours = openBlobs(here, 's3://assay');
	const sha256 = await ours.keep(text('whole'));
	const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
	const client = new S3Client({ forcePathStyle: true });
	await client.send(new PutObjectCommand({ Bucket: 'assay', Key: `${sha256.slice(0, 2)}/${sha256}`, Body: 'half' }));
	const theirs = openBlobs(there, 's3://assay');
	await expect(theirs.file(sha256)).rejects.toThrow(DataUnavailableError);
	await expect(theirs.file(sha256)).rejects.toThrow(/is damaged/);
});

test('a shared folder is used as it is', async () => {
	const sha256 = await openBlobs(here, there).keep(text('bytes'));
	expect(await readFile(join(there, sha256.slice(0, 2), sha256), 'utf8')).toBe('bytes');
});

test.each(['s3://', 's3://Bucket', 's3://bucket/a b', 'relative/folder', 'http://bucket'])(
	'%s is no place for files',
	(place) => {
		expect(() => openBlobs(here, place)).toThrow(/ASSAY_ARTIFACTS: found/);
	},
);
