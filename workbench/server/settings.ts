/** Where and for whom the server listens. */
import { InputError, show } from '@assay/contract';

export interface ServerSettings {
	readonly host: string;
	readonly port: number;
	/** Address that people reach the server under, without a slash at the end; on loopback derived from host and port. */
	readonly publicUrl: string | null;
	/** One user on one machine: nobody has to sign in. True only while the server listens on loopback and no public address is set. */
	readonly isLocal: boolean;
	/** Runs worked on at once. */
	readonly hands: number;
	/** Who works on sweeps that are started here: this process, or workers. */
	readonly sweepExecutor: 'local' | 'distributed';
	/** Address of the first administrator. */
	readonly administrator: string | null;
	/** True if the connecting address is a proxy's, and the client's stands in X-Forwarded-For. */
	readonly behindProxy: boolean;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export function isLoopback(host: string): boolean {
	return LOOPBACK.has(host.replace(/^\[|\]$/g, ''));
}

/**
 * Checks the settings of a server. Listening beyond loopback needs people to be told apart: sign-in links go out by
 * e-mail, so mail and a public address must be configured first. Raises an InputError otherwise.
 */
export function serverSettings(options: {
	readonly host?: string | undefined;
	readonly port?: number | undefined;
	readonly hands: number;
	readonly sweepExecutor?: string | undefined;
	readonly environment: Readonly<Record<string, string | undefined>>;
}): ServerSettings {
	const { environment, sweepExecutor = 'local' } = options;
	if (sweepExecutor !== 'local' && sweepExecutor !== 'distributed')
		throw new InputError({ path: ['--executor'], found: show(sweepExecutor), expected: 'local or distributed' });
	const host = options.host ?? '127.0.0.1';
	const publicUrl = publicAddress(environment['ASSAY_PUBLIC_URL']);
	const isLocal = isLoopback(host) && publicUrl === null;
	if (!isLocal) {
		const missing = [
			...(publicUrl === null ? ['ASSAY_PUBLIC_URL (the address people use)'] : []),
			...(environment['ASSAY_SMTP_URL'] ? [] : ['ASSAY_SMTP_URL (the mail server that sends sign-in links)']),
			...(environment['ASSAY_MAIL_FROM'] ? [] : ['ASSAY_MAIL_FROM (the sender of mails)']),
			...(environment['ASSAY_ADMINISTRATOR'] ? [] : ['ASSAY_ADMINISTRATOR (e-mail address of the first administrator)']),
		];
		if (missing.length > 0) {
			throw new InputError({
				path: ['--host'],
				found: `${show(host)}${publicUrl === null ? '' : ` with ${publicUrl}`} and no authentication configured`,
				expected: `127.0.0.1, or these environment variables too: ${missing.join(', ')}`,
			});
		}
	}
	return {
		host,
		port: options.port ?? 4000,
		publicUrl,
		isLocal,
		hands: options.hands,
		sweepExecutor,
		administrator: environment['ASSAY_ADMINISTRATOR'] || null,
		behindProxy: environment['ASSAY_BEHIND_PROXY'] === '1',
	};
}

function publicAddress(text: string | undefined): string | null {
	if (text === undefined || text === '') return null;
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.username !== '')
		throw new InputError({
			path: ['ASSAY_PUBLIC_URL'],
			found: show(text),
			expected: 'an address such as https://papers.example.org',
		});
	return url.origin;
}
