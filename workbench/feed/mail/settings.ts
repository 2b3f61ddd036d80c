/** How mail leaves this machine, read from the environment. */
import { readFileSync } from 'node:fs';
import { InputError, show } from '@assay/contract';
import { parseEmailAddress } from '../people/email-address.ts';
import { bareAddress, type MailIdentity } from './message.ts';

export interface DkimKey {
	readonly domainName: string;
	readonly keySelector: string;
	/** PEM. */
	readonly privateKey: string;
}

export interface MailSettings extends MailIdentity {
	/** `smtp://` or `smtps://`, with user and password if the server wants them; null: mail is written to files. */
	readonly smtpUrl: string | null;
	readonly dkim: DkimKey | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param publicUrl the address that pages have for the outside.
 * @throws {InputError} when a setting is malformed, or one is given without another that it needs.
 */
export function readMailSettings(publicUrl: string, environment: Environment = process.env): MailSettings {
	const smtpUrl = setting(environment, 'ASSAY_SMTP_URL');
	if (smtpUrl !== null && !/^smtps?:$/.test(URL.parse(smtpUrl)?.protocol ?? ''))
		// The address may hold a password, so it is not shown.
		throw new InputError({ path: ['ASSAY_SMTP_URL'], found: 'something else', expected: 'smtp://user:password@host:587' });
	const from = setting(environment, 'ASSAY_MAIL_FROM');
	if (from === null && smtpUrl !== null)
		throw new InputError({ path: ['ASSAY_MAIL_FROM'], found: 'nothing', expected: 'the sender, for ASSAY_SMTP_URL is set' });
	const sender = from ?? 'Daily Papers <daily-papers@localhost.localdomain>';
	if (/[\r\n]/.test(sender)) throw new InputError({ path: ['ASSAY_MAIL_FROM'], found: show(sender), expected: 'one line' });
	parseEmailAddress(bareAddress(sender));
	return { publicUrl: publicUrl.replace(/\/+$/, ''), from: sender, smtpUrl, dkim: readDkim(environment) };
}

/** `ASSAY_DKIM_DOMAIN`, `ASSAY_DKIM_SELECTOR` and `ASSAY_DKIM_KEY` (a PEM file, or the PEM itself): all or none. */
function readDkim(environment: Environment): DkimKey | null {
	const names = ['ASSAY_DKIM_DOMAIN', 'ASSAY_DKIM_SELECTOR', 'ASSAY_DKIM_KEY'] as const;
	const [domainName, keySelector, key] = names.map((name) => setting(environment, name));
	if (domainName && keySelector && key) {
		const privateKey = key.includes('PRIVATE KEY') ? key : readKeyFile(key);
		return { domainName, keySelector, privateKey };
	}
	const missing = names.find((name) => setting(environment, name) === null);
	if (missing !== undefined && (domainName || keySelector || key))
		throw new InputError({ path: [missing], found: 'nothing', expected: `all of ${names.join(', ')}, or none` });
	return null;
}

function readKeyFile(file: string): string {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		const found = error instanceof Error ? error.message : show(error);
		throw new InputError({ path: ['ASSAY_DKIM_KEY'], found, expected: 'a file with a private key in PEM form' });
	}
	if (!text.includes('PRIVATE KEY'))
		throw new InputError({ path: ['ASSAY_DKIM_KEY', file], found: 'no private key', expected: 'a private key in PEM form' });
	return text;
}

function setting(environment: Environment, name: string): string | null {
	const value = environment[name]?.trim();
	return value === undefined || value === '' ? null : value;
}
