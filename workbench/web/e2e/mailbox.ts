/** A real SMTP server on loopback, and the mails it was given. */
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect } from 'vitest';

export interface Mailbox {
	/** `smtp://127.0.0.1:<port>` */
	readonly url: string;
	readonly mails: readonly ParsedMail[];
	/** The mail of that number, from 0, as soon as it is there. */
	mail(place: number): Promise<ParsedMail>;
	close(): Promise<void>;
}

const PATIENCE = { timeout: 30_000, interval: 100 };

export async function openMailbox(): Promise<Mailbox> {
	const mails: ParsedMail[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['AUTH', 'STARTTLS'],
		disableReverseLookup: true,
		onData: (stream, _session, done) => {
			simpleParser(stream).then((mail) => {
				mails.push(mail);
				done();
			}, done);
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.server.address();
	if (address === null || typeof address === 'string') throw new Error('the mailbox has no port');
	return {
		url: `smtp://127.0.0.1:${address.port}`,
		mails,
		mail: async (place) => {
			await expect.poll(() => mails.length, PATIENCE).toBeGreaterThan(place);
			return mails[place] ?? expect.fail('the mail is gone');
		},
		close: () => new Promise((resolve) => server.close(() => resolve())),
	};
}
