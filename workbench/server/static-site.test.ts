/** The written site is whole: every link leads to a page that was written, every page has its data, no page needs a server. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plotStyles } from '@assay/report';
import { openBuild } from '@assay/web/build';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteAddress, writeStaticSite } from './static-site.ts';
import { openTestApp, type TestApp } from './testing/index.ts';

describe('a written site', () => {
	let server: TestApp;
	let folder: string;
	let files: Set<string>;
	let paths: string[];
	beforeAll(async () => {
		server = await openTestApp();
		folder = await mkdtemp(join(tmpdir(), 'assay-site-'));
		paths = await writeStaticSite(server.services, {
			...(await openBuild()),
			plotStyles: plotStyles(),
			folder,
			address: 'https://papers.example',
		});
		const entries = await readdir(folder, { recursive: true, withFileTypes: true });
		files = new Set(
			entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length)),
		);
	}, 180_000);
	afterAll(async () => {
		await server.close();
		await rm(folder, { recursive: true, force: true });
	});

	test('has every paper, with its data beside it', () => {
		expect(paths.filter((path) => path.startsWith('/papers/'))).toHaveLength(47);
		for (const path of paths) {
			const file = decodeURIComponent(path);
			expect(files).toContain(`${file === '/' ? '' : file}/index.html`);
			expect(files).toContain(file === '/' ? '/_.data' : `${file}.data`);
		}
	});

	test('has no link that leads nowhere, no form, and loads nothing from elsewhere', async () => {
		for (const path of paths) {
			const html = await readFile(join(folder, decodeURIComponent(path), 'index.html'), 'utf8');
			const { document } = parseHTML(html);
			expect(document.querySelectorAll('form[method=post]').length, path).toBe(0);
			for (const element of document.querySelectorAll('[href], [src]')) {
				const address = element.getAttribute('href') ?? element.getAttribute('src') ?? '';
				if (element.tagName === 'A' && /^https?:/.test(address)) continue;
				if (element.getAttribute('rel') === 'canonical') {
					expect(address).toBe(`https://papers.example${path}`);
					continue;
				}
				const target = decodeURIComponent(address.replace(/[?#].*$/, ''));
				if (target === '') continue;
				expect(target, `${path} links ${address}`).toMatch(/^\//);
				const isThere = files.has(target) || files.has(`${target === '/' ? '' : target}/index.html`);
				expect(isThere, `${path} links ${address}`).toBe(true);
			}
		}
	});

	test('carries its policy inside each page', async () => {
		const html = await readFile(join(folder, 'about/index.html'), 'utf8');
		const policy = /http-equiv="content-security-policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
		expect(policy).toMatch(/script-src 'self' 'sha256-/);
		expect(policy).not.toMatch(/unsafe|frame-ancestors/);
	});
});

test('the address of a site is its root', () => {
	expect(siteAddress('https://papers.example/')).toBe('https://papers.example');
	for (const wrong of ['papers.example', 'https://papers.example/below', 'ftp://papers.example'])
		expect(() => siteAddress(wrong)).toThrow(/--address/);
});
