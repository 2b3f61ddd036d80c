/** The REST API against its own description: each operation is called, and what it answers is what the OpenAPI document says. */

import { setTimeout as sleep } from 'node:timers/promises';
import { createApiToken, findOrCreateUser, parseHostJson } from '@assay/feed';
import { compileErrors, dereference, validate } from '@readme/openapi-parser';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openTestApp, publicEnvironment, type TestApp } from './testing/index.ts';

const media = z.looseObject({ schema: z.looseObject({ example: z.unknown().optional() }) });
const operationShape = z.looseObject({
	summary: z.string().min(5),
	tags: z.array(z.string()).length(1),
	parameters: z
		.array(
			z.looseObject({
				name: z.string(),
				in: z.enum(['path', 'query']),
				required: z.boolean().optional(),
				schema: z.looseObject({ example: z.unknown().optional() }),
			}),
		)
		.default([]),
	requestBody: z.looseObject({ content: z.record(z.string(), media) }).optional(),
	responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), media) })),
	security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
type Operation = z.output<typeof operationShape>;
const documentShape = z.looseObject({
	openapi: z.literal('3.1.0'),
	paths: z.record(z.string(), z.record(z.string(), operationShape)),
});

const JSON_TYPE = { 'content-type': 'application/json' };
const SHORT = { system: 'splitwise', inputs: { trace: { durationSeconds: 2, requestsPerSecond: 5 } }, seed: 1 };
const LONG = { system: 'splitwise', inputs: { mode: 'provision' }, seed: 1 };

/** The description, and a way to check an answer against it. */
async function contractOf(server: TestApp) {
	const document: unknown = await (await server.request('/api/v1/openapi.json')).json();
	const whole = documentShape.parse(await dereference(structuredClone(document) as Parameters<typeof dereference>[0]));
	const ajv = new Ajv2020({ strict: false, allErrors: true });
	addFormats.default(ajv);
	const compiled = new Map<string, ValidateFunction>();
	const check = (method: string, path: string, status: number, type: string, answer: unknown): void => {
		const operation = whole.paths[path]?.[method];
		const response = operation?.responses[String(status)] ?? operation?.responses['default'];
		const schema = response?.content[type]?.schema;
		expect(schema, `${method} ${path} tells of ${status} ${type}`).toBeDefined();
		const key = `${method} ${path} ${status} ${type}`;
		const valid = compiled.get(key) ?? ajv.compile(schema ?? false);
		compiled.set(key, valid);
		expect(valid(answer), `${key}: ${ajv.errorsText(valid.errors)}`).toBe(true);
	};
	const all = Object.entries(whole.paths).flatMap(([path, item]) =>
		Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
	);
	return { document, check, all, whole };
}

type Contract = Awaited<ReturnType<typeof contractOf>>;
type Names = Readonly<Record<string, string>>;

/** The address of an operation: names from the test, or from the examples of the description. */
function addressOf(path: string, { parameters }: Operation, names: Names): string {
	const value = (name: string): string => {
		const parameter = parameters.find((one) => one.name === name);
		return encodeURIComponent(names[name] ?? String(parameter?.schema['example'] ?? ''));
	};
	const query = parameters.filter((one) => one.in === 'query' && (one.name in names || one.schema['example'] !== undefined));
	const search = query.map(({ name }) => `${name}=${value(name)}`).join('&');
	return path.replace(/\{(\w+)\}/g, (_, name: string) => value(name)) + (search === '' ? '' : `?${search}`);
}

/** What a JSON body or a text is, by its media type. */
async function contentOf(response: Response): Promise<{ type: string; content: unknown }> {
	const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
	return { type, content: /json$/.test(type) ? await response.json() : await response.text() };
}

