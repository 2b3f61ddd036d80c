/** Many people vote at once, over HTTP: every one of them counts once, whatever the engine below. */
import { onBothEngines } from '@assay/database/testing';
import { createApiToken, findOrCreateUser } from '@assay/feed';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openTestApp, publicEnvironment } from './testing/index.ts';

const USERS = 100;
const VOTES_EACH = 10;

onBothEngines(({ open, environment }) => {
	test('1,000 votes of 100 users at once end with exactly 100', async () => {
		await (await open()).close();
		const { DATABASE_URL } = environment();
		const server = await openTestApp({ ...publicEnvironment, ASSAY_BEHIND_PROXY: '1', DATABASE_URL });
		try {
			const { database, secrets } = server.services;
			const now = new Date();
			const voters: Record<string, string>[] = [];
			for (let index = 0; index < USERS; index++) {
				const user = await findOrCreateUser(database, secrets, `voter${index}@example.org`, now);
				const token = await createApiToken(database, user.id, 'vote', now);
				voters.push({ authorization: `Bearer ${token}`, 'x-forwarded-for': `10.${index}.0.1` });
			}
			const vote = (headers: Record<string, string>) => server.request('/api/v1/papers/quartet/vote', { method: 'PUT', headers });
			const answers = await Promise.all(Array.from({ length: VOTES_EACH }, () => voters.map(vote)).flat());
			expect(answers.map((answer) => answer.status)).toEqual(Array(USERS * VOTES_EACH).fill(200));
			const counts = await Promise.all(
				answers.map(async (answer) => z.object({ votes: z.int(), voted: z.literal(true) }).parse(await answer.json()).votes),
			);
			expect(Math.max(...counts)).toBe(USERS);
			const votes = await database.kysely.selectFrom('votes').select('user_id').execute();
			expect(new Set(votes.map((row) => row.user_id)).size).toBe(USERS);
			expect(votes).toHaveLength(USERS);
			// A network in which all of them sit is held to the limit of one.
			const shared = await Promise.all(
				voters.map(({ authorization = '' }) => vote({ authorization, 'x-forwarded-for': '10.200.0.1' })),
			);
			expect(shared.filter((answer) => answer.status === 200)).toHaveLength(60);
			expect(server.log).toEqual([]);
		} finally {
			await server.close();
		}
	}, 120_000);
});
