/** Every kind of page by the rules of WCAG 2.2 AA, in light and dark, by keyboard, without script, and on a narrow screen. */
import { type ServerProcess, startServer } from '@assay/server/testing';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openBrowser, openPage, PATIENCE, tabTo } from './browser.ts';
import { furnish } from './kinds-of-pages.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

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

const at = (path: string): string => server.url + path;

/** Waits until what computes or draws by itself has done so. */
async function settle(page: Page): Promise<void> {
	if ((await page.locator('.live').count()) > 0) await page.locator('.live .headline').waitFor();
}

/** What axe finds: the rule, and where. */
async function violations(page: Page): Promise<string[]> {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
	return page.evaluate(async (tags) => {
		const { violations: found } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
			runOnly: { type: 'tag', values: tags },
			resultTypes: ['violations'],
		});
		return found.flatMap(({ id, nodes }) =>
			nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`),
		);
	}, RULES);
}

test('no rule is broken on any page, light or dark, and none is wider than a screen of 360 px', { timeout: 170_000 }, async ({
	annotate,
}) => {
	const { page, close } = await openPage(browser, { colorScheme: 'light' });
	const found: string[] = [];
	for (const path of paths) {
		await page.setViewportSize({ width: 360, height: 740 });
		await open(page, at(path));
		await settle(page);
		const width = await page.evaluate(() => document.documentElement.scrollWidth);
		if (width > 360) found.push(`${path} is ${width} px wide`);
		expect(await page.locator('h1').count(), path).toBe(1);
		expect(await page.locator('html').getAttribute('lang')).toBe('en');
		await page.setViewportSize({ width: 1280, height: 900 });
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme });
			found.push(...(await violations(page)).map((violation) => `${path} in ${colorScheme}: ${violation}`));
		}
		await page.emulateMedia({ colorScheme: 'light' });
	}
	await annotate(`${paths.length} pages, ${RULES.join(', ')}`);
	await close();
	expect(found).toEqual([]);
});

test('the first Tab offers to skip to the content, and the focus is always to be seen', async () => {
	const { page, close } = await openPage(browser);
	await open(page, at('/papers/quartet'));
	await page.keyboard.press('Tab');
	const skip = page.locator('.skip');
	expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
	await expect.poll(async () => (await skip.boundingBox())?.y ?? -1, PATIENCE).toBeGreaterThanOrEqual(0);
	await page.keyboard.press('Enter');
	await expect.poll(() => page.evaluate(() => document.activeElement?.id), PATIENCE).toBe('main');

	await open(page, at('/papers/quartet'));
	const unseen: string[] = [];
	for (let stops = 0; stops < 60; stops++) {
		await page.keyboard.press('Tab');
		const stop = await page.evaluate(() => {
			const focused = document.activeElement;
			if (focused === null || focused === document.body) return null;
			const { outlineStyle, outlineWidth } = getComputedStyle(focused);
			const box = focused.getBoundingClientRect();
			const isSeen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && box.width > 0 && box.bottom > 0;
			return { isSeen, name: `${focused.tagName} ${focused.textContent?.trim().slice(0, 30)}` };
		});
		if (stop === null) break;
		if (!stop.isSeen) unseen.push(stop.name);
	}
	expect(unseen).toEqual([]);
	await tabTo(page, '.skip');
	await close();
});

test('without script the lists, papers and search can be read, and votes and comments work by form', async () => {
	const { page, complaints, close } = await openPage(browser, { javaScriptEnabled: false });
	await page.goto(at('/'));
	const [first] = await page.locator('.paper').all();
	expect(await page.locator('.paper').count()).toBe(25);
	const slug = (await first?.getAttribute('data-paper')) ?? '';
	await page.getByRole('link', { name: 'Next page' }).click();
	expect(await page.locator('.paper').count()).toBe(22);

	await page.goto(at('/date/2025-12-26'));
	const vote = page.locator('[data-paper="leasyn"] .vote button');
	expect(await vote.getAttribute('aria-pressed')).toBe('false');
	await vote.click();
	expect(new URL(page.url()).pathname).toBe('/date/2025-12-26');
	expect(await vote.getAttribute('aria-pressed')).toBe('true');
	await vote.click();
	expect(await vote.getAttribute('aria-pressed')).toBe('false');

	await page.getByRole('searchbox', { name: 'Search papers' }).fill('boolean circuit optimisation with reinforcement learning');
	await page.keyboard.press('Enter');
	await page.waitForURL(/\/search\?q=boolean/);
	expect(await page.locator('.paper').first().getAttribute('data-paper')).toBe('abc-rl');

	await page.goto(at(`/papers/${slug}`));
	expect((await page.locator('.abstract').textContent())?.length).toBeGreaterThan(100);
	await page.goto(at('/papers/abc-rl'));
	await page.getByLabel('Comment').fill('Written without script.');
	await page.getByRole('button', { name: 'Post', exact: true }).click();
	expect(page.url()).toMatch(/\/papers\/abc-rl#comment-\d+$/);
	expect(await page.locator('.thread .body').textContent()).toContain('Written without script.');
	await page.goto(at('/papers/daq-model'));
	expect(await page.getByRole('table').count()).toBeGreaterThan(0);
	expect(complaints).toEqual([]);
	await close();
});
