import { hostname } from 'node:os';
import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { addPapers, later, NOW, sampleSecrets } from '../people/testing/sample.ts';
import { countDeliveries, markUncertain, takeDelivery, uncertainDeliveries } from './delivery-queue.ts';
import { type Candidates, planDigests } from './digest.ts';
import type { OutgoingMail } from './message.ts';
import { type SendPace, type SendReport, sendDigests } from './send-digests.ts';
import { type Cadence, isSuppressed, unsubscribe } from './subscription.ts';
import type { DigestPaper } from './templates.ts';
import { addSubscribers } from './testing/subscribers.ts';
import type { MailTransport, SendOutcome } from './transport.ts';

const secrets = sampleSecrets();
const identity = { publicUrl: 'https://papers.example.org', from: 'Daily Papers <papers@example.org>' };
/** A Friday. */
const DAY = '2026-11-27';
const NOTHING: SendReport = { sent: 0, deferred: 0, bounced: 0, failed: 0, uncertain: 0 };

function digestPaper(id: number): DigestPaper {
	return { id, slug: `paper-${id}`, title: `Paper ${id}`, authors: '', excerpt: '', url: 'https://papers.example.org' };
}

/** All papers for everyone, in order. */
function allOf(ids: readonly number[]): Candidates {
	return async () => ids.map(digestPaper);
}

/** A transport that notes what it is given and answers as told. */
function recorder(
	answer: (mail: OutgoingMail) => SendOutcome = () => ({ kind: 'sent' }),
): MailTransport & { readonly mails: OutgoingMail[] } {
	const mails: OutgoingMail[] = [];
	const send = async (mail: OutgoingMail): Promise<SendOutcome> => {
		mails.push(mail);
		return answer(mail);
	};
	return { name: 'recorder', mails, send, burst: () => ({ send, close: () => undefined }) };
}

function paceAt(now: Date): SendPace {
	return { perSecond: 1_000_000, clock: () => now, wait: async () => undefined };
}

const send = (database: AssayDatabase, transport: MailTransport, now: Date) =>
	sendDigests(database, secrets, identity, transport, paceAt(now));

async function deliveries({ kysely }: AssayDatabase) {
	return kysely.selectFrom('deliveries').selectAll().orderBy('id').execute();
}

