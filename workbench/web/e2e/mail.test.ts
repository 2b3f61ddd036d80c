/** Subscriptions and signing in on a public server, with nothing but the pages and the mails that a reader gets. */
import { createServer } from 'node:net';
import { openDatabase } from '@assay/database';
import { feedCandidates, loadSecrets, openPostOffice, planDigests, readMailSettings, sendDigests } from '@assay/feed';
import { publicEnvironment, type ServerProcess, startServer } from '@assay/server/testing';
import type { ParsedMail } from 'mailparser';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openBrowser, openPage, type Visit } from './browser.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';

let mailbox: Mailbox;
let environment: Record<string, string>;
let server: ServerProcess;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
	mailbox = await openMailbox();
	const port = await freePort();
	environment = {
		...publicEnvironment,
		ASSAY_PUBLIC_URL: `http://127.0.0.1:${port}`,
		ASSAY_SMTP_URL: mailbox.url,
		// Readers are told apart, and limited, by what a proxy says of them.
		ASSAY_BEHIND_PROXY: '1',
	};
	[server, browser] = await Promise.all([startServer({ environment, words: ['--port', String(port)] }), openBrowser()]);
	visit = await openPage(browser, { extraHTTPHeaders: { 'x-forwarded-for': '198.51.100.1' } });
}, 180_000);
afterAll(async () => {
	await browser?.close();
	expect(await server?.stop()).toBe(0);
	await mailbox?.close();
});

/** Links in mails name the port, so it has to be known before the server listens. */
async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
	const address = probe.address();
	await new Promise<void>((resolve) => probe.close(() => resolve()));
	if (address === null || typeof address === 'string') throw new Error('no port is free');
	return address.port;
}

const at = (path: string): string => server.url + path;

function linkIn(text: string | undefined, kind: string): string {
	const link = new RegExp(`${server.url}/${kind}/[\\w-]{43}(?![\\w-])`).exec(text ?? '')?.[0];
	return link ?? expect.fail(`no link to ${kind} in ${text}`);
}

const headerOf = (mail: ParsedMail, name: string): string => mail.headerLines.find(({ key }) => key === name)?.line ?? '';

/** Plans and sends the digests of today as the server does every day, on the server's own database. */
async function sendDigestsNow(): Promise<void> {
	const now = new Date();
	const settings = readMailSettings(server.url, environment);
	const database = await openDatabase(server.home, undefined);
	try {
		await planDigests(database, settings, feedCandidates(database, settings), now.toISOString().slice(0, 10), now);
		const { transport } = openPostOffice(settings, server.home);
		const pace = { perSecond: 100, clock: () => new Date(), wait: async () => undefined };
		await sendDigests(database, await loadSecrets(server.home, undefined), settings, transport, pace);
	} finally {
		await database.close();
	}
}

/** What an address answers to a program that has no cookies. */
async function look(address: string): Promise<string> {
	const answer = await fetch(address);
	expect(answer.status).toBe(200);
	return answer.text();
}

