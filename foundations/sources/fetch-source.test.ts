import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchSource, openSource, sourceState } from './fetch-source.ts';
import type { Source } from './source.ts';

const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => `row ${i}`).join('\n'));
const sha256 = createHash('sha256').update(content).digest('hex');
const ranges: (string | undefined)[] = [];
let server: Server;
let home: string;
let source: Source;
let served: Buffer;
let cutAfterBytes: number | undefined;
const environment = { ...process.env };

beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), 'assay-sources-'));
	process.env['ASSAY_HOME'] = home;
	delete process.env['ASSAY_DATA'];
	ranges.length = 0;
	served = content;
	cutAfterBytes = undefined;
	server = createServer((request, response) => {
		ranges.push(request.headers.range);
		const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
		const body = served.subarray(from);
		response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.byteLength });
		if (cutAfterBytes === undefined) response.end(body);
		else response.write(body.subarray(0, cutAfterBytes), () => setTimeout(() => response.destroy(), 50));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	source = {
		name: 'rows',
		title: 'Rows',
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.csv`,
		bytes: content.byteLength,
		sha256,
		mediaType: 'text/csv',
		licence: 'none',
		citation: 'none',
		mirror: { path: 'rows/rows.csv' },
	};
});

afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await rm(home, { recursive: true, force: true });
	process.env = { ...environment };
});

test('fetches, checks and caches a source, with progress', async () => {
	const seen: number[] = [];
	const file = await openSource(source, { onProgress: (bytes) => seen.push(bytes) });
	expect(await file.text()).toBe(content.toString());
	expect(seen.at(-1)).toBe(content.byteLength);
	expect(await sourceState(source)).toBe('cache');
	await openSource(source);
	expect(ranges).toHaveLength(1);
});

test('goes on where a broken download stopped', async () => {
	cutAfterBytes = 9000;
	await expect(fetchSource(source)).rejects.toThrow();
	cutAfterBytes = undefined;
	await fetchSource(source);
	expect(ranges[1]).toBe('bytes=9000-');
	expect(await readFile(join(home, 'sources', 'rows.csv'))).toEqual(content);
});

test('a wrong checksum is an error that keeps the old file', async () => {
	const path = await fetchSource(source);
	served = Buffer.from(content).fill(65, 0, 10);
	await expect(fetchSource(source, { again: true })).rejects.toThrow(/SHA-256/);
	expect(await readFile(path)).toEqual(content);
});

test('an unreachable source names its URL and the mirror', async () => {
	await expect(openSource({ ...source, name: 'gone', url: 'http://127.0.0.1:9/gone.csv' })).rejects.toThrow(/ASSAY_DATA/);
});

test('a tampered mirror is refused', async () => {
	process.env['ASSAY_DATA'] = home;
	await writeFile(join(home, 'rows.csv'), 'something else');
	await expect(openSource({ ...source, mirror: { path: 'rows.csv' } })).rejects.toThrow(/local mirror/);
});

test('a mirror may hold the upstream file or its own copy of the data', async () => {
	process.env['ASSAY_DATA'] = home;
	const own = 'the same rows, written otherwise';
	const mirror = { path: 'mine.csv', sha256: createHash('sha256').update(own).digest('hex') };
	await writeFile(join(home, 'mine.csv'), own);
	expect(await (await openSource({ ...source, mirror })).text()).toBe(own);
	await writeFile(join(home, 'upstream.csv'), content);
	expect(await (await openSource({ ...source, mirror: { ...mirror, path: 'upstream.csv' } })).text()).toBe(content.toString());
});
