/** From the form to the last mail, over a real SMTP server, with nothing but what a reader gets to see. */
import { generateKeyPairSync } from 'node:crypto';
import { onBothEngines } from '@assay/database/testing';
import { dkimVerify } from 'mailauth';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { consumeMagicLink, requestMagicLink } from '../people/magic-link.ts';
import { addPapers, later, NOW, sampleSecrets } from '../people/testing/sample.ts';
import { planDigests } from './digest.ts';
import { digestPapers } from './digest-papers.ts';
import { openPostOffice } from './post-office.ts';
import { sendDigests } from './send-digests.ts';
import { readMailSettings } from './settings.ts';
import { confirm, lookUpConfirmation, lookUpUnsubscribe, subscribe, unsubscribe } from './subscription.ts';
import { openSmtpSink } from './testing/smtp-sink.ts';

const keys = generateKeyPairSync('rsa', {
	modulusLength: 2048,
	publicKeyEncoding: { type: 'spki', format: 'der' },
	privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const secrets = sampleSecrets();

onBothEngines(({ open }) => {
	test('subscribe, confirm, digest, unsubscribe, by the links in the mails alone; then sign in by mail', async () => {
		const database = await open();
		const sink = await openSmtpSink();
		const settings = readMailSettings('https://papers.example.org', {
			ASSAY_SMTP_URL: sink.url,
			ASSAY_MAIL_FROM: 'Daily Papers <papers@example.org>',
			ASSAY_DKIM_DOMAIN: 'example.org',
			ASSAY_DKIM_SELECTOR: 'autumn',
			ASSAY_DKIM_KEY: keys.privateKey,
		});
		const post = openPostOffice(settings, '/nowhere');
		const papers = await addPapers(database, 3);
		await database.kysely
			.updateTable('papers')
			.set({ title: 'Ünïcode & <b>bold</b>' })
			.where('id', '=', papers[0] ?? 0)
			.execute();
		const lastMail = async () => {
			const raw = sink.received.at(-1)?.raw ?? Buffer.alloc(0);
			const { results } = await dkimVerify(raw, {
				resolver: async () => [[`v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`]],
			});
			expect(results.map(({ status }) => status.result)).toEqual(['pass']);
			return simpleParser(raw);
		};
		const tokenIn = (text: string | undefined, path: string): string =>
			new RegExp(`https://papers\\.example\\.org/${path}/([\\w-]{43})(?![\\w-])`).exec(text ?? '')?.[1] ?? '';
		const run = async (day: string, now: Date) => {
			await planDigests(database, settings, async () => digestPapers(database, settings, papers), day, now);
			const pace = { perSecond: 1000, clock: () => now, wait: async () => undefined };
			return sendDigests(database, secrets, settings, post.transport, pace);
		};

		await subscribe(
			database,
			secrets,
			{ address: 'Ada@Reader.example', topics: [], cadence: 'daily' },
			'192.0.2.0/24',
			async (address, token, request) => {
				expect(await post.sendConfirmation(address, token, request, NOW)).toEqual({ kind: 'sent' });
			},
			NOW,
		);
		expect((await run('2026-11-27', NOW)).sent).toBe(0);
		const asked = await lastMail();
		expect(asked.headers.get('auto-submitted')).toBe('auto-generated');
		const confirmation = tokenIn(asked.text, 'confirm');
		expect(await lookUpConfirmation(database, confirmation, NOW)).toEqual({ topics: [], cadence: 'daily' });
		expect((await run('2026-11-27', NOW)).sent).toBe(0);
		expect(await confirm(database, confirmation, later(NOW, 60))).toBe('confirmed');

		expect(await run('2026-11-27', later(NOW, 120))).toMatchObject({ sent: 1, uncertain: 0 });
		expect(await run('2026-11-27', later(NOW, 180))).toMatchObject({ sent: 0 });
		const digest = await lastMail();
		expect(sink.received.at(-1)?.to).toEqual(['ada@reader.example']);
		expect(digest.subject).toBe('Daily Papers - Nov 27 - Ünïcode & <b>bold</b>');
		expect(digest.text).toContain('https://papers.example.org/papers/paper-1');
		expect(typeof digest.html === 'string' && digest.html.includes('Ünïcode &amp; &lt;b&gt;bold&lt;/b&gt;')).toBe(true);

		// What a mail program does with RFC 8058: it reads the header and posts to its https address, perhaps twice.
		const header = digest.headerLines.find(({ key }) => key === 'list-unsubscribe')?.line;
		const leaving = tokenIn(header, 'unsubscribe');
		expect(tokenIn(digest.text, 'unsubscribe')).toBe(leaving);
		expect(await lookUpUnsubscribe(database, leaving)).toBe('active');
		expect(await unsubscribe(database, leaving, later(NOW, 200))).toBe('unsubscribed');
		expect(await unsubscribe(database, leaving, later(NOW, 201))).toBe('already');
		expect(await run('2026-12-10', later(NOW, 13 * 86_400))).toMatchObject({ sent: 0 });

		await requestMagicLink(
			database,
			secrets,
			'ada@reader.example',
			async (address, token) => {
				expect(await post.sendMagicLink(address, token, NOW)).toEqual({ kind: 'sent' });
			},
			NOW,
		);
		const login = tokenIn((await lastMail()).text, 'login');
		expect(await consumeMagicLink(database, secrets, login, later(NOW, 60))).not.toBeNull();
		expect(sink.received).toHaveLength(3);
	});
});
