/** Addresses to go back to, as a form or a link names them. */

/** The path if it stays on this site, else the other one: a link must not send a visitor elsewhere after signing in. */
export function localPath(path: string, otherwise: string): string {
	const base = 'http://this.site';
	const url = path.startsWith('/') ? URL.parse(path, base) : null;
	// Two slashes at the start would name another site.
	return url?.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : otherwise;
}
