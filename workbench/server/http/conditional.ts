/** Answers that know their entity tag, so that who has them already is told so (304). */
import { createHash } from 'node:crypto';

/** A response of a text, or 304 without it. */
export function conditional(request: Request, text: string, headers: Readonly<Record<string, string>>): Response {
	const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
	const all = { ...headers, etag };
	if (namesTag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers: all });
	return new Response(request.method === 'HEAD' ? null : text, { headers: all });
}

/** Whether an If-None-Match header names an entity tag; weak comparison, as RFC 9110 has it for GET. */
export function namesTag(header: string | null, etag: string): boolean {
	if (header === null) return false;
	return header.split(',').some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
