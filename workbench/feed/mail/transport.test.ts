import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { dkimVerify } from 'mailauth';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { answerHeaders, digestHeaders, type OutgoingMail } from './message.ts';
import { readMailSettings } from './settings.ts';
import { openSmtpSink, type SinkBehaviour } from './testing/smtp-sink.ts';
import { openTransport, outcomeOf } from './transport.ts';

const keys = generateKeyPairSync('rsa', {
	modulusLength: 2048,
	publicKeyEncoding: { type: 'spki', format: 'der' },
	privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const environment = {
	ASSAY_MAIL_FROM: 'Daily Papers <papers@example.org>',
	ASSAY_DKIM_DOMAIN: 'example.org',
	ASSAY_DKIM_SELECTOR: 'autumn',
	ASSAY_DKIM_KEY: keys.privateKey,
};
const PUBLIC_URL = 'https://papers.example.org/';
const TOKEN = 'x'.repeat(43);

const mail: OutgoingMail = {
	to: 'ada@reader.example',
	subject: 'Daily Papers - Dec 26 - Über “four-bit” floats',
	text: 'Text é\n',
	html: '<p>Text é</p>',
	messageId: '<digest.2025-12-26.abc@example.org>',
	date: new Date('2025-12-26T06:00:00Z'),
	headers: digestHeaders(readMailSettings(PUBLIC_URL, environment), TOKEN),
};

async function folder(): Promise<string> {
	const path = await mkdtemp(join(tmpdir(), 'assay-mail-'));
	onTestFinished(() => rm(path, { recursive: true, force: true }));
	return path;
}

async function sendTo(url: string, changes: Partial<OutgoingMail> = {}) {
	const settings = readMailSettings(PUBLIC_URL, { ...environment, ASSAY_SMTP_URL: url });
	return openTransport(settings, '/nowhere').send({ ...mail, ...changes });
}

async function received(behaviour: SinkBehaviour = {}, changes: Partial<OutgoingMail> = {}): Promise<Buffer> {
	const sink = await openSmtpSink(behaviour);
	expect(await sendTo(sink.url, changes)).toEqual({ kind: 'sent' });
	expect(sink.received).toHaveLength(1);
	expect(sink.received[0]).toMatchObject({ from: 'papers@example.org', to: ['ada@reader.example'] });
	return sink.received[0]?.raw ?? Buffer.alloc(0);
}

/** Checks signatures with another implementation; the public key comes from a stand-in for the name server. */
async function verify(raw: Buffer | string) {
	const { results } = await dkimVerify(raw, {
		resolver: async (name, type) => {
			expect([name, type]).toEqual(['autumn._domainkey.example.org', 'TXT']);
			return [[`v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`]];
		},
	});
	return results.map(({ status, signingDomain }) => ({ result: status.result, signingDomain }));
}

test('a digest arrives with all its headers, a plain and an HTML part', async () => {
	const parsed = await simpleParser(await received());
	const header = (name: string) =>
		parsed.headerLines.filter(({ key }) => key === name.toLowerCase()).map(({ line }) => line.replace(/\r\n\s/g, ' '));
	expect(header('List-Unsubscribe')).toEqual([
		`List-Unsubscribe: <https://papers.example.org/unsubscribe/${TOKEN}>, <mailto:papers@example.org?subject=unsubscribe%20${TOKEN}>`,
	]);
	expect(header('List-Unsubscribe-Post')).toEqual(['List-Unsubscribe-Post: List-Unsubscribe=One-Click']);
	expect(header('List-Id')).toEqual(['List-ID: Daily Papers <daily-papers.example.org>']);
	expect(header('Precedence')).toEqual(['Precedence: bulk']);
	expect(parsed).toMatchObject({ subject: mail.subject, messageId: mail.messageId, date: mail.date, text: mail.text });
	expect(parsed.from?.value).toEqual([{ address: 'papers@example.org', name: 'Daily Papers' }]);
	expect(parsed.html).toContain('<p>Text é</p>');
	expect(header('Content-Type')[0]).toMatch(/^Content-Type: multipart\/alternative/);
	expect(header('X-Mailer')).toEqual([]);
});

test('the signature verifies with another implementation and covers both List headers', async () => {
	const raw = await received();
	expect(await verify(raw)).toEqual([{ result: 'pass', signingDomain: 'example.org' }]);
	const signed = /^DKIM-Signature:.*?\bh=([^;]*)/ims
		.exec(raw.toString('latin1'))?.[1]
		?.replace(/\s/g, '')
		.toLowerCase()
		.split(':');
	for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'list-id', 'list-unsubscribe', 'list-unsubscribe-post'])
		expect(signed).toContain(name);
});

