/** What only a real connection shows: bytes that no client library would send, and bodies that come in pieces. */
import type { AddressInfo } from 'node:net';
import { connect, type Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from './testing/index.ts';

let app: TestApp;
let server: ReturnType<typeof createAdaptorServer>;
let port = 0;
beforeAll(async () => {
	app = await openTestApp();
	server = createAdaptorServer({ fetch: app.app.fetch, overrideGlobalObjects: false });
	await new Promise<void>((resolve) => (server as Server).listen(0, '127.0.0.1', resolve));
	port = (server.address() as AddressInfo).port;
}, 120_000);
afterAll(async () => {
	server.close();
	await app.close();
});

/** Sends bytes as they are; gives the status and the whole answer. */
function send(...parts: readonly string[]): Promise<{ status: number; text: string }> {
	return new Promise((resolve, reject) => {
		const socket = connect(port, '127.0.0.1', () => {
			for (const part of parts) socket.write(part, 'latin1');
		});
		let text = '';
		socket.setEncoding('latin1').on('data', (chunk) => (text += chunk));
		// A server that has answered may end the connection while we still write.
		socket.on('error', (error) => (text === '' ? reject(error) : undefined));
		socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), text }));
	});
}

const request = (line: string, headers = '', body = '', host = `127.0.0.1:${port}`) =>
	send(`${line} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${headers}\r\n${body}`);
const JSON_CHUNKED = 'content-type: application/json\r\ntransfer-encoding: chunked\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test('methods of other protocols and addresses of other worlds are refused', async () => {
	for (const method of ['TRACE', 'PROPFIND', 'MKCOL', 'LOCK']) expect((await request(`${method} /`)).status, method).toBe(405);
	for (const path of [
		'/assets/../../../../etc/passwd',
		'/../../package.json',
		'/assets/..\\..\\package.json',
		'//etc/passwd',
		'/./././etc/passwd',
		'/\\evil.example',
		'/api/v1/data/../../../etc/passwd',
		'/%',
		'/%00',
		'/%0a',
	]) {
		const { status, text } = await request(`GET ${path}`);
		expect([400, 404], path).toContain(status);
		expect(text).not.toMatch(/root:.*:0:0|"workspaces"/);
	}
	for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost@evil.example', '[::1', 'a b', ''])
		expect([400, 421], host).toContain((await request('GET /api/v1/papers', '', '', host)).status);
});

test('a body may come in pieces, be empty, and not be endless', async () => {
	const comment = '{"body":"In pieces."}';
	const answer = await request(
		'POST /api/v1/papers/quartet/comments',
		JSON_CHUNKED,
		`${chunk(comment.slice(0, 5))}${chunk(comment.slice(5))}0\r\n\r\n`,
	);
	expect(answer.status).toBe(201);
	expect((await request('PUT /api/v1/papers/quartet/vote', 'content-length: 0\r\n')).status).toBe(200);
	expect((await request('DELETE /api/v1/papers/quartet/vote')).status).toBe(200);
	expect((await request('POST /api/v1/runs/none/cancel')).status).toBe(404);
	const large = 'x'.repeat(2 ** 20);
	expect(
		(await request('POST /api/v1/papers', JSON_CHUNKED, `${chunk(large)}${chunk(large)}${chunk(large)}0\r\n\r\n`)).status,
	).toBe(413);
	expect(
		(await request('POST /api/v1/papers', `content-type: application/json\r\ncontent-length: ${3 * 2 ** 20}\r\n`)).status,
	).toBe(413);
	expect((await request('POST /api/v1/papers', 'content-type: application/json\r\ncontent-length: 2\r\n', '{}')).status).toBe(
		422,
	);
	expect(
		(
			await request(
				'POST /unsubscribe/x',
				'content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n',
				`${chunk('List-Unsubscribe=One-Click')}0\r\n\r\n`,
			)
		).status,
	).toBe(404);
	expect(
		(await request('POST /submit', 'content-type: application/x-www-form-urlencoded\r\ncontent-length: 7\r\n', 'title=x')).status,
	).toBe(403);
	expect(app.log).toEqual([]);
});
