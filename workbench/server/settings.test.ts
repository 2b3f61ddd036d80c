import { expect, test } from 'vitest';
import { serverSettings } from './settings.ts';

const settings = (host: string | undefined, environment: Record<string, string>) =>
	serverSettings({ host, port: undefined, hands: 1, environment });
const configured = {
	ASSAY_PUBLIC_URL: 'https://papers.example.org/',
	ASSAY_SMTP_URL: 'smtp://mail.example.org',
	ASSAY_MAIL_FROM: 'papers@example.org',
	ASSAY_ADMINISTRATOR: 'first@example.org',
};

test('without further word the server listens on loopback, for one user', () => {
	expect(settings(undefined, {})).toMatchObject({ host: '127.0.0.1', port: 4000, isLocal: true });
	for (const host of ['localhost', '::1', '[::1]']) expect(settings(host, {}).isLocal).toBe(true);
});

test('it refuses to listen beyond loopback until signing in is configured, and says what is missing', () => {
	for (const host of ['0.0.0.0', '::', '192.0.2.1', 'papers.example.org']) {
		expect(() => settings(host, {})).toThrow(
			/--host: .*no authentication configured.*ASSAY_PUBLIC_URL.*ASSAY_SMTP_URL.*ASSAY_ADMINISTRATOR/,
		);
		for (const name of Object.keys(configured)) {
			const { [name as keyof typeof configured]: _missing, ...rest } = configured;
			expect(() => settings(host, rest), name).toThrow(name);
		}
		expect(settings(host, configured)).toMatchObject({ isLocal: false, publicUrl: 'https://papers.example.org' });
	}
});

test('a public address makes a server on loopback a public one: a proxy stands before it', () => {
	expect(settings('127.0.0.1', configured).isLocal).toBe(false);
	expect(() => settings('127.0.0.1', { ASSAY_PUBLIC_URL: 'https://papers.example.org' })).toThrow(/ASSAY_SMTP_URL/);
});

test('a public address is the root of a site', () => {
	for (const wrong of [
		'papers.example.org',
		'ftp://papers.example.org',
		'https://papers.example.org/below',
		'https://me@papers.example.org',
	])
		expect(() => settings(undefined, { ...configured, ASSAY_PUBLIC_URL: wrong }), wrong).toThrow(/ASSAY_PUBLIC_URL/);
});
