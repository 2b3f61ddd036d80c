/** Runs, sweeps and the panels that compute in the browser, as somebody with a browser meets them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startServer } from '@assay/server/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openBrowser, openPage, PATIENCE, type Visit } from './browser.ts';

let home: string;
let server: ServerProcess;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), 'assay-e2e-'));
	[server, browser] = await Promise.all([startServer({ home }), openBrowser()]);
	visit = await openPage(browser);
}, 180_000);
afterAll(async () => {
	await browser?.close();
	await server?.stop();
	await rm(home, { recursive: true, force: true });
});

const at = (path: string): string => server.url + path;

/** A trace as Azure publishes them: one request each half second. */
function azureTrace(requests: number): Buffer {
	const start = Date.parse('2023-11-16T18:00:00Z');
	const time = (index: number): string => new Date(start + index * 500).toISOString().replace('T', ' ').replace('Z', '0000');
	const rows = Array.from(
		{ length: requests },
		(_, index) => `${time(index)},${200 + ((index * 37) % 1800)},${20 + (index % 180)}`,
	);
	return Buffer.from(`TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join('\n')}\n`);
}

async function openGroup(page: Page, name: string): Promise<void> {
	const group = page.locator('details.group', { has: page.locator('summary', { hasText: new RegExp(`^${name} `, 'i') }) });
	if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
}

/** Sends the form and comes out on the page of the run. */
async function start(page: Page): Promise<string> {
	await page.getByRole('button', { name: 'Run it', exact: true }).click();
	await page.waitForURL(/\/runs\/\w+$/);
	return new URL(page.url()).pathname;
}

const chip = (page: Page, status: string) => page.locator('.page-head .chip', { hasText: new RegExp(`^${status}$`) });

test('a trace of one’s own is run to the end, with tables, plots and the way to repeat it; two runs are compared', async () => {
	const { page } = visit;
	await open(page, at('/papers/splitwise'));
	await openGroup(page, 'Trace');
	await page
		.locator('[name="trace.file.file"]')
		.setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer: azureTrace(400) });
	const first = await start(page);
	await chip(page, 'done').waitFor();
	expect(await page.locator('.headline').textContent()).toContain('400 requests');
	expect(await page.getByRole('table').count()).toBeGreaterThan(2);
	await page.locator('.drawing').first().scrollIntoViewIfNeeded();
	await page.locator('.drawing svg').first().waitFor();
	expect(await page.locator('.drawing').first().locator('path').count()).toBeGreaterThan(3);
	const inputs = await page.locator('details', { hasText: 'All inputs' }).locator('pre').textContent();
	expect(inputs).toMatch(/"file": "sha256:|"file": ".*[0-9a-f]{64}/);

	await page.getByRole('button', { name: 'Repeat exactly' }).click();
	await page.waitForURL((url) => /\/runs\/\w+$/.test(url.pathname) && url.pathname !== first);
	await chip(page, 'done').waitFor();

	await page.getByRole('link', { name: 'Change inputs' }).click();
	await page.waitForURL(/\/systems\/splitwise\?from=/);
	await openGroup(page, 'Trace');
	await page.locator('[name="trace.acceleration"]').fill('4');
	const changed = await start(page);
	await chip(page, 'done').waitFor();

	await open(page, at('/runs'));
	for (const path of [first, changed]) await page.locator(`input[value="${path.slice('/runs/'.length)}"]`).check();
	await page.getByRole('button', { name: 'Compare the chosen' }).click();
	await page.waitForURL(/\/runs\/compare\?/);
	const row = page.getByRole('row', { name: /trace\.acceleration/ });
	await row.waitFor();
	expect(await row.locator('td.differs').allTextContents()).toEqual(['4', '1']);
	expect(await page.getByRole('row', { name: /trace\.file/ }).count()).toBe(0);
});

