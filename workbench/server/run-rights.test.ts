/** Everybody sees a run; stopping and deleting it is for who started it, and for moderators. */
import { createApiToken, eraseUser, findOrCreateUser, type User } from '@assay/feed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, publicEnvironment, type TestApp } from './testing/index.ts';

let server: TestApp;
const now = new Date();
beforeAll(async () => {
	server = await openTestApp(publicEnvironment);
}, 120_000);
afterAll(() => server.close());

async function person(address: string): Promise<{ readonly user: User; readonly token: string }> {
	const { database, secrets } = server.services;
	const user = await findOrCreateUser(database, secrets, address, now);
	return { user, token: await createApiToken(database, user.id, 'test', now) };
}

const ask = (token: string, method: string, path: string, body?: unknown): Promise<Response> =>
	server.request(`/api/v1${path}`, {
		method,
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});

async function until(condition: () => Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 30));
}

test('a run is its starter’s to stop and delete, and a moderator’s', async () => {
	const [ada, bob, moderator] = [
		await person('ada@example.org'),
		await person('bob@example.org'),
		await person('mod@example.org'),
	];
	const { store } = server.services;
	await server.services.database.kysely
		.updateTable('users')
		.set({ role: 'moderator' })
		.where('id', '=', moderator.user.id)
		.execute();
	const start = async (): Promise<string> => {
		const inputs = { trace: { durationSeconds: 1, requestsPerSecond: 4 } };
		const answer: unknown = await (await ask(ada.token, 'POST', '/runs', { system: 'splitwise', inputs })).json();
		const id = typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : '';
		await until(async () => (await store.get(id)).status === 'done');
		return id;
	};
	const [first, second] = [await start(), await start()];
	expect((await ask(bob.token, 'GET', `/runs/${first}`)).status).toBe(200);
	expect((await ask(bob.token, 'DELETE', `/runs/${first}`)).status).toBe(403);
	expect((await store.get(first)).status).toBe('done');
	expect((await ask(ada.token, 'DELETE', `/runs/${first}`)).status).toBe(200);
	expect((await ask(moderator.token, 'DELETE', `/runs/${second}`)).status).toBe(200);
});

test('a sweep too; and somebody who is forgotten no longer stands beside their runs', async () => {
	const [ada, bob] = [await person('ada@example.org'), await person('bob@example.org')];
	const specification = {
		inputs: { trace: { durationSeconds: 1 } },
		grid: [{ path: 'trace.requestsPerSecond', values: [3, 4] }],
	};
	const answer: unknown = await (await ask(ada.token, 'POST', '/sweeps', { system: 'splitwise', specification })).json();
	const id = typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : '';
	expect((await ask(bob.token, 'POST', `/sweeps/${id}/cancel`)).status).toBe(403);
	const { store, database } = server.services;
	await until(async () => (await store.sweepCounts(id)).done === 2);
	expect((await store.sweepRuns(id)).map((run) => run.userId)).toEqual([ada.user.id, ada.user.id]);
	await eraseUser(database, ada.user.id, now);
	expect((await store.sweepRuns(id)).map((run) => run.userId)).toEqual([null, null]);
	expect((await store.getSweep(id)).userId).toBeNull();
});
