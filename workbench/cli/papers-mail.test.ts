/** Digests by mail from the command line: as processes, and through a real mail server. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onBothEngines } from '@assay/database/testing';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { openSmtpSink } from '../feed/mail/testing/smtp-sink.ts';
import { assay, document, slugsOf } from './testing/papers-process.ts';

onBothEngines(({ open, environment: databaseOf, engine }) => {
	test('votes, and mail from subscribing to unsubscribing, through a real mail server', async () => {
		await open();
		const { ASSAY_HOME: folder, DATABASE_URL } = databaseOf();
		const sink = await openSmtpSink();
		const start = {
			environment: { DATABASE_URL, ASSAY_SMTP_URL: sink.url, ASSAY_MAIL_FROM: 'Daily Papers <papers@example.org>' },
		};
		const json = (...words: string[]) => document(folder, words, start);

		expect(await json('vote', 'fastpathology')).toMatchObject({ slug: 'fastpathology', voted: true, votes: 1 });
		const [trending, { subscription }] = await Promise.all([
			json('trending', '--limit', '2'),
			json('subscribe', 'Ada@Reader.example', '--topics', 'serving', '--cadence', 'daily'),
		]);
		expect(slugsOf(trending)).toEqual(['fastpathology', 'leasyn']);
		expect(subscription).toMatchObject({ state: 'pending', topics: ['serving'], mail: 'sent by SMTP' });
		const confirmation = await simpleParser(sink.received[0]?.raw ?? '');
		const link = /http:\/\/127\.0\.0\.1:4000\/confirm\/[\w-]{43}/.exec(confirmation.text ?? '')?.[0] ?? '';
		expect(await json('confirm', link)).toMatchObject({ outcome: 'confirmed' });

		const rehearsal = await assay(folder, ['digest', '--dry-run', '--json'], start);
		expect(JSON.parse(rehearsal.out)).toMatchObject({
			dryRun: true,
			digests: [{ cadence: 'daily', topics: ['serving'] }],
			empty: 0,
		});
		expect(`${rehearsal.out}${rehearsal.error}`).not.toMatch(/reader/i);
		const { papers } = JSON.parse(rehearsal.out).digests[0];
		expect(sink.received).toHaveLength(1);
		expect(await json('digest')).toMatchObject({ plan: { queued: 1 }, report: { sent: 1, failed: 0, uncertain: 0 } });
		expect(await json('digest')).toMatchObject({ plan: { queued: 0 }, report: { sent: 0 } });
		expect(sink.received.map(({ to }) => to)).toEqual([['ada@reader.example'], ['ada@reader.example']]);
		const digest = await simpleParser(sink.received[1]?.raw ?? '');
		expect(new Set(digest.text?.match(/http:\/\/127\.0\.0\.1:4000\/papers\/[\w-]+/g)).size).toBe(papers);

		const token = /\/unsubscribe\/([\w-]{43})/.exec(digest.text ?? '')?.[1] ?? '';
		const [ended, vote] = await Promise.all([json('unsubscribe', token), json('vote', 'fastpathology', '--withdraw')]);
		expect(ended).toMatchObject({ outcome: 'unsubscribed' });
		expect(vote).toMatchObject({ voted: false, votes: 0 });
		console.log(`${engine}: a digest of ${papers} papers`);
	});
});

test('without a mail server the confirmation is written into the outbox, and that is said', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-outbox-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const start = { environment: { ASSAY_PUBLIC_URL: 'https://papers.example.org' } };
	const ended = await assay(folder, ['subscribe', 'ada@reader.example'], start);
	expect(ended.out).toContain(join(folder, 'outbox'));
	const [file = ''] = await readdir(join(folder, 'outbox'));
	const mail = await simpleParser(await readFile(join(folder, 'outbox', file)));
	expect(mail.text).toMatch(/https:\/\/papers\.example\.org\/confirm\/[\w-]{43}/);
});
