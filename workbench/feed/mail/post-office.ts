/** Mails that answer what someone did on a page; they are sent at once, for their tokens are kept nowhere. */
import { createHash } from 'node:crypto';
import { answerHeaders, messageIdOf } from './message.ts';
import type { MailSettings } from './settings.ts';
import type { PendingRequest } from './subscription.ts';
import { confirmationMail, type MailContent, magicLinkMail } from './templates.ts';
import { type MailTransport, openTransport, type SendOutcome } from './transport.ts';

export interface PostOffice {
	readonly transport: MailTransport;
	sendConfirmation(address: string, token: string, request: PendingRequest, now: Date): Promise<SendOutcome>;
	sendMagicLink(address: string, token: string, now: Date): Promise<SendOutcome>;
}

/** @param folder the data folder, where mail is written when no SMTP server is set. */
export function openPostOffice(settings: MailSettings, folder: string): PostOffice {
	const transport = openTransport(settings, folder);
	const send = (address: string, token: string, content: MailContent, now: Date): Promise<SendOutcome> => {
		const name = createHash('sha256').update(`message ${token}`).digest('hex').slice(0, 24);
		const messageId = messageIdOf(settings, `answer.${name}`);
		return transport.send({ ...content, to: address, messageId, date: now, headers: answerHeaders() });
	};
	return {
		transport,
		sendConfirmation: async (address, token, request, now) =>
			send(address, token, await confirmationMail(settings, { token, ...request }), now),
		sendMagicLink: async (address, token, now) => send(address, token, await magicLinkMail(settings, token), now),
	};
}
