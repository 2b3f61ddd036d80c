import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { postComment } from '../discussion/comments.ts';
import { readThread } from '../discussion/thread.ts';
import { castVote } from '../discussion/votes.ts';
import { findOrCreateUser } from '../people/accounts.ts';
import { eraseAddress, eraseUser, exportAddress, exportUser } from '../people/export-erase.ts';
import { requestMagicLink } from '../people/magic-link.ts';
import { addPapers, addUser, later, NOW, sampleSecrets } from '../people/testing/sample.ts';
import {
	confirm,
	isSuppressed,
	lookUpConfirmation,
	lookUpUnsubscribe,
	SUBSCRIBE_ANSWER,
	subscribe,
	suppress,
	unsubscribe,
} from './subscription.ts';

const secrets = sampleSecrets();
const HOUR = 3600;

/** Subscribes and gives the token that was mailed, if one was. */
async function tokenFor(
	database: AssayDatabase,
	address: string,
	topics: readonly string[] = [],
	now = NOW,
): Promise<string | null> {
	let mailed: string | null = null;
	const send = async (to: string, token: string): Promise<void> => {
		expect(to).toBe(address.toLowerCase());
		mailed = token;
	};
	const request = { address, topics, cadence: 'daily' as const };
	expect(await subscribe(database, secrets, request, '192.0.2.0/24', send, now)).toBe(SUBSCRIBE_ANSWER);
	return mailed;
}

async function rows({ kysely }: AssayDatabase) {
	return kysely.selectFrom('subscriptions').selectAll().execute();
}

/** Everything the database holds, as an attacker with its files or a dump of it would see it. */
async function everything(database: AssayDatabase, home: string): Promise<string> {
	if (database.engine === 'sqlite') {
		const files = (await readdir(home)).filter((name) => name.startsWith('assay.sqlite'));
		expect(files).toContain('assay.sqlite-wal');
		return (await Promise.all(files.map((name) => readFile(join(home, name), 'latin1')))).join('\n');
	}
	const columns = await sql<{
		table_name: string;
		column_name: string;
	}>`select table_name, column_name from information_schema.columns
		where table_schema = 'public' and data_type = 'text'`.execute(database.kysely);
	const texts: string[] = [];
	for (const { table_name, column_name } of columns.rows) {
		const values = await sql<{
			value: string | null;
		}>`select ${sql.ref(column_name)} as value from ${sql.table(table_name)}`.execute(database.kysely);
		texts.push(...values.rows.map((row) => row.value ?? ''));
	}
	return texts.join('\n');
}

