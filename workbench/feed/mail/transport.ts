/**
 * Hands mail to an SMTP server, or, where none is set, writes it into `outbox` in the data folder.
 *
 * What matters is to know afterwards what became of a mail. A server's answer says it; so does a connection that never came about.
 * A connection that breaks without an answer says nothing: the server may have taken the mail. That outcome is `unknown`, and it is
 * the caller's business not to send such a mail again. For the same reason nothing here sends again by itself.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import type { OutgoingMail } from './message.ts';
import type { MailSettings } from './settings.ts';

export type SendOutcome =
	| { readonly kind: 'sent' }
	/** Not taken now: a 4xx answer, no connection, or a fault of our own set-up. Trying again is safe. */
	| { readonly kind: 'deferred'; readonly reason: string }
	/** Refused for good (5xx) for this recipient or this message. */
	| { readonly kind: 'refused'; readonly reason: string }
	/** Nobody knows. */
	| { readonly kind: 'unknown'; readonly reason: string };

export interface MailTransport {
	/** `smtp`, or the folder of the outbox. */
	readonly name: string;
	send(mail: OutgoingMail): Promise<SendOutcome>;
	/** For many mails one after the other: one connection, until it is closed. */
	burst(): MailBurst;
}

export interface MailBurst {
	send(mail: OutgoingMail): Promise<SendOutcome>;
	close(): void;
}

/** What the signature must cover: with both List headers, without which no one-click unsubscribe is allowed (RFC 8058, section 4). */
const SIGNED_HEADERS = [
	'From',
	'To',
	'Subject',
	'Date',
	'Message-ID',
	'MIME-Version',
	'Content-Type',
	'List-Id',
	'List-Unsubscribe',
	'List-Unsubscribe-Post',
	'Precedence',
	'Auto-Submitted',
];

/** No hand-over takes longer than this; a mail that does has an unknown outcome. */
export const HAND_OVER_LIMIT_MILLISECONDS = 5 * 60_000;

/** @param folder the data folder, for the outbox. */
export function openTransport(settings: MailSettings, folder: string): MailTransport {
	return settings.smtpUrl === null
		? outboxTransport(settings, join(folder, 'outbox'))
		: smtpTransport(settings, settings.smtpUrl);
}

function smtpTransport(settings: MailSettings, url: string): MailTransport {
	const single = createTransport(url);
	return {
		name: 'smtp',
		send: (mail) => handOver(single, settings, mail),
		burst: () => {
			// Left to itself the client would send a mail again after its connection broke.
			const connection = createTransport({ url, pool: true, maxConnections: 1, maxRequeues: 0 });
			return { send: (mail) => handOver(connection, settings, mail), close: () => connection.close() };
		},
	};
}

async function handOver(
	client: { sendMail(message: SendMailOptions): Promise<unknown> },
	settings: MailSettings,
	mail: OutgoingMail,
): Promise<SendOutcome> {
	try {
		await client.sendMail({ ...messageOf(settings, mail), signal: AbortSignal.timeout(HAND_OVER_LIMIT_MILLISECONDS) });
		return { kind: 'sent' };
	} catch (error) {
		return outcomeOf(error);
	}
}

/** One file for a mail, named after its Message-ID: writing it again changes nothing. */
function outboxTransport(settings: MailSettings, outbox: string): MailTransport {
	const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
	const send = async (mail: OutgoingMail): Promise<SendOutcome> => {
		const { message } = await composer.sendMail(messageOf(settings, mail));
		await mkdir(outbox, { recursive: true });
		await chmod(outbox, 0o700);
		const name = createHash('sha256').update(mail.messageId).digest('hex').slice(0, 16);
		const stamp = mail.date.toISOString().slice(0, 10);
		const draft = join(outbox, `.${randomBytes(8).toString('hex')}`);
		await writeFile(draft, message, { mode: 0o600 });
		await rename(draft, join(outbox, `${stamp}-${name}.eml`));
		return { kind: 'sent' };
	};
	return { name: outbox, send, burst: () => ({ send, close: () => undefined }) };
}

function messageOf(settings: MailSettings, mail: OutgoingMail) {
	const headers = Object.entries(mail.headers).map(([key, value]) => ({ key, value }));
	return {
		from: settings.from,
		to: { name: '', address: mail.to },
		subject: mail.subject,
		text: mail.text,
		html: mail.html,
		messageId: mail.messageId,
		date: mail.date,
		headers,
		xMailer: false as const,
		disableFileAccess: true,
		disableUrlAccess: true,
		...(settings.dkim === null ? {} : { dkim: { ...settings.dkim, headerFieldNames: SIGNED_HEADERS.join(':') } }),
	};
}

const smtpError = z.object({
	message: z.string(),
	code: z.string().optional().catch(undefined),
	originalCode: z.string().optional().catch(undefined),
	command: z.string().optional().catch(undefined),
	responseCode: z.number().optional().catch(undefined),
});

/** Failures that come before anything of the message has been handed over. */
const BEFORE_HAND_OVER = new Set(['EDNS', 'ETLS', 'EREQUIRETLS', 'EAUTH', 'ENOAUTH', 'EPROXY', 'ECONFIG']);
const NO_CONNECTION = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** What an error of the SMTP client says about the mail. */
export function outcomeOf(error: unknown): SendOutcome {
	const parsed = smtpError.safeParse(error);
	if (!parsed.success) throw error;
	const { message, code = '', originalCode = '', command = '', responseCode } = parsed.data;
	const reason = message.slice(0, 500);
	if (responseCode !== undefined && responseCode >= 400) {
		// 503 is about the order of commands; other commands than these are about us, not about the recipient or the message.
		const final = responseCode >= 500 && responseCode !== 503 && (command === 'RCPT TO' || command === 'DATA');
		return { kind: final ? 'refused' : 'deferred', reason };
	}
	if (code === 'EENVELOPE') return { kind: 'refused', reason };
	const notBegun = BEFORE_HAND_OVER.has(code) || NO_CONNECTION.has(originalCode) || NO_CONNECTION.has(code);
	return { kind: notBegun ? 'deferred' : 'unknown', reason };
}
