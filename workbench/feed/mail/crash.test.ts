/** A run that is killed in the middle, by a real signal, with a real mail server at the other end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onBothEngines } from '@assay/database/testing';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { addPapers, NOW, sampleSecrets } from '../people/testing/sample.ts';
import { countDeliveries, uncertainDeliveries } from './delivery-queue.ts';
import { planDigests } from './digest.ts';
import { digestPapers } from './digest-papers.ts';
import { openSmtpSink } from './testing/smtp-sink.ts';
import { addSubscribers } from './testing/subscribers.ts';

/** In hexadecimal, that of `sampleSecrets`. */
const MASTER = '07'.repeat(32);
const secrets = sampleSecrets();
const identity = { publicUrl: 'https://papers.example.org', from: 'Daily Papers <papers@example.org>' };
const DAY = '2026-11-27';
const script = fileURLToPath(new URL('./testing/send-digests.ts', import.meta.url));

onBothEngines(({ open, environment, engine }) => {
	// The whole thousand once; the other engine is held to the same with fewer.
	const [total, firstKill, secondKill] = engine === 'sqlite' ? [1000, 300, 650] : [300, 100, 200];
	test(`killed twice in a run of ${total}: nobody gets two mails, everybody but the two in flight gets one`, async () => {
		const database = await open();
		const addresses = Array.from({ length: total }, (_, index) => `reader-${index}@example.org`);
		await addSubscribers(database, secrets, addresses, NOW);
		const papers = await digestPapers(database, identity, await addPapers(database, 12));
		const candidates = async () => papers;
		expect(await planDigests(database, identity, candidates, DAY, NOW)).toEqual({
			queued: total,
			empty: 0,
		});
		let child: ChildProcess | undefined;
		const sink = await openSmtpSink({
			onMessage: async (_mail, count) => {
				// The first time the server has the message and the sender does not know it; the second time it has just been told.
				if (count === firstKill) {
					child?.kill('SIGKILL');
					await new Promise(() => undefined);
				}
				if (count === secondKill) setImmediate(() => child?.kill('SIGKILL'));
			},
		});
		const run = async (): Promise<{ signal: unknown; output: string }> => {
			const started = spawn(process.execPath, [script], {
				env: { ...process.env, ...environment(), ASSAY_SECRET: MASTER, ASSAY_SMTP_URL: sink.url, ASSAY_MAIL_FROM: identity.from },
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			child = started;
			let output = '';
			started.stdout.on('data', (data: Buffer) => {
				output += data.toString();
			});
			const [, signal] = await once(started, 'close');
			return { signal, output };
		};
		expect((await run()).signal).toBe('SIGKILL');
		expect(await countDeliveries(database)).toMatchObject({ sent: firstKill - 1, sending: 1, queued: total - firstKill });
		expect((await run()).signal).toBe('SIGKILL');
		const last = await run();
		expect(last.signal).toBeNull();
		const counts = await countDeliveries(database);
		expect(counts).toMatchObject({ queued: 0, sending: 0, bounced: 0, failed: 0 });
		expect([1, 2]).toContain(counts.uncertain);
		expect(counts.sent + counts.uncertain).toBe(total);

		const times = new Map(addresses.map((address) => [address, 0]));
		for (const { to } of sink.received) for (const address of to) times.set(address, (times.get(address) ?? 0) + 1);
		expect(Math.max(...times.values())).toBe(1);
		expect([...times.values()].filter((count) => count === 0).length).toBeLessThanOrEqual(counts.uncertain);
		const uncertain = new Set((await uncertainDeliveries(database)).map((row) => row.message_id));
		const told = sink.received.filter(({ raw }) => uncertain.has(/^Message-ID: (.*)\r$/m.exec(raw.toString())?.[1] ?? ''));
		expect(told.length).toBeGreaterThanOrEqual(1);
		const parsed = await simpleParser(sink.received.at(-1)?.raw ?? '');
		expect(parsed.subject).toBe('Daily Papers - Nov 27 - Paper 1');
	});
});
