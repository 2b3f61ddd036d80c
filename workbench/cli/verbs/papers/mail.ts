/** Subscriptions by mail: asked for, confirmed and ended with the tokens of mails, and the digests that go out to them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DataUnavailableError, InputError, nearestName, show } from '@assay/contract';
import {
	type Cadence,
	confirm,
	feedCandidates,
	loadSecrets,
	type MailSettings,
	openPostOffice,
	type PostOffice,
	planDigests,
	readMailSettings,
	type SendOutcome,
	SUBSCRIBE_ANSWER,
	sendDigests,
	slugOf,
	subscribe,
	unsubscribe,
} from '@assay/feed';
import { textTable } from '@assay/report/text';
import { EXIT } from '../../failure.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../../terminal.ts';
import { type Feed, newestSlugs, withFeed } from './feed.ts';
import { rehearseDigests } from './rehearse-digests.ts';

const MAILS_A_SECOND = 5;
const LOCAL_ADDRESS = 'http://127.0.0.1:4000';

interface Mail {
	readonly settings: MailSettings;
	readonly post: PostOffice;
}

function openMail(folder: string): Mail {
	const given = process.env['ASSAY_PUBLIC_URL'] || LOCAL_ADDRESS;
	const address = URL.parse(given);
	if (address === null || !/^https?:$/.test(address.protocol) || address.pathname !== '/')
		throw new InputError({
			path: ['ASSAY_PUBLIC_URL'],
			found: show(given),
			expected: 'an address such as https://papers.example.org',
		});
	const settings = readMailSettings(address.origin);
	return { settings, post: openPostOffice(settings, folder) };
}

/** Where mail goes, for a reader. */
const wayOf = ({ transport }: PostOffice): string =>
	transport.name === 'smtp' ? 'sent by SMTP' : `written into ${transport.name}, for no ASSAY_SMTP_URL is set`;

interface SubscribeOptions {
	readonly topics?: string;
	readonly cadence: Cadence;
	readonly json?: true;
}

/** `assay papers subscribe <address>` */
export async function subscribeVerb(address: string, options: SubscribeOptions): Promise<void> {
	await withFeed(async (feed) => {
		const topics = await knownTopics(feed, options.topics);
		const { post } = openMail(feed.folder);
		const secrets = await loadSecrets(feed.folder);
		let outcome: SendOutcome | null = null;
		const send = async (to: string, token: string, request: Parameters<PostOffice['sendConfirmation']>[2]): Promise<void> => {
			outcome = await post.sendConfirmation(to, token, request, feed.now);
			if (outcome.kind === 'refused')
				throw new InputError({
					path: ['address'],
					found: `a refusal: ${outcome.reason}`,
					expected: 'an address that takes mail',
				});
			if (outcome.kind !== 'sent') throw new DataUnavailableError(`the confirmation mail could not be sent: ${outcome.reason}`);
		};
		await subscribe(feed.database, secrets, { address, topics, cadence: options.cadence }, null, send, feed.now);
		const mail = outcome === null ? 'not sent: the address is on the list of those that are never written to' : wayOf(post);
		if (options.json === true) printJson({ subscription: { state: 'pending', topics, cadence: options.cadence, mail } });
		else print(`${SUBSCRIBE_ANSWER}\nThe message was ${mail}. Its link, or \`assay papers confirm <token>\`, confirms.`);
	});
}

/** Topics as slugs, each of which some paper has: a digest on another one would be empty for ever. */
async function knownTopics({ database }: Feed, list: string | undefined): Promise<string[]> {
	if (list === undefined) return [];
	const known = await newestSlugs(database, 'tags');
	return list.split(',').map((topic) => {
		const slug = slugOf(topic.trim());
		if (known.includes(slug)) return slug;
		throw new InputError({
			path: ['--topics'],
			found: show(topic),
			expected: 'topics that papers have, separated by commas',
			nearest: nearestName(slug, known),
		});
	});
}

/** The token, also out of a whole link. */
const tokenOf = (text: string): string => text.trim().split('/').at(-1) ?? '';

