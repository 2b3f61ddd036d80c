import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BlobStore } from './blobs.ts';
import { keepUpload } from './uploads.ts';

let folder: string;
let blobs: BlobStore;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-uploads-'));
	blobs = new BlobStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (content: string | Uint8Array<ArrayBuffer>, name: string): File => new File([content], name);

test('a file is kept under its own plain name, wherever it says it lies', async () => {
	const reference = await keepUpload(blobs, file('a,b\n1,2\n', '../../etc/trace.csv'), 'trace', ['text/csv']);
	expect(reference).toMatch(/^blob:[0-9a-f]{64}\/trace\.csv$/);
	expect(await (await blobs.open(reference)).text()).toBe('a,b\n1,2\n');
	expect(await keepUpload(blobs, file('x', 'C:\\data\\my trace\u0000<1>.csv'), 'trace')).toMatch(/\/my trace__1_\.csv$/);
});

test.for([
	['', 'empty.csv', 'text/csv'],
	['a', '..', 'text/csv'],
	[new Uint8Array([1, 0, 2]), 'binary.csv', 'text/csv'],
	[new Uint8Array([0xff, 0xfe]), 'latin.csv', 'text/csv'],
	['a,b', 'table.json', 'application/json'],
	['{}', 'book.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
] as const)('what is plainly no such file is refused with its place: %s', async ([content, name, type]) => {
	await expect(keepUpload(blobs, file(content, name), 'own.table', [type])).rejects.toThrow(InputError);
	await expect(keepUpload(blobs, file(content, name), 'own.table', [type])).rejects.toThrow(
		/^own, table: found|^own\.table: found/,
	);
});