describe('the description', () => {
	let server: TestApp;
	let contract: Contract;
	beforeAll(async () => {
		server = await openTestApp();
		contract = await contractOf(server);
	}, 120_000);
	afterAll(() => server.close());

	test('is valid OpenAPI 3.1, and each operation says what it does, answers and asks for', async () => {
		const result = await validate(structuredClone(contract.document) as Parameters<typeof validate>[0]);
		expect(result.valid, result.valid ? '' : compileErrors(result)).toBe(true);
		expect(contract.all.length).toBeGreaterThan(40);
		expect(new Set(contract.all.map(({ method, path }) => `${method} ${path}`)).size).toBe(contract.all.length);
		for (const { method, path, operation } of contract.all) {
			const success = Object.keys(operation.responses).filter((status) => /^2\d\d$/.test(status));
			expect(success, `${method} ${path}`).toHaveLength(1);
			expect(Object.keys(operation.responses['default']?.content ?? {}), `${method} ${path}`).toEqual([
				'application/problem+json',
			]);
			const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
			expect(operation.parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(named);
			if (method !== 'get' && path !== '/api/v1/subscriptions') expect(operation.security).toEqual([{ token: [] }]);
		}
		expect(contract.whole['components']).toMatchObject({ securitySchemes: { token: { type: 'http', scheme: 'bearer' } } });
	});

	test('holds for every operation, called with its own examples', async () => {
		const called = new Set<string>();
		const call = async (method: string, path: string, names: Names = {}, body?: unknown): Promise<z.output<z.ZodUnknown>> => {
			const whole = `/api/v1${path}`;
			const operation = contract.whole.paths[whole]?.[method];
			if (operation === undefined) throw new Error(`${method} ${path} is not described`);
			const example = operation.requestBody?.content['application/json']?.schema['example'];
			const brought = body ?? example;
			const response = await server.request(addressOf(whole, operation, names), {
				method: method.toUpperCase(),
				...(brought instanceof FormData
					? { body: brought }
					: brought !== undefined && { body: JSON.stringify(brought), headers: JSON_TYPE }),
			});
			const { type, content } = await contentOf(response);
			expect(response.status, `${method} ${path}: ${JSON.stringify(content).slice(0, 300)}`).toBeLessThan(300);
			const described = Object.keys(operation.responses[String(response.status)]?.content ?? {});
			if (!described.includes('*/*')) contract.check(method, whole, response.status, type, content);
			called.add(`${method} ${whole}`);
			return content;
		};
		const idOf = (answer: unknown): string => String(z.looseObject({ id: z.union([z.string(), z.int()]) }).parse(answer).id);
		const ended = async (id: string): Promise<void> => void (await call('get', '/runs/{id}/events', { id }));

		// What changes something, in an order that makes sense.
		await call('post', '/runs');
		const run = idOf(await call('post', '/runs', {}, SHORT));
		await ended(run);
		await ended(idOf(await call('post', '/runs/{id}/repeat', { id: run })));
		const long = idOf(await call('post', '/runs', {}, LONG));
		await call('post', '/runs/{id}/cancel', { id: long });
		await ended(long);
		await call('post', '/runs/{id}/resume', { id: long });
		await call('post', '/runs/{id}/cancel', { id: long });
		await ended(long);
		await call('delete', '/runs/{id}', { id: long });
		await call('post', '/advice');
		const sweep = idOf(await call('post', '/sweeps'));
		await call('post', '/sweeps/{id}/cancel', { id: sweep });
		await call('post', '/sweeps/{id}/continue', { id: sweep });
		const counts = z.looseObject({ counts: z.object({ done: z.int() }).loose() });
		while (counts.parse(await call('get', '/sweeps/{id}', { id: sweep })).counts.done === 0) await sleep(50);
		await call('post', '/sweeps/{id}/cancel', { id: sweep });
		const search = idOf(await call('post', '/searches'));
		await call('post', '/sweeps/{id}/cancel', { id: search });
		const file = new FormData();
		file.set('file', new File(['a,b\n1,2\n'], 'trace.csv'));
		await call('post', '/uploads', {}, file);
		const first = idOf(await call('post', '/papers/{slug}/comments'));
		await call('patch', '/comments/{id}', { id: first });
		await server.services.database.kysely
			.insertInto('users')
			.values({ handle: 'other', role: 'user', created_at: '2025-01-01T00:00:00Z' })
			.execute();
		const other = await server.services.database.kysely
			.selectFrom('users')
			.selectAll()
			.where('handle', '=', 'other')
			.executeTakeFirstOrThrow();
		const token = await createApiToken(server.services.database, other.id, 'test', new Date());
		const theirs = await server.request('/api/v1/papers/quartet/comments', {
			method: 'POST',
			headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
			body: JSON.stringify({ body: 'I found the same.', parentId: Number(first) }),
		});
		expect(theirs.status).toBe(201);
		const reply = z
			.object({ id: z.int(), state: z.string() })
			.loose()
			.parse(await theirs.json());
		expect(reply.state).toBe('visible');
		await call('put', '/comments/{id}/vote', { id: String(reply.id) });
		await call('delete', '/comments/{id}', { id: first });
		await call('put', '/papers/{slug}/vote');
		await call('delete', '/papers/{slug}/vote');
		const { slug } = z.looseObject({ slug: z.string() }).parse(await call('post', '/papers'));
		// An administrator's flag hides at once.
		await call('post', '/flags', {}, { kind: 'paper', target: slug, reason: 'spam' });
		await call('post', '/subscriptions');
		expect(await call('post', '/systems/{slug}/claims/measure', { slug: 'daq-model' })).toEqual({ started: true });

		// What only reads: everything there is, with what was made above.
		const named: Readonly<Record<string, Names>> = {
			'/runs/{id}/artifacts/{name}': { id: run, name: 'requests.csv' },
			'/sweeps/{id}': { id: sweep },
			'/sweeps/{id}/export': { id: sweep, format: 'json' },
			'/sweeps/{id}/runs': { id: sweep, where: 'inputs.l1tRatio>=40', sort: '-outputs.baseline.totalPowerW' },
			'/sweeps/{id}/sensitivity': { id: sweep, output: 'baseline.totalPowerW' },
			'/data/{name}': { name: 'azure-llm-2023-conversation' },
			'/compare': { runs: `${run},${run}` },
		};
		const artifacts = z
			.object({ artifacts: z.array(z.object({ name: z.string() })) })
			.loose()
			.parse(await call('get', '/runs/{id}', { id: run })).artifacts;
		for (const { method, path, operation } of contract.all) {
			const short = path.slice('/api/v1'.length);
			// Data sets are fetched by the command line; where they are not here there is nothing to read.
			if (method !== 'get' || short === '/data/{name}') continue;
			const names = {
				id: run,
				...(short.includes('{name}') && operation.parameters.length > 1 && { name: artifacts[0]?.name ?? '' }),
				...named[short],
			};
			await call(method, short, short.includes('artifacts') ? { ...names, name: artifacts[0]?.name ?? '' } : names);
		}
		const missed = contract.all.map(({ method, path }) => `${method} ${path}`).filter((name) => !called.has(name));
		expect(missed).toEqual(['get /api/v1/data/{name}']);
	});

	test('unknown names are 404, wrong bodies and queries 422, each told as a problem', async () => {
		const long = 'x'.repeat(400);
		const cases = contract.all.flatMap(({ method, path, operation }) => {
			const example = operation.requestBody?.content['application/json']?.schema['example'];
			const body = example === undefined ? {} : { body: JSON.stringify(example), headers: JSON_TYPE };
			const unknown = path.includes('{')
				? [
						/\/comments\/\{id\}/.test(path) ? '987654' : 'no-such-thing',
						long,
						"'; drop table papers; --",
						'../../etc/passwd',
					].map((name) => ({
						address: path.replace(/\{\w+\}/g, encodeURIComponent(name)),
						status: [404],
						body,
					}))
				: [];
			const wrong =
				example === undefined
					? []
					: [
							{
								address: addressOf(path, operation, path.includes('/comments/{') ? { id: '1' } : {}),
								status: [422],
								body: { body: '{"nonsense":{}}', headers: JSON_TYPE },
							},
						];
			return [...unknown, ...wrong].map((one) => ({ method, path, ...one }));
		});
		expect(cases.length).toBeGreaterThan(80);
		for (const { method, path, address, status, body } of cases) {
			const response = await server.request(address, { method: method.toUpperCase(), ...body });
			const { type, content } = await contentOf(response);
			expect(status, `${method} ${address.slice(0, 120)}: ${JSON.stringify(content).slice(0, 200)}`).toContain(response.status);
			expect(type).toBe('application/problem+json');
			contract.check(method, path, response.status, type, content);
			expect(z.object({ status: z.int() }).loose().parse(content).status).toBe(response.status);
		}
		for (const query of [
			'limit=0',
			'limit=1000',
			'cursor=-1',
			'order=best',
			'date=2025-02-30',
			'week=2025-W99',
			'month=2025-13',
			'limit=1e9',
		])
			expect((await server.request(`/api/v1/papers?${query}`)).status, query).toBe(422);
	});

	test('what is read again unchanged is not sent again', async () => {
		for (const path of [
			'/api/v1/papers',
			'/api/v1/papers/quartet',
			'/api/v1/systems',
			'/api/v1/claims',
			'/api/v1/models/gpt2',
			'/api/daily_papers',
		]) {
			const first = await server.request(path);
			const etag = first.headers.get('etag') ?? '';
			expect(etag, path).toMatch(/^"[\w-]+"$/);
			for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
				const second = await server.request(path, { headers: { 'if-none-match': header } });
				expect([second.status, await second.text(), second.headers.get('etag')], `${path} ${header}`).toEqual([304, '', etag]);
			}
			expect((await server.request(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
			const head = await server.request(path, { method: 'HEAD' });
			expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag]);
		}
	});

	test('the host’s shape is what our importer of it reads, back to the same papers', async () => {
		const text = await (await server.request('/api/daily_papers?date=2025-12-26&limit=100')).text();
		const back = parseHostJson(text);
		expect(back.messages.filter((one) => one.level === 'error')).toEqual([]);
		const papersOf = z
			.object({
				papers: z.array(
					z.looseObject({
						title: z.string(),
						arxivId: z.string().nullable(),
						publishedOn: z.string().nullable(),
						authors: z.array(z.object({ name: z.string() }).loose()),
						links: z.record(z.string(), z.string()),
					}),
				),
			})
			.loose();
		const { papers } = papersOf.parse(await (await server.request('/api/v1/papers?date=2025-12-26&limit=100')).json());
		expect(papers).toHaveLength(47);
		expect(
			back.papers.map((one) => [one.title, one.arxivId, one.publishedOn, one.authors?.length ?? 0, one.links?.['code']]),
		).toEqual(papers.map((one) => [one.title, one.arxivId, one.publishedOn, one.authors.length, one.links['code']]));
		const [item] = z.array(z.unknown()).parse(JSON.parse(text));
		expect(item).toMatchObject({
			paper: {
				id: expect.any(String),
				authors: expect.any(Array),
				title: expect.any(String),
				summary: expect.any(String),
				upvotes: expect.any(Number),
			},
			title: expect.any(String),
			numComments: expect.any(Number),
			isAuthorParticipating: false,
		});
	});
});

describe('in public', () => {
	let server: TestApp;
	let token: string;
	beforeAll(async () => {
		server = await openTestApp(publicEnvironment);
		const { database, secrets } = server.services;
		token = await createApiToken(
			database,
			(await findOrCreateUser(database, secrets, 'reader@example.org', new Date())).id,
			'script',
			new Date(),
		);
	}, 120_000);
	afterAll(() => server.close());

	test('a token speaks for its user; a wrong, empty or overlong one is 401, also where none is needed', async () => {
		const me = await server.request('/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
		expect(await me.json()).toMatchObject({ role: 'user', tokens: 1 });
		for (const wrong of [`${token}x`, token.slice(6), 'assay_', '', 'x'.repeat(5000), "' or 1=1 --"]) {
			const refused = await server.request('/api/v1/papers', { headers: { authorization: `Bearer ${wrong}` } });
			expect(refused.status, wrong.slice(0, 60)).toBe(401);
			expect(refused.headers.get('www-authenticate')).toBe('Bearer');
			expect(refused.headers.get('content-type')).toBe('application/problem+json');
		}
		expect((await server.request('/api/v1/me')).status).toBe(401);
	});

	test('answers say how much of the budget is left', async () => {
		const remaining = async (): Promise<number> => {
			const { headers } = await server.request('/api/v1/papers?limit=1');
			expect(headers.get('ratelimit-limit')).toBe('120');
			expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(0);
			return Number(headers.get('ratelimit-remaining'));
		};
		const before = await remaining();
		expect(await remaining()).toBeLessThanOrEqual(before);
	});

	test('pages elsewhere may read, and may do nothing else; on loopback not even that', async () => {
		const origin = 'https://elsewhere.example';
		for (const path of ['/api/v1/papers', '/api/daily_papers', '/feeds/new.json']) {
			const read = await server.request(path, { headers: { origin } });
			expect(read.headers.get('access-control-allow-origin'), path).toBe('*');
			expect(read.headers.get('access-control-allow-credentials')).toBeNull();
		}
		const preflight = await server.request('/api/v1/papers/quartet/vote', {
			method: 'OPTIONS',
			headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
		});
		expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,HEAD');
		const write = await server.request('/api/v1/papers/quartet/vote', {
			method: 'PUT',
			headers: { origin, authorization: `Bearer ${token}` },
		});
		expect(write.headers.get('access-control-allow-origin')).toBeNull();
		expect((await server.request('/', { headers: { origin } })).headers.get('access-control-allow-origin')).toBeNull();
		const local = await openTestApp();
		try {
			for (const path of ['/api/v1/me/export', '/api/v1/runs', '/feeds/u/local.json'])
				expect((await local.request(path, { headers: { origin } })).headers.get('access-control-allow-origin'), path).toBeNull();
		} finally {
			await local.close();
		}
	});

	test('feeds have their types, and are not sent again unchanged', async () => {
		const types = { rss: /^application\/rss\+xml/, atom: /^application\/atom\+xml/, json: /^application\/feed\+json/ };
		for (const list of ['trending', 'new', 'date/2025-12-26', 'search'])
			for (const [format, type] of Object.entries(types)) {
				const path = `/feeds/${list}.${format}${list === 'search' ? '?q=quantization' : ''}`;
				const first = await server.request(path);
				expect(first.status, path).toBe(200);
				expect(first.headers.get('content-type')).toMatch(type);
				const again = await server.request(path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
				expect([again.status, await again.text()], path).toEqual([304, '']);
			}
		for (const path of [
			'/feeds/none.rss',
			'/feeds/new.pdf',
			'/feeds/date/2025-02-30.rss',
			'/feeds/tag/none.atom',
			'/feeds/u/none.json',
		])
			expect((await server.request(path)).status, path).toBe(404);
	});
});