/** `assay papers confirm <token>` */
export async function confirmVerb(text: string, options: { readonly json?: true }): Promise<void> {
	const outcome = await withFeed(({ database, now }) => confirm(database, tokenOf(text), now));
	if (outcome === 'unknown')
		throw new InputError({
			path: ['token'],
			found: 'one that is unknown, used, or older than 48 hours',
			expected: 'the token of the latest confirmation mail',
		});
	if (options.json === true) printJson({ outcome });
	else print('Confirmed. The next digest is on its way when there are new papers.');
}

/** `assay papers unsubscribe <token>` */
export async function unsubscribeVerb(text: string, options: { readonly json?: true }): Promise<void> {
	const outcome = await withFeed(({ database, now }) => unsubscribe(database, tokenOf(text), now));
	if (outcome === 'unknown')
		throw new InputError({
			path: ['token'],
			found: 'one that is unknown',
			expected: 'the token of the unsubscribe link in a digest',
		});
	if (options.json === true) printJson({ outcome });
	else print(outcome === 'already' ? 'This subscription had ended before.' : 'Unsubscribed.');
}

interface DigestOptions {
	readonly date?: string;
	readonly dryRun?: true;
	readonly json?: true;
}

/** `assay papers digest`: plans the digests of a day and sends what is due; done again, it sends nothing twice. */
export async function digestVerb(options: DigestOptions): Promise<void> {
	await withFeed(async (feed) => {
		const day = digestDay(options.date, feed.now);
		const mail = openMail(feed.folder);
		await (options.dryRun === true ? rehearse(feed, mail, day, options.json) : planAndSend(feed, mail, day, options.json));
	});
}

function digestDay(text: string | undefined, now: Date): string {
	const today = now.toISOString().slice(0, 10);
	if (text === undefined) return today;
	const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(Date.parse(text) || 0).toISOString().startsWith(text);
	if (isDay && text <= today) return text;
	throw new InputError({
		path: ['--date'],
		found: show(text),
		expected: `a day such as ${today}, and none that is still to come`,
	});
}

async function rehearse({ database, now }: Feed, { settings }: Mail, day: string, json: true | undefined): Promise<void> {
	const { digests, empty } = await rehearseDigests(database, settings, day, now);
	if (json === true) return printJson({ day, dryRun: true, digests, empty });
	const columns = [
		{ key: 'subscription', label: 'Subscription' },
		{ key: 'cadence', label: 'Cadence' },
		{ key: 'topics', label: 'Topics' },
		{ key: 'papers', label: 'Papers' },
	];
	const rows = digests.map((digest) => ({ ...digest, topics: digest.topics.join(', ') || 'all' }));
	if (rows.length > 0) print(textTable(columns, rows, terminalStyle()));
	note(`${rows.length} would be sent for ${day}; for ${empty} there is nothing new. Nothing was changed.`);
}

async function planAndSend({ database, folder, now }: Feed, mail: Mail, day: string, json: true | undefined): Promise<void> {
	const { settings, post } = mail;
	const signal = stopSignal();
	const plan = await planDigests(database, settings, feedCandidates(database, settings), day, now);
	const progress = new Progress();
	const report = await sendDigests(
		database,
		await loadSecrets(folder),
		settings,
		counted(post.transport, plan.queued, progress),
		{
			perSecond: MAILS_A_SECOND,
			clock: () => new Date(),
			wait: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
			signal,
		},
	).finally(() => progress.clear());
	if (json === true) printJson({ day, dryRun: false, plan, report });
	else {
		print(`${day}: ${plan.queued} planned now, nothing new for ${plan.empty}`);
		print(
			Object.entries(report)
				.map(([outcome, count]) => `${count} ${outcome}`)
				.join(', '),
		);
		if (report.sent > 0) note(`mail was ${wayOf(post)}`);
		if (report.deferred > 0) note('what was deferred is tried again by `assay serve`, or by this command, later');
	}
	if (signal.aborted) process.exitCode = EXIT.stopped;
}

/** The same transport, each mail of which moves the progress on. */
function counted(transport: PostOffice['transport'], planned: number, progress: Progress): PostOffice['transport'] {
	let done = 0;
	return {
		...transport,
		burst: () => {
			const burst = transport.burst();
			return {
				send: async (mail) => {
					const outcome = await burst.send(mail);
					progress.update(Math.min(1, ++done / Math.max(planned, 1)), `${done} mails`);
					return outcome;
				},
				close: () => burst.close(),
			};
		},
	};
}
