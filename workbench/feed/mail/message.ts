/** What is handed to a transport, and the headers that make a mailing list's mail what RFC 2369, RFC 2919 and RFC 8058 ask for. */

export interface OutgoingMail {
	/** A normalised address. */
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	/** With angle brackets; the same whenever the same mail is made again. */
	readonly messageId: string;
	readonly date: Date;
	readonly headers: Readonly<Record<string, string>>;
}

export interface MailIdentity {
	/** The address that pages have for the outside, without a slash at its end: `https://papers.example.org`. */
	readonly publicUrl: string;
	/** `Daily Papers <papers@example.org>` or a bare address. */
	readonly from: string;
}

/** The headers of a digest. `unsubscribeToken` ends the subscription without anything else being asked. */
export function digestHeaders(identity: MailIdentity, unsubscribeToken: string): Record<string, string> {
	const link = `<${unsubscribeUrl(identity, unsubscribeToken)}>`;
	const mail = `<mailto:${bareAddress(identity.from)}?subject=unsubscribe%20${unsubscribeToken}>`;
	return {
		'List-Id': `Daily Papers <daily-papers.${mailHost(identity)}>`,
		'List-Unsubscribe': `${link}, ${mail}`,
		'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
		Precedence: 'bulk',
	};
}

/** The headers of a mail that answers what someone did on a page. */
export function answerHeaders(): Record<string, string> {
	return { 'Auto-Submitted': 'auto-generated' };
}

export function unsubscribeUrl({ publicUrl }: MailIdentity, token: string): string {
	return `${publicUrl}/unsubscribe/${token}`;
}

/** A Message-ID at the sender's host. @param name unique among our mails, of letters, digits, dots and hyphens. */
export function messageIdOf(identity: MailIdentity, name: string): string {
	return `<${name}@${mailHost(identity)}>`;
}

/** One line without control characters, cut at a number of characters. */
export function oneLine(text: string, limit: number): string {
	const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
	const characters = [...line];
	return characters.length <= limit
		? line
		: `${characters
				.slice(0, limit - 1)
				.join('')
				.trimEnd()}…`;
}

export function bareAddress(from: string): string {
	return /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from.trim();
}

function mailHost({ from }: MailIdentity): string {
	return bareAddress(from).split('@').at(-1) ?? 'localhost';
}
