/** Headers that keep a page to itself. */
import type { MiddlewareHandler } from 'hono';

/** The policy of pages: own scripts, own styles, own data; inline scripts and styles only by the hash of their content. */
export function contentSecurityPolicy(inline: {
	readonly scripts: readonly string[];
	readonly styles: readonly string[];
}): string {
	const hashes = (list: readonly string[]): string => list.map((hash) => ` 'sha256-${hash}'`).join('');
	return [
		"default-src 'self'",
		`script-src 'self'${hashes(inline.scripts)}`,
		`style-src 'self'${hashes(inline.styles)}`,
		"img-src 'self' data: blob:",
		"object-src 'none'",
		"base-uri 'self'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join('; ');
}

/** Everything that is not a page runs nothing at all. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

export function securityHeaders(options: { readonly behindTls: boolean }): MiddlewareHandler {
	return async (c, next) => {
		await next();
		const { headers } = c.res;
		headers.set('x-content-type-options', 'nosniff');
		headers.set('referrer-policy', 'same-origin');
		headers.set('x-frame-options', 'DENY');
		headers.set('cross-origin-opener-policy', 'same-origin');
		headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
		if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin');
		if (!headers.has('content-security-policy')) headers.set('content-security-policy', NOTHING);
		if (options.behindTls) headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
	};
}