test('a mistake is explained beside the form, which keeps what was typed', async () => {
	const { page } = visit;
	await open(page, at('/systems/splitwise'));
	await page.locator('[name="machines"]').fill('[{"name": "mine", "costs": 3}]');
	await page.locator('[name="seed"]').fill('7');
	await page.getByRole('button', { name: 'Run it', exact: true }).click();
	const alert = page.getByRole('alert');
	await alert.waitFor();
	expect(await alert.textContent()).toMatch(/machines.*: found .*, expected /);
	expect(new URL(page.url()).pathname).toBe('/systems/splitwise');
	expect(await page.locator('[name="machines"]').inputValue()).toBe('[{"name": "mine", "costs": 3}]');
	expect(await page.locator('[name="seed"]').inputValue()).toBe('7');
	// The browser writes down that the form was answered with 422.
	expect(visit.complaints.splice(0).filter((line) => !line.includes('422'))).toEqual([]);
});

test('what only the run can find out is explained on its page, from where the inputs can be changed', async () => {
	const { page } = visit;
	await open(page, at('/systems/splitwise'));
	await openGroup(page, 'Model');
	await page.locator('[name="model.name"]').fill('lama-2-70b');
	await start(page);
	await chip(page, 'failed').waitFor();
	expect(await page.getByRole('alert').textContent()).toMatch(/found "lama-2-70b".*did you mean .*llama-2-70b/);
	await page.getByRole('link', { name: 'Change inputs' }).click();
	await page.waitForURL(/\/systems\/splitwise\?from=/);
	expect(await page.locator('[name="model.name"]').inputValue()).toBe('lama-2-70b');
});

/** Starts a run that takes long enough to be met at work, and waits until it tells how far it is. */
async function startLong(page: Page): Promise<string> {
	await open(page, at('/systems/splitwise?example=provision-coding'));
	await openGroup(page, 'Trace');
	await page.locator('[name="trace.durationSeconds"]').fill('2500');
	const path = await start(page);
	await chip(page, 'running').waitFor();
	await page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
	await page.locator('.progress p', { hasText: /\d+ %: \w/ }).waitFor();
	return path;
}

test('a long run tells how far it is, and is cancelled', async ({ annotate }) => {
	const { page } = visit;
	await startLong(page);
	const clicked = performance.now();
	await page.getByRole('button', { name: 'Cancel' }).click();
	await chip(page, 'stopped').waitFor();
	await annotate(`cancelled ${((performance.now() - clicked) / 1000).toFixed(2)} s after the click`);
	await page.getByRole('button', { name: 'Run it again' }).waitFor();
	expect(await page.getByRole('progressbar').count()).toBe(0);
});

test('a sweep shows the trade-off of its runs', async () => {
	const { page } = visit;
	await open(page, at('/sweeps/new/daq-model'));
	await page.getByLabel('Input 1').fill('l1tRatio');
	await page.locator('[name="values1"]').fill('40,100,400');
	await page.getByLabel('Input 2').fill('smartSensors');
	await page.locator('[name="values2"]').fill('true,false');
	await page.getByLabel('Input 3').fill('samples');
	await page.locator('[name="values3"]').fill('2000');
	await page.getByRole('button', { name: 'Start' }).click();
	await page.waitForURL(/\/sweeps\/\w+$/);
	await page.locator('.byline', { hasText: '6 of 6 runs done' }).waitFor({ timeout: 50_000 });
	for (const title of ['Pareto front', 'Parallel coordinates']) {
		const panel = page.locator('section.panel', { has: page.getByRole('heading', { name: title }) });
		await panel.scrollIntoViewIfNeeded();
		await panel.locator('.drawing svg').first().waitFor();
		expect(await panel.locator('.drawing svg :is(circle, path)').count()).toBeGreaterThan(5);
	}
	expect(await page.getByRole('table').last().locator('tbody tr').count()).toBe(6);
});