onBothEngines(({ open, environment }) => {
	test('nothing is subscribed until the mailed token is posted; looking at the link changes nothing', async () => {
		const database = await open();
		const token = (await tokenFor(database, 'Ada@example.org', ['Quantization', 'serving', 'serving'])) ?? '';
		expect(Buffer.from(token, 'base64url')).toHaveLength(32);
		const [pending] = await rows(database);
		expect(pending).toMatchObject({
			state: 'pending',
			confirm_hash: createHash('sha256').update(token).digest('hex'),
			confirmed_at: null,
		});
		for (let look = 0; look < 3; look++)
			expect(await lookUpConfirmation(database, token, NOW)).toEqual({ topics: ['quantization', 'serving'], cadence: 'daily' });
		expect(await rows(database)).toEqual([pending]);
		const all = await Promise.all(Array.from({ length: 5 }, () => confirm(database, token, later(NOW, 60))));
		expect(all.sort()).toEqual(['confirmed', 'unknown', 'unknown', 'unknown', 'unknown']);
		const [active] = await rows(database);
		expect(active).toMatchObject({ state: 'active', confirm_hash: null, requested: null, topics: '["quantization","serving"]' });
		expect(JSON.parse(active?.consent ?? '')).toEqual({
			at: NOW.toISOString(),
			network: '192.0.2.0/24',
			textVersion: '1',
			confirmedAt: later(NOW, 60).toISOString(),
		});
	});

	test('a confirmation is valid for 48 hours, and a newer one replaces it', async () => {
		const database = await open();
		const first = (await tokenFor(database, 'ada@example.org')) ?? '';
		expect(await lookUpConfirmation(database, first, later(NOW, 48 * HOUR))).toBeNull();
		expect(await confirm(database, first, later(NOW, 48 * HOUR))).toBe('unknown');
		const second = (await tokenFor(database, 'ada@example.org', ['x'], later(NOW, 49 * HOUR))) ?? '';
		expect(await confirm(database, first, later(NOW, 49 * HOUR))).toBe('unknown');
		expect(await confirm(database, second, later(NOW, 49 * HOUR))).toBe('confirmed');
		for (const wrong of ['', 'x', 'x'.repeat(43), `${second}'`]) expect(await confirm(database, wrong, NOW)).toBe('unknown');
	});

	test('a stranger cannot change what someone is subscribed to', async () => {
		const database = await open();
		await confirm(database, (await tokenFor(database, 'ada@example.org', ['serving'])) ?? '', NOW);
		await tokenFor(database, 'ada@example.org', ['gambling']);
		expect(await rows(database)).toMatchObject([{ state: 'active', topics: '["serving"]' }]);
	});

	test('unsubscribing takes one post, says the same again, and looking at the link changes nothing', async () => {
		const database = await open();
		await confirm(database, (await tokenFor(database, 'ada@example.org')) ?? '', NOW);
		const [row] = await rows(database);
		const token = secrets.unsubscribeToken(row?.id ?? '');
		for (let look = 0; look < 3; look++) expect(await lookUpUnsubscribe(database, token)).toBe('active');
		expect(await rows(database)).toEqual([row]);
		const all = await Promise.all(Array.from({ length: 5 }, () => unsubscribe(database, token, NOW)));
		expect(all.sort()).toEqual(['already', 'already', 'already', 'already', 'unsubscribed']);
		expect(await unsubscribe(database, token, later(NOW, 9999))).toBe('already');
		expect(await lookUpUnsubscribe(database, token)).toBe('unsubscribed');
		for (const wrong of ['', 'x'.repeat(43), sampleSecrets(8).unsubscribeToken(row?.id ?? '')])
			expect(await unsubscribe(database, wrong, NOW)).toBe('unknown');
		// Coming back takes a new confirmation; the link in old mails still ends it.
		await confirm(database, (await tokenFor(database, 'ada@example.org')) ?? '', NOW);
		expect(await unsubscribe(database, token, NOW)).toBe('unsubscribed');
	});

	test('a suppressed address gets the same answer and no mail', async () => {
		const database = await open();
		await suppress(database, secrets.hashAddress('ada@example.org'), 'complaint', NOW);
		expect(await tokenFor(database, 'ada@example.org')).toBeNull();
		expect(await rows(database)).toEqual([]);
	});

	test('addresses and topics that will not do are refused', async () => {
		const database = await open();
		const send = async (): Promise<void> => undefined;
		for (const [address, topics] of [
			['ada@example.org\r\nBcc: eve@example.org', []],
			['ada@example.org', ['x'.repeat(61)]],
			['ada@example.org', ['a\nb']],
			['ada@example.org', Array.from({ length: 21 }, (_, index) => `topic ${index}`)],
		] as const)
			await expect(subscribe(database, secrets, { address, topics, cadence: 'daily' }, null, send, NOW)).rejects.toThrow(
				InputError,
			);
	});

	test('no address can be read in the database, and what is erased is gone', async () => {
		const database = await open();
		const address = 'ada.lovelace@analytical.example';
		await confirm(database, (await tokenFor(database, address)) ?? '', NOW);
		const user = await findOrCreateUser(database, secrets, address, later(NOW, -99_999));
		await requestMagicLink(database, secrets, address, async () => undefined, NOW);
		const [paper = 0] = await addPapers(database, 1);
		const eve = await addUser(database, 'eve');
		const said = await postComment(
			database,
			user,
			{ paperId: paper, parentId: null, body: 'Notes on the unmistakable engine' },
			NOW,
		);
		await postComment(database, eve, { paperId: paper, parentId: said.id, body: 'An answer' }, NOW);
		await castVote(database, user, paper, '192.0.2.0/24', NOW);

		const before = await everything(database, environment().ASSAY_HOME);
		for (const secret of [address, 'ada.lovelace', 'analytical.example'])
			expect(before.toLowerCase().includes(secret), secret).toBe(false);
		for (const kept of ['unmistakable engine', secrets.hashAddress(address)]) expect(before.includes(kept), kept).toBe(true);

		expect(await exportUser(database, secrets, user.id)).toMatchObject({
			account: { email: address, handle: user.handle },
			votes: [{ paper_id: paper, network: '192.0.2.0/24' }],
			comments: [{ body: 'Notes on the unmistakable engine' }],
			mail: { subscription: { address, state: 'active', consent: { network: '192.0.2.0/24' } } },
		});
		expect(JSON.stringify(await exportAddress(database, secrets, address))).toContain('unmistakable');
		expect(JSON.stringify(await exportUser(database, secrets, user.id))).not.toMatch(/[0-9a-f]{64}/);

		expect(await eraseUser(database, user.id, NOW)).toBe(true);
		expect(await eraseUser(database, user.id, NOW)).toBe(false);
		const after = await everything(database, environment().ASSAY_HOME);
		for (const secret of ['unmistakable', user.handle, secrets.hashAddress(address)])
			expect(after.includes(secret), secret).toBe(false);
		const [node] = await readThread(database, paper, null, (up, down) => up - down, NOW);
		expect(node).toMatchObject({ state: 'deleted', author: null, html: null, replies: [{ html: '<p>An answer</p>' }] });
		expect(await rows(database)).toEqual([]);
		expect(await exportUser(database, secrets, user.id)).toMatchObject({ account: { email: null }, votes: [], mail: null });
		expect(await exportUser(database, secrets, 999_999)).toBeNull();
	});

	test('an address without an account is erased too, but stays suppressed', async () => {
		const database = await open();
		const token = (await tokenFor(database, 'eve@example.org')) ?? '';
		await suppress(database, secrets.hashAddress('eve@example.org'), 'complaint', NOW);
		await eraseAddress(database, secrets, 'eve@example.org', NOW);
		expect(await exportAddress(database, secrets, 'eve@example.org')).toMatchObject({ user: null, mail: { subscription: null } });
		expect(await confirm(database, token, NOW)).toBe('unknown');
		expect(await isSuppressed(database, secrets.hashAddress('eve@example.org'))).toBe(true);
	});
});
