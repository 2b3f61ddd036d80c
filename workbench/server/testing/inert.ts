/** Pages that hostile text was put into. */
import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { expect } from 'vitest';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Checks that a page runs nothing but what its policy names, and that its policy names only what the house wrote. */
export async function expectInert(response: Response, place: string): Promise<void> {
	const policy = response.headers.get('content-security-policy') ?? '';
	expect(response.headers.get('x-content-type-options'), place).toBe('nosniff');
	if (response.headers.get('content-type') === 'application/problem+json')
		return expect(policy, place).toMatch(/^default-src 'none';/);
	expect(policy, place).toContain("default-src 'self'");
	expect(policy, place).not.toMatch(/unsafe|\*/);
	const html = await response.text();
	expect(response.status, `${place}: ${html.slice(0, 200)}`).toBeLessThan(500);
	const { document } = parseHTML(html);
	const allowed = new Set([...policy.matchAll(/'sha256-([\w+/=]+)'/g)].map((match) => match[1]));
	for (const script of document.querySelectorAll('script')) {
		const source = script.getAttribute('src');
		if (script.getAttribute('type') === 'application/ld+json')
			expect(() => JSON.parse(script.textContent ?? ''), place).not.toThrow();
		else if (source === null) expect(allowed.has(sha256(script.textContent ?? '')), place).toBe(true);
		else expect(source, place).toMatch(/^\/assets\//);
	}
	// Ours start with what only ours start with; a script that a text brought would be none of these.
	for (const script of document.querySelectorAll('script:not([src])'))
		expect(script.textContent, place).not.toMatch(/^\s*alert\(1\)/);
	const foreign = [...document.querySelectorAll('iframe, object, embed, base, frame, applet, meta[http-equiv], math')];
	expect(
		foreign.map((element) => element.localName),
		place,
	).toEqual([]);
	const wrong: string[] = [];
	for (const element of document.querySelectorAll('*'))
		for (const { name, value } of element.attributes) {
			const bare = value.replace(/[\p{Cc}\s]/gu, '');
			const isAddress = /^(href|src|action|formaction|xlink:href|srcdoc|poster|data)$/i.test(name);
			const isForeign = element.localName !== 'a' && /^(https?:)?\/\/evil/i.test(bare);
			const isStyle = name === 'style' && /url\(|expression/i.test(bare);
			if (/^on/i.test(name) || isStyle || (isAddress && (isForeign || /^(javascript|vbscript|data):/i.test(bare))))
				wrong.push(`<${element.localName} ${name}="${value}">`);
		}
	expect(wrong, place).toEqual([]);
}

/** A form as a browser sends it. */
export const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
	method: 'POST',
	body: new URLSearchParams(fields),
	headers,
});