onBothEngines(({ open, openAgain, engine }) => {
	test('ten papers, the best first; not again within seven days; nothing when there is nothing new', async () => {
		const database = await open();
		const papers = await addPapers(database, 13);
		await addSubscribers(database, secrets, ['ada@example.org'], NOW);
		const plan = (day: string) => planDigests(database, identity, allOf(papers), day, NOW);
		expect(await plan('2026-11-20')).toEqual({ queued: 1, empty: 0 });
		expect(await plan('2026-11-20')).toEqual({ queued: 0, empty: 0 });
		expect(await plan('2026-11-21')).toEqual({ queued: 1, empty: 0 });
		expect(await plan('2026-11-22')).toEqual({ queued: 0, empty: 1 });
		expect(await plan('2026-11-27')).toEqual({ queued: 0, empty: 1 });
		expect(await plan('2026-11-28')).toEqual({ queued: 1, empty: 0 });
		const sent = await database.kysely
			.selectFrom('delivery_papers')
			.selectAll()
			.orderBy('delivery_id')
			.orderBy('position')
			.execute();
		const byDelivery = [...Map.groupBy(sent, (row) => row.delivery_id).values()].map((rows) => rows.map((row) => row.paper_id));
		expect(byDelivery).toEqual([papers.slice(0, 10), papers.slice(10), papers.slice(0, 10)]);
	});

	test('weekly digests go out on Mondays; topics are asked for once; the gone and the suppressed get nothing', async () => {
		const database = await open();
		const papers = await addPapers(database, 2);
		const [gone = ''] = await addSubscribers(database, secrets, ['gone@example.org'], NOW);
		await unsubscribe(database, secrets.unsubscribeToken(gone), NOW);
		await addSubscribers(database, secrets, ['a@weekly.example', 'b@weekly.example'], NOW, {
			cadence: 'weekly',
			topics: ['serving'],
		});
		const asked: [Cadence, readonly string[]][] = [];
		const candidates: Candidates = async (cadence, topics) => {
			asked.push([cadence, topics]);
			return papers.map(digestPaper);
		};
		expect(await planDigests(database, identity, candidates, DAY, NOW)).toEqual({ queued: 0, empty: 0 });
		await database.kysely
			.insertInto('suppressions')
			.values({ email_hash: secrets.hashAddress('b@weekly.example'), reason: 'complaint', at: NOW.toISOString() })
			.execute();
		await addSubscribers(database, secrets, ['c@weekly.example'], NOW, { cadence: 'weekly', topics: ['serving'] });
		expect(await planDigests(database, identity, candidates, '2026-11-30', NOW)).toEqual({ queued: 2, empty: 0 });
		expect(asked).toEqual([['weekly', ['serving']]]);
	});

	test('what was unsubscribed or hidden since it was queued is not sent', async () => {
		const database = await open();
		const papers = await addPapers(database, 2);
		const [ada = ''] = await addSubscribers(database, secrets, ['ada@example.org', 'eve@example.org'], NOW);
		await planDigests(database, identity, allOf(papers), DAY, NOW);
		await unsubscribe(database, secrets.unsubscribeToken(ada), NOW);
		await database.kysely
			.updateTable('papers')
			.set({ hidden: 1 })
			.where('id', '=', papers[0] ?? 0)
			.execute();
		const transport = recorder();
		expect(await send(database, transport, NOW)).toEqual({ ...NOTHING, sent: 1, failed: 1 });
		expect(transport.mails).toMatchObject([{ to: 'eve@example.org', subject: 'Daily Papers - Nov 27 - Paper 2' }]);
		expect((await deliveries(database)).map(({ state, error }) => [state, error])).toEqual([
			['failed', 'the subscription is unsubscribed'],
			['sent', null],
		]);
	});

	test('what is put off is tried after 1, 5, 30 minutes, 2 and 8 hours, as the same message, then given up', async () => {
		const database = await open();
		await addSubscribers(database, secrets, ['ada@example.org'], NOW);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		const transport = recorder(() => ({ kind: 'deferred', reason: '451 later' }));
		let now = NOW;
		for (const minutes of [1, 5, 30, 120, 480]) {
			expect(await send(database, transport, now)).toEqual({ ...NOTHING, deferred: 1 });
			expect(await send(database, transport, later(now, minutes * 60 - 1))).toEqual(NOTHING);
			now = later(now, minutes * 60);
		}
		expect(await send(database, transport, now)).toEqual({ ...NOTHING, failed: 1 });
		expect(await send(database, transport, later(now, 10 ** 6))).toEqual(NOTHING);
		expect(transport.mails).toHaveLength(6);
		expect(new Set(transport.mails.map((mail) => mail.messageId)).size).toBe(1);
		expect(await deliveries(database)).toMatchObject([{ state: 'failed', attempts: 6, error: '451 later' }]);
	});

	test('three refusals in a row end a subscription; one that gets through between them starts the count again', async () => {
		const database = await open();
		const [id = ''] = await addSubscribers(database, secrets, ['ada@example.org'], NOW);
		const papers = await addPapers(database, 1);
		const state = async () =>
			(await database.kysely.selectFrom('subscriptions').select('state').where('id', '=', id).executeTakeFirst())?.state;
		const days = ['refused', 'refused', 'sent', 'refused', 'refused', 'refused'] as const;
		for (const [index, kind] of days.entries()) {
			expect(await state()).toBe('active');
			const day = new Date(Date.parse('2026-01-01') + index * 30 * 86_400_000);
			await planDigests(database, identity, allOf(papers), day.toISOString().slice(0, 10), day);
			await send(
				database,
				recorder(() => (kind === 'sent' ? { kind } : { kind, reason: '550 no such user' })),
				day,
			);
		}
		expect(await state()).toBe('bounced');
		expect(await isSuppressed(database, secrets.hashAddress('ada@example.org'))).toBe(true);
		expect((await deliveries(database)).map((row) => row.state)).toEqual(
			days.map((kind) => (kind === 'sent' ? 'sent' : 'bounced')),
		);
	});

	test('an unknown outcome is reported and never sent again', async () => {
		const database = await open();
		await addSubscribers(database, secrets, ['ada@example.org'], NOW);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		const transport = recorder(() => ({ kind: 'unknown', reason: 'connection closed' }));
		expect(await send(database, transport, NOW)).toEqual({ ...NOTHING, uncertain: 1 });
		expect(await send(database, transport, later(NOW, 10 ** 7))).toEqual(NOTHING);
		expect(transport.mails).toHaveLength(1);
		expect(await uncertainDeliveries(database)).toMatchObject([
			{ message_id: transport.mails[0]?.messageId, error: 'connection closed' },
		]);
	});

	test('a fault of ours in one mail does not stop those behind it', async () => {
		const database = await open();
		await addSubscribers(database, secrets, ['ada@example.org', 'eve@example.org'], NOW);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		await database.kysely.updateTable('subscriptions').set({ email_encrypted: 'broken' }).where('id', 'like', '%ada%').execute();
		const transport = recorder();
		await expect(send(database, transport, NOW)).rejects.toThrow(/not an encrypted address/);
		expect(await send(database, transport, NOW)).toEqual({ ...NOTHING, sent: 1 });
		expect((await countDeliveries(database)).failed).toBe(1);
	});

	test('at most so many a second, by the clock', async () => {
		const database = await open();
		await addSubscribers(
			database,
			secrets,
			Array.from({ length: 7 }, (_, index) => `reader-${index}@example.org`),
			NOW,
		);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		let time = NOW.getTime();
		const starts: number[] = [];
		const transport = recorder(() => {
			starts.push(time);
			time += 100;
			return { kind: 'sent' };
		});
		const wait = async (milliseconds: number): Promise<void> => {
			time += milliseconds;
		};
		const pace = { perSecond: 2, clock: () => new Date(time), wait };
		await sendDigests(database, secrets, identity, transport, pace);
		expect(starts.map((start) => start - NOW.getTime())).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000]);
	});

	test('two workers at once share the queue and send nothing twice', async () => {
		const database = await open();
		await addSubscribers(
			database,
			secrets,
			Array.from({ length: 60 }, (_, index) => `reader-${index}@example.org`),
			NOW,
		);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		const transport = recorder();
		// Two SQLite connections of one process would wait for each other; of two processes they do not (crash.test.ts).
		const other = engine === 'sqlite' ? database : await openAgain();
		const reports = await Promise.all([send(database, transport, NOW), send(other, transport, NOW)]);
		expect(reports.reduce((sum, report) => sum + report.sent, 0)).toBe(60);
		expect(new Set(transport.mails.map((mail) => mail.to)).size).toBe(60);
		expect(transport.mails).toHaveLength(60);
	});

	test('what a process was sending is uncertain once it is gone, or on another machine after a long while', async () => {
		const database = await open();
		await addSubscribers(database, secrets, ['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org'], NOW);
		await planDigests(database, identity, allOf(await addPapers(database, 1)), DAY, NOW);
		const taken = [];
		for (let index = 0; index < 4; index++) taken.push(await takeDelivery(database, NOW));
		// Ours and alive; of a number that is no process; an earlier process of our number; elsewhere.
		const owners = [null, `${hostname()}:4194305:0`, `${hostname()}:${process.pid}:0`, 'elsewhere:1:0'];
		for (const [index, owner] of owners.entries())
			if (owner !== null)
				await database.kysely
					.updateTable('deliveries')
					.set({ owner })
					.where('id', '=', taken[index]?.id ?? 0)
					.execute();
		expect(await markUncertain(database, later(NOW, 60))).toEqual([taken[1]?.id, taken[2]?.id]);
		expect(await markUncertain(database, later(NOW, 14 * 60))).toEqual([]);
		expect(await markUncertain(database, later(NOW, 16 * 60))).toEqual([taken[0]?.id, taken[3]?.id]);
	});
});
