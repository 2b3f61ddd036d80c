import { createHash } from 'node:crypto';
import { InputError } from '@assay/contract';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { changeHandle, findOrCreateUser, localUser, userByHandle, voteWeight } from './accounts.ts';
import { authenticateApiToken, createApiToken, listApiTokens, revokeApiToken } from './api-tokens.ts';
import { consumeMagicLink, isMagicLinkValid, MAGIC_LINK_ANSWER, requestMagicLink } from './magic-link.ts';
import { authenticateSession, createSession, forgetExpired, revokeAllSessions, revokeSession } from './sessions.ts';
import { addUser, later, NOW, sampleSecrets } from './testing/sample.ts';

const secrets = sampleSecrets();
const DAY = 86_400;

test('a vote weighs 0.2 for the first 24 hours of an account', () => {
	const user = { createdAt: NOW.toISOString() };
	expect(voteWeight(user, NOW)).toBe(0.2);
	expect(voteWeight(user, later(NOW, DAY - 1))).toBe(0.2);
	expect(voteWeight(user, later(NOW, DAY))).toBe(1);
});

onBothEngines(({ open }) => {
	test('one address is one user, however many come at once', async () => {
		const database = await open();
		const users = await Promise.all(
			Array.from({ length: 20 }, () => findOrCreateUser(database, secrets, 'ada@example.org', NOW)),
		);
		expect(new Set(users.map((user) => user.id)).size).toBe(1);
		expect(await findOrCreateUser(database, secrets, 'eve@example.org', NOW)).not.toMatchObject({ id: users[0]?.id });
		const locals = await Promise.all(Array.from({ length: 5 }, () => localUser(database, NOW)));
		expect(new Set(locals.map((user) => user.id)).size).toBe(1);
		expect(locals[0]).toMatchObject({ handle: 'local', role: 'admin' });
	});

	test('handles are plain, unique without regard to case, and not names of the house', async () => {
		const database = await open();
		const [one, two] = [await addUser(database, 'one'), await addUser(database, 'two')];
		expect(await changeHandle(database, one, ' Ada-99 ')).toMatchObject({ id: one.id, handle: 'ada-99' });
		expect((await changeHandle(database, one, 'ada-99')).handle).toBe('ada-99');
		expect((await userByHandle(database, 'ADA-99'))?.id).toBe(one.id);
		for (const wanted of [
			'ADA-99',
			'a',
			'9lives',
			'a--b',
			'a-',
			'a_b',
			'ädä',
			'local',
			'admin2',
			'erased-1',
			'x'.repeat(31),
			'<b>',
		])
			await expect(changeHandle(database, two, wanted)).rejects.toThrow(InputError);
		const rivals = await Promise.allSettled([one, two].map((user) => changeHandle(database, user, 'contested')));
		expect(rivals.map((rival) => rival.status).sort()).toEqual(['fulfilled', 'rejected']);
		expect(rivals.find((rival) => rival.status === 'rejected')?.reason).toBeInstanceOf(InputError);
	});

	test('a session holds until it expires or is revoked, and only its hash is kept', async () => {
		const database = await open();
		const user = await addUser(database, 'ada');
		const session = await createSession(database, user.id, NOW);
		const kept = await database.kysely.selectFrom('sessions').select('token_hash').execute();
		expect(kept).toEqual([{ token_hash: createHash('sha256').update(session.token).digest('hex') }]);
		expect(Buffer.from(session.token, 'base64url')).toHaveLength(32);
		expect(await authenticateSession(database, session.token, later(NOW, 30 * DAY - 1))).toMatchObject({ id: user.id });
		expect(await authenticateSession(database, session.token, later(NOW, 30 * DAY))).toBeNull();
		expect(await authenticateSession(database, kept[0]?.token_hash ?? '', NOW)).toBeNull();
		await revokeSession(database, session.token);
		expect(await authenticateSession(database, session.token, NOW)).toBeNull();
		const [a, b] = [await createSession(database, user.id, NOW), await createSession(database, user.id, NOW)];
		await revokeAllSessions(database, user.id);
		for (const { token } of [a, b]) expect(await authenticateSession(database, token, NOW)).toBeNull();
		await createSession(database, user.id, NOW);
		await forgetExpired(database, later(NOW, 31 * DAY));
		expect(await database.kysely.selectFrom('sessions').selectAll().execute()).toEqual([]);
	});

	test('a magic link opens one session within 15 minutes, and the answer tells nothing', async () => {
		const database = await open();
		const sent: { address: string; token: string }[] = [];
		const request = (address: string) =>
			requestMagicLink(database, secrets, address, async (to, token) => void sent.push({ address: to, token }), NOW);
		await findOrCreateUser(database, secrets, 'known@example.org', NOW);
		expect(await request('Known@example.org')).toBe(MAGIC_LINK_ANSWER);
		expect(await request('new@example.org')).toBe(MAGIC_LINK_ANSWER);
		await expect(request('new@example.org\nBcc: x@y.org')).rejects.toThrow(InputError);
		const [known, fresh] = sent.map(({ token }) => token);
		expect(sent.map(({ address }) => address)).toEqual(['known@example.org', 'new@example.org']);
		// Looking at the link, as mail scanners do, uses nothing up.
		for (let look = 0; look < 3; look++) expect(await isMagicLinkValid(database, known ?? '', later(NOW, 899))).toBe(true);
		expect(await isMagicLinkValid(database, known ?? '', later(NOW, 900))).toBe(false);
		expect(await consumeMagicLink(database, secrets, known ?? '', later(NOW, 900))).toBeNull();
		const all = await Promise.all(
			Array.from({ length: 10 }, () => consumeMagicLink(database, secrets, fresh ?? '', later(NOW, 60))),
		);
		const [opened, ...others] = all.filter((one) => one !== null);
		expect(others).toEqual([]);
		expect(await authenticateSession(database, opened?.session.token ?? '', later(NOW, 61))).toMatchObject({
			id: opened?.user.id,
		});
		expect(opened?.user.id).toBe((await findOrCreateUser(database, secrets, 'new@example.org', NOW)).id);
		expect(await consumeMagicLink(database, secrets, 'nonsense', NOW)).toBeNull();
	});

	test('API tokens: shown once, listed without themselves, revoked only by their owner', async () => {
		const database = await open();
		const [ada, eve] = [await addUser(database, 'ada'), await addUser(database, 'eve')];
		const token = await createApiToken(database, ada.id, ' nightly ', NOW);
		expect(await authenticateApiToken(database, token, NOW)).toMatchObject({ id: ada.id });
		const [listed] = await listApiTokens(database, ada.id);
		expect(listed).toMatchObject({ name: 'nightly', lastUsedAt: NOW.toISOString() });
		expect(JSON.stringify(listed)).not.toContain(token.slice(6));
		await authenticateApiToken(database, token, later(NOW, 30));
		expect((await listApiTokens(database, ada.id))[0]?.lastUsedAt).toBe(NOW.toISOString());
		expect(await revokeApiToken(database, eve.id, listed?.id ?? '')).toBe(false);
		expect(await revokeApiToken(database, ada.id, listed?.id ?? '')).toBe(true);
		expect(await authenticateApiToken(database, token, NOW)).toBeNull();
		for (const wrong of ['', token.slice(6), 'assay_', listed?.id ?? ''])
			expect(await authenticateApiToken(database, wrong, NOW)).toBeNull();
		for (let index = 0; index < 20; index++) await createApiToken(database, eve.id, `token ${index}`, NOW);
		await expect(createApiToken(database, eve.id, 'one more', NOW)).rejects.toThrow(InputError);
		await expect(createApiToken(database, ada.id, ' ', NOW)).rejects.toThrow(InputError);
	});
});