test('subscribe, confirm by the button, get a digest, leave by one click', async () => {
	const { page } = visit;
	await open(page, at('/subscribe'));
	await page.getByLabel('E-mail address').fill('Ada@Reader.example');
	await page.getByLabel('serving').check();
	await page.getByRole('button', { name: 'Subscribe' }).click();
	const said = await page.locator('main [role="status"] .message').textContent();
	const asked = await mailbox.mail(0);
	expect(asked.headers.get('auto-submitted')).toBe('auto-generated');
	const confirmation = linkIn(asked.text, 'confirm');

	// What scans mail opens links, more than once.
	for (let visits = 0; visits < 3; visits++) expect(await look(confirmation)).toContain('Yes, send it to me');
	await sendDigestsNow();
	expect(mailbox.mails).toHaveLength(1);

	await open(page, confirmation);
	expect(await page.getByRole('main').textContent()).toContain('A daily digest on serving.');
	await page.getByRole('button', { name: 'Yes, send it to me' }).click();
	await page.getByText('Confirmed.').waitFor();
	expect(await look(confirmation)).toContain('This link is not valid any more');

	await sendDigestsNow();
	const digest = await mailbox.mail(1);
	expect(digest.subject).toMatch(/^Daily Papers - [A-Z][a-z]{2} \d{1,2} - /);
	expect(digest.text).toContain(`${server.url}/papers/splitwise`);
	expect(digest.html).toContain(`${server.url}/papers/splitwise`);
	expect(headerOf(digest, 'list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
	await sendDigestsNow();
	expect(mailbox.mails).toHaveLength(2);

	const leaving = linkIn(headerOf(digest, 'list-unsubscribe'), 'unsubscribe');
	expect(linkIn(digest.text, 'unsubscribe')).toBe(leaving);
	for (let visits = 0; visits < 3; visits++) expect(await look(leaving)).toContain('No more digests?');
	for (let clicks = 0; clicks < 2; clicks++) {
		const clicked = await fetch(leaving, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) });
		expect(clicked.status).toBe(200);
		expect(clicked.headers.getSetCookie()).toEqual([]);
	}
	await open(page, leaving);
	await page.getByText('You are not subscribed.').waitFor();

	// Whether an address is subscribed, was, or never was, the page says the same.
	for (const address of ['ada@reader.example', 'nobody@reader.example']) {
		await open(page, at('/subscribe'));
		await page.getByLabel('E-mail address').fill(address);
		await page.getByRole('button', { name: 'Subscribe' }).click();
		expect(await page.locator('main [role="status"] .message').textContent()).toBe(said);
	}
	await mailbox.mail(3);
});

test('sign in by a link, vote, comment, sign out, and have the account erased', async () => {
	const { page, complaints, close } = await openPage(browser, { extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.1' } });
	const account = page.locator('.account a[href="/settings"]');
	const signIn = async (): Promise<string> => {
		const seen = mailbox.mails.length;
		await open(page, at('/papers/sail'));
		await page.locator('#discussion').getByRole('link', { name: 'Sign in' }).click();
		await page.waitForURL(/\/login\?back=/);
		await page.getByLabel('E-mail address').fill('grace@reader.example');
		await page.getByRole('button', { name: 'Send me a link' }).click();
		const link = linkIn((await mailbox.mail(seen)).text, 'login');
		for (let visits = 0; visits < 2; visits++) expect(await look(link)).toContain('Sign in on this browser');
		await open(page, link);
		await page.getByRole('button', { name: 'Sign in on this browser' }).click();
		await account.waitFor();
		return link;
	};
	const link = await signIn();
	const handle = (await account.textContent()) ?? '';
	expect(await look(link)).toContain('This link is not valid any more');

	await open(page, at('/papers/sail'));
	await page.locator('.vote button').click();
	await page.locator('.vote [role="status"]', { hasText: 'Voted.' }).waitFor({ state: 'attached' });
	await page.getByLabel('Comment').fill('Lookup tables in SRAM, at last.');
	await page.getByRole('button', { name: 'Post', exact: true }).click();
	await page.locator('.thread .body', { hasText: 'Lookup tables in SRAM, at last.' }).waitFor();
	const cookies = await page.context().cookies();
	expect(cookies.find(({ name }) => name === 'assay')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });

	await open(page, at('/settings'));
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.locator('.account').getByRole('link', { name: 'Sign in' }).waitFor();
	await open(page, at('/papers/sail'));
	expect(await page.locator('.vote button').getAttribute('aria-pressed')).toBe('false');
	await signIn();
	expect(await account.textContent()).toBe(handle);
	await open(page, at('/papers/sail'));
	expect(await page.locator('.vote button').getAttribute('aria-pressed')).toBe('true');

	await open(page, at('/settings'));
	await page.getByText('Erase my account').click();
	await page.getByLabel(`Type ${handle} to confirm`).fill(handle);
	await page.getByRole('button', { name: 'Erase' }).click();
	await page.locator('.account').getByRole('link', { name: 'Sign in' }).waitFor();
	expect((await fetch(at(`/u/${handle}`))).status).toBe(404);
	const after = await look(at('/papers/sail'));
	expect(after).not.toContain(handle);
	expect(await page.context().cookies()).not.toContainEqual(expect.objectContaining({ name: 'assay' }));
	expect(complaints).toEqual([]);
	await close();
});

test('no page has complained', () => {
	expect(visit.complaints).toEqual([]);
});
