/** Secrets that are handed out: 256 bits each, and only their SHA-256 is kept, so that a stolen database opens no door. */
import { createHash, randomBytes } from 'node:crypto';

/** 43 characters of base64url. */
const FORM = /^[A-Za-z0-9_-]{43}$/;

export function createToken(): string {
	return randomBytes(32).toString('base64url');
}

/** What is kept of a token: SHA-256 in hexadecimal. */
export function tokenHash(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

/** The hash under which a token that someone brought may be kept; null when it does not even look like one. */
export function hashOfBrought(token: string): string | null {
	return FORM.test(token) ? tokenHash(token) : null;
}
