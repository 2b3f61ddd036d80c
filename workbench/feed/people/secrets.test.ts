import { createHmac, hkdfSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { csrfToken, isCsrfTokenValid } from './csrf.ts';
import { loadSecrets, Secrets } from './secrets.ts';
import { sampleSecrets } from './testing/sample.ts';

async function folder(): Promise<string> {
	const path = await mkdtemp(join(tmpdir(), 'assay-secrets-'));
	onTestFinished(() => rm(path, { recursive: true, force: true }));
	return path;
}

test('an address comes back from its encryption, which differs each time and does not hold it', () => {
	const secrets = sampleSecrets();
	fc.assert(
		fc.property(fc.string({ minLength: 1, maxLength: 254, unit: 'binary' }), (address) => {
			const [one, other] = [secrets.encryptAddress(address), secrets.encryptAddress(address)];
			expect(one).not.toBe(other);
			expect(secrets.decryptAddress(one)).toBe(Buffer.from(address).toString());
			expect(secrets.decryptAddress(other)).toBe(Buffer.from(address).toString());
		}),
	);
});

test('whatever bit of an encrypted address is turned, it is refused; so is another key', () => {
	const secrets = sampleSecrets();
	const bytes = Buffer.from(secrets.encryptAddress('ada@example.org'), 'base64url');
	for (let bit = 0; bit < bytes.length * 8; bit++) {
		const changed = Buffer.from(bytes);
		changed[bit >> 3]! ^= 1 << (bit & 7);
		expect(() => secrets.decryptAddress(changed.toString('base64url'))).toThrow();
	}
	expect(() => sampleSecrets(8).decryptAddress(bytes.toString('base64url'))).toThrow();
	expect(() => secrets.decryptAddress('')).toThrow(/not an encrypted address/);
});

test('the hash of an address is HMAC-SHA-256 under a key derived by HKDF', () => {
	const master = new Uint8Array(32).fill(7);
	const key = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'assay address hash', 32));
	const expected = createHmac('sha256', key).update('ada@example.org').digest('hex');
	expect(sampleSecrets().hashAddress('ada@example.org')).toBe(expected);
	expect(sampleSecrets(8).hashAddress('ada@example.org')).not.toBe(expected);
});

test('the key file is made once, by ten processes at once too, for its owner only', async () => {
	const home = await folder();
	const all = await Promise.all(Array.from({ length: 10 }, () => loadSecrets(home, '')));
	expect(new Set(all.map((secrets) => secrets.hashAddress('a@b.org'))).size).toBe(1);
	expect(await readdir(home)).toEqual(['secret.key']);
	const file = join(home, 'secret.key');
	expect((await stat(file)).mode & 0o777).toBe(0o600);
	const given = (await readFile(file, 'utf8')).trim();
	expect((await loadSecrets(await folder(), given)).hashAddress('a@b.org')).toBe(all[0]?.hashAddress('a@b.org'));
	await chmod(file, 0o644);
	await expect(loadSecrets(home, '')).rejects.toThrow(InputError);
});

test('a key may be given in hexadecimal or base64, and nothing shorter', async () => {
	const key = Buffer.alloc(32, 250);
	const expected = new Secrets(key).hashAddress('a@b.org');
	for (const text of [key.toString('hex'), key.toString('base64'), key.toString('base64url'), ` ${key.toString('hex')}\n`])
		expect((await loadSecrets('/nowhere', text)).hashAddress('a@b.org')).toBe(expected);
	for (const text of ['password', key.toString('hex').slice(2), `${key.toString('base64')}x`])
		await expect(loadSecrets('/nowhere', text)).rejects.toThrow(InputError);
});

test('a form token fits its session and no other', () => {
	const secrets = sampleSecrets();
	const token = csrfToken(secrets, 'session-one');
	expect(isCsrfTokenValid(secrets, 'session-one', token)).toBe(true);
	for (const [session, brought] of [
		['session-two', token],
		[null, token],
		['session-one', csrfToken(secrets, null)],
		['session-one', ''],
		['session-one', `${token}x`],
		['session-one', csrfToken(sampleSecrets(8), 'session-one')],
	] as const)
		expect(isCsrfTokenValid(secrets, session, brought)).toBe(false);
	expect(isCsrfTokenValid(secrets, null, csrfToken(secrets, null))).toBe(true);
});
