/** The cookie that stands for a session. */
import type { NewSession } from '@assay/feed';

/** Browsers keep `__Host-` cookies to one host and to TLS. */
export function sessionCookie(origin: string): string {
	return origin.startsWith('https:') ? '__Host-assay' : 'assay';
}

export function sessionCookieHeader(origin: string, { token, expiresAt }: NewSession): string {
	return `${sessionCookie(origin)}=${token}; ${attributes(origin)}; Expires=${new Date(expiresAt).toUTCString()}`;
}

export function expiredSessionCookieHeader(origin: string): string {
	return `${sessionCookie(origin)}=; ${attributes(origin)}; Max-Age=0`;
}

function attributes(origin: string): string {
	return `Path=/; HttpOnly; SameSite=Lax${origin.startsWith('https:') ? '; Secure' : ''}`;
}
