/**
 * One master key of 32 bytes, from `ASSAY_SECRET` or from `secret.key` in the data folder, and the keys derived from it.
 * Addresses are kept twice: encrypted (AES-256-GCM), to write to them, and as a keyed hash, to find them. Neither can be read
 * without the master key, and the hash cannot be guessed from a list of addresses either.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { dataFolder } from '@assay/sources';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of what is encrypted, so that another way can follow. */
const FORMAT = 1;

export class Secrets {
	private readonly addressKey: Buffer;
	private readonly addressHashKey: Buffer;
	private readonly csrfKey: Buffer;
	private readonly unsubscribeKey: Buffer;

	/** @param master 32 bytes. */
	constructor(master: Uint8Array) {
		if (master.length !== KEY_BYTES) throw new RangeError(`a master key has ${KEY_BYTES} bytes, not ${master.length}`);
		const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', master, new Uint8Array(), `assay ${use}`, KEY_BYTES));
		this.addressKey = derive('address encryption');
		this.addressHashKey = derive('address hash');
		this.csrfKey = derive('csrf');
		this.unsubscribeKey = derive('unsubscribe');
	}

	/** Encrypts a normalised address: base64url of format, nonce, tag and text. Two encryptions of one address differ. */
	encryptAddress(address: string): string {
		const nonce = randomBytes(NONCE_BYTES);
		const cipher = createCipheriv('aes-256-gcm', this.addressKey, nonce);
		const text = Buffer.concat([cipher.update(address, 'utf8'), cipher.final()]);
		return Buffer.concat([Uint8Array.of(FORMAT), nonce, cipher.getAuthTag(), text]).toString('base64url');
	}

	/** @throws {Error} when it was changed, or encrypted under another master key. */
	decryptAddress(encrypted: string): string {
		const bytes = Buffer.from(encrypted, 'base64url');
		if (bytes[0] !== FORMAT || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new Error('not an encrypted address');
		const text = 1 + NONCE_BYTES + TAG_BYTES;
		const decipher = createDecipheriv('aes-256-gcm', this.addressKey, bytes.subarray(1, 1 + NONCE_BYTES));
		decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, text));
		return Buffer.concat([decipher.update(bytes.subarray(text)), decipher.final()]).toString('utf8');
	}

	/** Finds a normalised address again: HMAC-SHA-256 in hexadecimal. */
	hashAddress(address: string): string {
		return hmac(this.addressHashKey, address).toString('hex');
	}

	/** What a form carries so that only our own pages can send it. */
	csrfToken(bearer: string): string {
		return hmac(this.csrfKey, bearer).toString('base64url');
	}

	/** The token in the unsubscribe link of a subscription: always the same, so that the link in an old mail still works. */
	unsubscribeToken(subscription: string): string {
		return hmac(this.unsubscribeKey, subscription).toString('base64url');
	}
}

/** Compares in a time that does not depend on where two texts differ. */
export function equalInConstantTime(one: string, other: string): boolean {
	const [a, b] = [Buffer.from(one), Buffer.from(other)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The secrets of a data folder. Without `ASSAY_SECRET` the key lies in `secret.key`, made on first use, readable by its owner only.
 * @throws {InputError} when the key is malformed or others can read its file.
 */
export async function loadSecrets(
	folder: string = dataFolder(),
	given: string | undefined = process.env['ASSAY_SECRET'],
): Promise<Secrets> {
	if (given !== undefined && given !== '') return new Secrets(parseKey(given, ['ASSAY_SECRET']));
	const file = join(folder, 'secret.key');
	await createKeyFile(folder, file);
	const { mode } = await stat(file);
	if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
		const found = `a file that others can read (mode ${(mode & 0o777).toString(8)})`;
		throw new InputError({ path: [file], found, expected: 'mode 600' });
	}
	return new Secrets(parseKey(await readFile(file, 'utf8'), [file]));
}

/** Of several processes that come at once exactly one makes the file: a link never replaces what is there. */
async function createKeyFile(folder: string, file: string): Promise<void> {
	if (await exists(file)) return;
	await mkdir(folder, { recursive: true });
	const draft = join(folder, `.secret.${randomBytes(8).toString('hex')}`);
	try {
		await writeFile(draft, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
		await link(draft, file);
	} catch (error) {
		if (!(await exists(file))) throw error;
	} finally {
		await rm(draft, { force: true });
	}
}

async function exists(file: string): Promise<boolean> {
	try {
		await stat(file);
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
		throw error;
	}
}

function parseKey(text: string, path: readonly string[]): Uint8Array {
	const trimmed = text.trim();
	const hexadecimal = /^[0-9a-fA-F]{64}$/.test(trimmed);
	const base64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
	if (!hexadecimal && !base64) {
		const expected = '32 bytes as 64 hexadecimal digits or as base64 (`openssl rand -hex 32` makes some)';
		throw new InputError({ path, found: `a text of ${trimmed.length} characters`, expected });
	}
	return Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64');
}

function hmac(key: Buffer, text: string): Buffer {
	return createHmac('sha256', key).update(text).digest();
}