test('claims are measured again from their page', async () => {
	const { page } = visit;
	await open(page, at('/systems/splitwise'));
	const peak = page.getByRole('row', { name: /^S10 / });
	expect(await peak.textContent()).not.toContain('Measured on this machine');
	await page.getByRole('button', { name: 'Measure again what takes seconds' }).click();
	// Where the claims' data are not at hand the measurement is over before the page is back.
	const measured = peak.getByText(/Measured on this machine on \d{4}/);
	await page.getByRole('region', { name: 'Measurement' }).or(measured).waitFor({ state: 'attached' });
	await measured.waitFor({ state: 'attached', timeout: 60_000 });
	expect(await peak.locator('.chip').textContent()).toBe('reproduced');
	await page.getByRole('button', { name: 'Measure again what takes seconds' }).waitFor();
});

test('advice comes in run by run, each figure with its run; the address asks the same question again', async () => {
	const { page } = visit;
	await open(page, at('/advise'));
	await page.getByLabel('Model', { exact: true }).fill('llama-3-70b');
	await page.getByLabel('Machine', { exact: true }).fill('8xh100');
	await page.getByLabel('Goal').selectOption('train');
	await page.getByRole('button', { name: 'Ask' }).click();
	await page.waitForURL(/\/advise\?model=llama-3-70b&machine=8xh100&goal=train/);
	const item = page.locator('.advice > li').filter({ hasText: 'deep-optimizer-states' });
	await item.getByText('throughput', { exact: true }).waitFor({ timeout: 60_000 });
	await page.locator('.headline').filter({ hasNotText: 'under way' }).waitFor({ timeout: 60_000 });
	expect(await page.locator('.headline').textContent()).toMatch(/What pays most/);
	await item.getByText(/points: update phases/).waitFor({ state: 'attached', timeout: 60_000 });
	expect(await page.getByText(/serving a language model/).count()).toBe(1);
	const asked = page.url();
	await item.getByRole('link', { name: 'The run' }).click();
	await page.waitForURL(/\/runs\//);
	await page.getByRole('list', { name: 'Errors against published measurements' }).waitFor();
	await open(page, asked);
	await item.waitFor();
	await open(page, at('/advise?model=llama-3-7&machine=8xh100'));
	expect(await page.getByRole('alert').textContent()).toContain('did you mean');
	// The browser itself complains of the status.
	expect(visit.complaints.splice(0)).toEqual([expect.stringContaining('422')]);
});

test('moving a slider changes the answer and the plots, and asks nobody', async () => {
	const { page, requests } = visit;
	await open(page, at('/papers/daq-model'));
	const live = page.locator('.live');
	const headline = live.locator('.headline');
	await headline.waitFor();
	const drawing = live.locator('.drawing').first();
	await drawing.scrollIntoViewIfNeeded();
	await drawing.locator('svg').first().waitFor();
	const [said, drawn] = [await headline.textContent(), await drawing.innerHTML()];
	const asked = requests.length;
	await live.locator('#live-l1tRatio').focus();
	for (let steps = 0; steps < 3; steps++) await page.keyboard.press('PageUp');
	await expect.poll(() => headline.textContent(), PATIENCE).not.toBe(said);
	await live.locator('[aria-busy="false"]').waitFor();
	await expect.poll(() => drawing.innerHTML(), PATIENCE).not.toBe(drawn);
	expect(requests.slice(asked)).toEqual([]);
});

test('a server that is told to stop ends in good order, and its run goes on after the next start', async () => {
	const { page } = visit;
	const path = await startLong(page);
	expect(await server.stop('SIGTERM')).toBe(0);
	server = await startServer({ home });
	await open(page, at(path));
	// The page of the run had looked for the server while it was away.
	expect(visit.complaints.splice(0).filter((line) => !line.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
	await chip(page, 'interrupted').waitFor();
	await page.getByRole('button', { name: 'Run it again' }).click();
	await chip(page, 'running').waitFor();
	await page.getByRole('button', { name: 'Cancel' }).click();
	await chip(page, 'stopped').waitFor();
	await page.getByRole('button', { name: 'Delete' }).click();
	await page.waitForURL(/\/runs$/);
	expect((await fetch(at(path))).status).toBe(404);
});

test('no page has complained', () => {
	expect(visit.complaints).toEqual([]);
});
