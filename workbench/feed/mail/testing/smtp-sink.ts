/** A real SMTP server on loopback that keeps what it is given. */
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
	readonly from: string;
	readonly to: readonly string[];
	/** As it came over the wire. */
	readonly raw: Buffer;
}

export interface SmtpSink {
	readonly url: string;
	readonly received: ReceivedMail[];
}

export interface SinkBehaviour {
	/** Status and text with which a recipient is refused; null takes it. */
	readonly refuse?: (recipient: string) => { readonly status: number; readonly text: string } | null;
	/** Called when a message has come in whole, before it is answered. A promise holds the answer back. */
	readonly onMessage?: (mail: ReceivedMail, count: number) => void | Promise<void>;
}

export async function openSmtpSink({ refuse, onMessage }: SinkBehaviour = {}): Promise<SmtpSink> {
	const received: ReceivedMail[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['AUTH', 'STARTTLS'],
		disableReverseLookup: true,
		onRcptTo: ({ address }, _session, done) => {
			const refusal = refuse?.(address) ?? null;
			if (refusal === null) done();
			else done(Object.assign(new Error(refusal.text), { responseCode: refusal.status }));
		},
		onData: (stream, session, done) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				const { mailFrom, rcptTo } = session.envelope;
				const from = mailFrom === false ? '' : mailFrom.address;
				const mail = { from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) };
				received.push(mail);
				Promise.resolve(onMessage?.(mail, received.length)).then(() => done(), done);
			});
		},
	});
	// A client that is killed breaks its connection; that is what these tests do.
	server.on('error', () => undefined);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
	const address = server.server.address();
	if (address === null || typeof address === 'string') throw new Error('the sink has no port');
	return { url: `smtp://127.0.0.1:${address.port}`, received };
}
