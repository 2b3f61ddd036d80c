/** What the API gives that is not JSON: progress as it happens, files byte for byte, reports, exports; and files it takes. */
import { createHash } from 'node:crypto';
import { RunStore } from '@assay/runs';
import { parquetReadObjects } from 'hyparquet';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openTestApp, type TestApp } from './testing/index.ts';

const runShape = z.looseObject({
	id: z.string(),
	status: z.string(),
	inputs: z.unknown(),
	outputs: z.unknown(),
	artifacts: z.array(z.object({ name: z.string(), mediaType: z.string(), sha256: z.string(), bytes: z.int() })),
});

let server: TestApp;
let id: string;
beforeAll(async () => {
	server = await openTestApp();
	id = await start({ trace: { durationSeconds: 4, requestsPerSecond: 5 } });
}, 120_000);
afterAll(() => server.close());

async function start(inputs: unknown, system = 'splitwise'): Promise<string> {
	const answer = await post('/api/v1/runs', { system, inputs, seed: 3 });
	expect(answer.status).toBe(202);
	return z.looseObject({ id: z.string() }).parse(await answer.json()).id;
}

const post = (path: string, body?: unknown): Promise<Response> =>
	server.request(path, {
		method: 'POST',
		...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
	});

/** The events of a run until its stream ends. */
async function eventsOf(run: string): Promise<{ event: string; data: Record<string, unknown> }[]> {
	const response = await server.request(`/api/v1/runs/${run}/events`);
	expect(response.headers.get('content-type')).toBe('text/event-stream');
	const text = await response.text();
	return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event = '', data = '']) => ({
		event,
		data: z.record(z.string(), z.unknown()).parse(JSON.parse(data)),
	}));
}

const wholeRun = async (run: string) => runShape.parse(await (await server.request(`/api/v1/runs/${run}`)).json());

test('progress rises, and the stream ends with the run', async () => {
	const events = await eventsOf(id);
	const fractions = events.flatMap(({ event, data }) => (event === 'progress' ? [Number(data['fraction'])] : []));
	expect(fractions.length).toBeGreaterThan(2);
	expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
	expect(fractions.at(-1)).toBeLessThanOrEqual(1);
	expect(events.at(-1)).toEqual({ event: 'state', data: { status: 'done' } });
	expect(events.filter(({ data }) => data['status'] === 'done')).toHaveLength(1);
	// Whoever comes late hears how it ended.
	expect((await eventsOf(id)).at(-1)).toEqual({ event: 'state', data: { status: 'done' } });
});

test('what another process does with a run is told too', async () => {
	const other = await RunStore.open(server.folder);
	const run = await other.add({ system: 'daq-model', version: 1, seed: 0, inputs: {} });
	await other.take(run.id);
	await other.setProgress(run.id, 0.5, 'half of it');
	const events = eventsOf(run.id);
	await other.finish(run.id, { outputs: '{}', headline: 'elsewhere', artifacts: [], log: [] }, {});
	expect((await events).at(-1)).toEqual({ event: 'state', data: { status: 'done' } });
	await other.close();
});

test('a run is stopped wherever it is, once', async () => {
	const run = await start({ mode: 'provision' });
	const events = eventsOf(run);
	expect((await post(`/api/v1/runs/${run}/cancel`)).status).toBe(202);
	expect((await events).at(-1)).toEqual({ event: 'state', data: { status: 'stopped' } });
	expect((await wholeRun(run)).status).toBe('stopped');
	expect((await post(`/api/v1/runs/${run}/cancel`)).status).toBe(409);
	expect((await server.request(`/api/v1/runs/${run}/report.html`)).status).toBe(409);
	expect((await post(`/api/v1/runs/${id}/resume`)).status).toBe(409);
});

