/** A real browser, and pages that remember what they complained about and whom they asked. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packed from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { z } from 'zod';

/** How long a test waits for what a page is about to show. */
export const PATIENCE = { timeout: 20_000, interval: 50 };

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'];

export async function openBrowser(): Promise<Browser> {
	return chromium.launch({ executablePath: await executablePath(), args: flags });
}

/** Chromium, unpacked once for each version. It is unpacked elsewhere and moved, for test files start at the same time. */
async function executablePath(): Promise<string> {
	const manifest = await readFile(join(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../../../package.json'));
	const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest.toString()));
	const target = join(tmpdir(), `assay-chromium-${version}`);
	if (!existsSync(target)) {
		const own = await mkdtemp(`${target}-`);
		const usual = process.env['TMPDIR'];
		process.env['TMPDIR'] = own;
		try {
			await packed.executablePath();
		} finally {
			if (usual === undefined) delete process.env['TMPDIR'];
			else process.env['TMPDIR'] = usual;
		}
		await rename(own, target).catch(async (error: unknown) => {
			await rm(own, { recursive: true, force: true });
			if (!existsSync(target)) throw error;
		});
	}
	return join(target, 'chromium');
}

export interface Visit {
	readonly page: Page;
	/** Errors and warnings of the console (a violation of the content policy is one), and errors that no code caught. */
	readonly complaints: string[];
	/** Addresses that were asked for something, in order. */
	readonly requests: string[];
	close(): Promise<void>;
}

/** A page in a window of its own, with cookies of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
	const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
	context.setDefaultTimeout(20_000);
	const page = await context.newPage();
	const complaints: string[] = [];
	const requests: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${page.url()}: ${message.text()}`);
	});
	page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
	page.on('request', (request) => requests.push(request.url()));
	return { page, complaints, requests, close: () => context.close() };
}

/** Opens an address and waits until its scripts have taken the page over. */
export async function open(page: Page, address: string): Promise<void> {
	await page.goto(address, { waitUntil: 'load' });
	await page.waitForFunction(() => {
		const main = document.querySelector('main');
		return main !== null && Object.keys(main).some((key) => key.startsWith('__reactFiber'));
	});
	// What the page does once it is drawn, such as listening to keys, comes with the next frames.
	await page.evaluate(
		() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
	);
}

/** Presses Tab until the selected element has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
	for (let presses = 0; presses < 200; presses++) {
		await page.keyboard.press('Tab');
		if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
	}
	throw new Error(`the focus never came to ${selector}`);
}
