/** What pages ask for and what they weigh: nothing of anybody else, little script for reading, and the text soon. */
import { type ServerProcess, startServer } from '@assay/server/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openBrowser, openPage } from './browser.ts';
import { furnish, READING_PAGES } from './kinds-of-pages.ts';

/** Compressed script that a page for reading may load. */
const SCRIPT_BYTES = 120_000;
const PAINT_MILLISECONDS = 1500;

let server: ServerProcess;
let browser: Browser;
let paths: readonly string[];

beforeAll(async () => {
	[server, browser] = await Promise.all([startServer(), openBrowser()]);
	paths = await furnish(server);
}, 180_000);
afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

test('no page asks another host for anything, stores anything it need not, or complains', { timeout: 120_000 }, async () => {
	const { page, complaints, requests, close } = await openPage(browser);
	for (const path of paths) {
		await open(page, server.url + path);
		if ((await page.locator('.live').count()) > 0) await page.locator('.live .headline').waitFor();
	}
	expect(requests.filter((address) => !address.startsWith(`${server.url}/`) && !/^(blob|data):/.test(address))).toEqual([]);
	expect(complaints.filter((line) => !line.startsWith(`${server.url}/nothing-here: `))).toEqual([]);
	expect(await page.context().cookies()).toEqual([]);
	// React Router keeps where pages were scrolled to, for this window only.
	const kept = await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]);
	expect(kept).toEqual([[], ['react-router-scroll-positions']]);
	await close();
});

/** Loads a page in a window that has loaded nothing, and weighs it. */
async function weigh(path: string): Promise<{ readonly scriptBytes: number; readonly paintMilliseconds: number }> {
	const { page, close } = await openPage(browser);
	await open(page, server.url + path);
	await page.waitForLoadState('networkidle');
	const scriptBytes = await page.evaluate(() =>
		performance
			.getEntriesByType('resource')
			.filter((entry) => entry instanceof PerformanceResourceTiming && new URL(entry.name).pathname.endsWith('.js'))
			.reduce((sum, entry) => sum + (entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0), 0),
	);
	const paintMilliseconds = await page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
					type: 'largest-contentful-paint',
					buffered: true,
				});
			}),
	);
	await close();
	return { scriptBytes, paintMilliseconds };
}

for (const path of READING_PAGES)
	test(`${path} loads less than ${SCRIPT_BYTES / 1000} kB of script and shows its text soon`, async ({ annotate }) => {
		const loads = [await weigh(path), await weigh(path), await weigh(path)];
		const bytes = Math.max(...loads.map((load) => load.scriptBytes));
		const paint = Math.min(...loads.map((load) => load.paintMilliseconds));
		await annotate(`${path}: ${(bytes / 1000).toFixed(1)} kB of script, largest contentful paint after ${paint.toFixed(0)} ms`);
		expect(bytes).toBeGreaterThan(0);
		expect(bytes).toBeLessThan(SCRIPT_BYTES);
		expect(paint).toBeLessThan(PAINT_MILLISECONDS);
	});