test('files come byte for byte', async () => {
	await eventsOf(id);
	const { artifacts } = await wholeRun(id);
	expect(artifacts.length).toBeGreaterThan(0);
	for (const artifact of artifacts) {
		const path = `/api/v1/runs/${id}/artifacts/${encodeURIComponent(artifact.name)}`;
		const response = await server.request(path, { headers: { range: 'bytes=0-3' } });
		expect(response.status).toBe(200);
		const bytes = new Uint8Array(await response.arrayBuffer());
		expect(createHash('sha256').update(bytes).digest('hex')).toBe(artifact.sha256);
		expect(bytes.byteLength).toBe(artifact.bytes);
		expect(response.headers.get('content-length')).toBe(String(artifact.bytes));
		expect(response.headers.get('content-type')).toBe(artifact.mediaType);
		expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
		const head = await server.request(path, { method: 'HEAD' });
		expect([head.headers.get('content-length'), await head.text()]).toEqual([String(artifact.bytes), '']);
	}
});

test('a file that was brought is what a run reads', async () => {
	const csv = `TIMESTAMP,ContextTokens,GeneratedTokens\n${Array.from({ length: 20 }, (_, i) => `2023-11-16 18:17:${String(10 + i)}.0000000,${100 + i},${10 + i}`).join('\n')}\n`;
	const form = new FormData();
	form.set('file', new File([csv], '../../etc/my trace<script>.csv'));
	const upload = await server.request('/api/v1/uploads', { method: 'POST', body: form });
	expect(upload.status).toBe(201);
	const { reference, bytes } = z.object({ reference: z.string(), bytes: z.int() }).parse(await upload.json());
	expect(bytes).toBe(csv.length);
	expect(reference).toBe(`blob:${createHash('sha256').update(csv).digest('hex')}/my trace_script_.csv`);
	const run = await start({ trace: { file: reference } });
	await eventsOf(run);
	const whole = await wholeRun(run);
	expect(whole.status, JSON.stringify(whole['error'])).toBe('done');
	expect(whole.inputs).toMatchObject({ trace: { file: reference } });
});

test('a report is a page without any script', async () => {
	await eventsOf(id);
	const response = await server.request(`/api/v1/runs/${id}/report.html`);
	expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
	expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; (?!.*script)/);
	const { document } = parseHTML(await response.text());
	expect(document.querySelectorAll('script').length).toBe(0);
	expect(document.querySelector('h1')?.textContent?.length).toBeGreaterThan(0);
	for (const element of document.querySelectorAll('*'))
		for (const { name } of element.attributes) expect(name).not.toMatch(/^on/i);
});

test('exports are what the run holds, in three formats', async () => {
	await eventsOf(id);
	const sweep = await post('/api/v1/sweeps', {
		system: 'splitwise',
		specification: {
			inputs: { trace: { durationSeconds: 2 } },
			grid: [{ path: 'trace.requestsPerSecond', values: [2, 4, 6] }],
		},
	});
	expect(sweep.status).toBe(202);
	const { id: sweepId } = z.looseObject({ id: z.string() }).parse(await sweep.json());
	await expect
		.poll(
			async () =>
				z
					.looseObject({ counts: z.object({ done: z.int() }).loose() })
					.parse(await (await server.request(`/api/v1/sweeps/${sweepId}`)).json()).counts.done,
			{ timeout: 30_000, interval: 200 },
		)
		.toBe(3);
	const sets = [
		{ path: `/api/v1/runs/${id}/export`, rates: [5] },
		{ path: `/api/v1/sweeps/${sweepId}/export`, rates: [2, 4, 6] },
	];
	for (const { path, rates } of sets) {
		const get = async (format: string): Promise<Response> => server.request(`${path}?format=${format}`);
		const parquet = await parquetReadObjects({ file: await (await get('parquet')).arrayBuffer() });
		expect(parquet.map((row) => Number(row['inputs.trace.requestsPerSecond']))).toEqual(rates);
		const [head = '', ...rows] = (await (await get('csv')).text()).trimEnd().split('\r\n');
		const column = head.split(',').indexOf('inputs.trace.requestsPerSecond');
		expect(column).toBeGreaterThan(0);
		expect(rows).toHaveLength(rates.length);
		const json = z
			.array(z.looseObject({ inputs: z.object({ trace: z.object({ requestsPerSecond: z.number() }).loose() }).loose() }))
			.parse(await (await get('json')).json());
		expect(json.map((one) => one.inputs.trace.requestsPerSecond)).toEqual(rates);
		expect((await get('xlsx')).status).toBe(422);
	}
});