test.each([
	['<https://papers.example.org/unsubscribe/x', '<https://papers.example.org/unsubscribe/y'],
	['List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'List-Unsubscribe-Post: List-Unsubscribe=Two-Click'],
	['List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n', ''],
	['List-ID: Daily Papers', 'List-ID: Other Papers'],
	['Precedence: bulk', 'Precedence: list'],
	['Text =C3=A9', 'Text =C3=A8'],
])('with %j changed to %j it does not verify', async (found, changed) => {
	const raw = (await received()).toString('latin1');
	expect(raw).toContain(found);
	const [result] = await verify(Buffer.from(raw.replace(found, changed), 'latin1'));
	expect(result?.result).not.toBe('pass');
});

test('an answer is marked as made by a machine, and signed', async () => {
	const raw = await received({}, { headers: answerHeaders() });
	expect(raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m);
	expect(raw.toString()).not.toMatch(/^(List-|Precedence)/m);
	expect(await verify(raw)).toMatchObject([{ result: 'pass' }]);
});

test('the outcome is what the server says', async () => {
	const refusing = async (status: number) => {
		const sink = await openSmtpSink({ refuse: () => ({ status, text: 'no' }) });
		return (await sendTo(sink.url)).kind;
	};
	expect(await refusing(451)).toBe('deferred');
	expect(await refusing(550)).toBe('refused');
	const later = await openSmtpSink({ onMessage: () => Promise.reject(Object.assign(new Error('busy'), { responseCode: 452 })) });
	expect((await sendTo(later.url)).kind).toBe('deferred');
	const never = await openSmtpSink({
		onMessage: () => Promise.reject(Object.assign(new Error('no spam'), { responseCode: 554 })),
	});
	expect((await sendTo(never.url)).kind).toBe('refused');
});

test('without a connection nothing was sent; with one that breaks after the message nobody knows', async () => {
	const server = createServer((socket) => {
		// Says what a mail server says, and breaks off where it would confirm the message.
		let inMessage = false;
		socket.write('220 sink\r\n');
		socket.on('error', () => undefined);
		socket.on('data', (data) => {
			if (inMessage) {
				if (data.toString().endsWith('\r\n.\r\n')) socket.destroy();
			} else if (/^DATA/m.test(data.toString())) {
				inMessage = true;
				socket.write('354 go on\r\n');
			} else socket.write('250 ok\r\n');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const url = `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
	expect((await sendTo(url)).kind).toBe('unknown');
	await new Promise<void>((resolve) => server.close(() => resolve()));
	expect((await sendTo(url)).kind).toBe('deferred');
});

test('faults of our own set-up are put off, not blamed on the recipient; what is no SMTP error is thrown', () => {
	const kind = (fields: object) => outcomeOf(Object.assign(new Error('x'), fields)).kind;
	expect(kind({ responseCode: 535, command: 'AUTH PLAIN', code: 'EAUTH' })).toBe('deferred');
	expect(kind({ responseCode: 553, command: 'MAIL FROM', code: 'EENVELOPE' })).toBe('deferred');
	expect(kind({ responseCode: 554, command: 'CONN' })).toBe('deferred');
	expect(kind({ responseCode: 503, command: 'DATA' })).toBe('deferred');
	expect(kind({ code: 'ETIMEDOUT', command: 'CONN' })).toBe('unknown');
	expect(kind({ code: 'EDNS' })).toBe('deferred');
	expect(() => outcomeOf('what')).toThrow();
});

test('without a server a mail is a file for its owner only, signed like any other, and the same mail is one file', async () => {
	const home = await folder();
	const transport = openTransport(readMailSettings(PUBLIC_URL, environment), home);
	expect(transport.name).toBe(join(home, 'outbox'));
	for (let again = 0; again < 2; again++) expect(await transport.send(mail)).toEqual({ kind: 'sent' });
	const [file = '', ...others] = await readdir(transport.name);
	expect(file).toMatch(/^2025-12-26-[0-9a-f]{16}\.eml$/);
	expect(others).toEqual([]);
	expect((await stat(join(transport.name, file))).mode & 0o777).toBe(0o600);
	const raw = await readFile(join(transport.name, file));
	expect(await verify(raw)).toMatchObject([{ result: 'pass' }]);
	expect((await simpleParser(raw)).to).toMatchObject({ value: [{ address: 'ada@reader.example' }] });
});

test('settings are complete or refused, and a password is not shown', () => {
	const { ASSAY_DKIM_KEY, ...withoutKey } = environment;
	expect(() => readMailSettings(PUBLIC_URL, withoutKey)).toThrow(/ASSAY_DKIM_KEY/);
	expect(() => readMailSettings(PUBLIC_URL, { ...environment, ASSAY_DKIM_KEY: '/no/such/file' })).toThrow(InputError);
	expect(() => readMailSettings(PUBLIC_URL, { ASSAY_SMTP_URL: 'smtp://host' })).toThrow(/ASSAY_MAIL_FROM/);
	expect(() => readMailSettings(PUBLIC_URL, { ASSAY_MAIL_FROM: 'Papers <a@b.org>\r\nBcc: x@y.org' })).toThrow(InputError);
	expect(() => readMailSettings(PUBLIC_URL, { ASSAY_SMTP_URL: 'http://user:hunter2@host' })).toThrow(/^(?!.*hunter2).*$/);
	expect(readMailSettings(PUBLIC_URL, {})).toMatchObject({ smtpUrl: null, dkim: null, publicUrl: 'https://papers.example.org' });
});
