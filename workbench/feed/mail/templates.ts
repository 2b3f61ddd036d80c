/**
 * The mails' looks. A template is MJML with places `{{name}}`; it is compiled once, when the first mail is made, and what goes into
 * its places is escaped and never read again as a template.
 */
import type { MailIdentity } from './message.ts';
import { oneLine, unsubscribeUrl } from './message.ts';

export interface MailContent {
	readonly subject: string;
	readonly text: string;
	readonly html: string;
}

/** A paper as a digest shows it. */
export interface DigestPaper {
	readonly id: number;
	readonly slug: string;
	readonly title: string;
	/** `Ada Lovelace, Charles Babbage and 3 others`; may be empty. */
	readonly authors: string;
	/** A sentence or two; may be empty. */
	readonly excerpt: string;
	/** Absolute. */
	readonly url: string;
}

/** Mail readers cut what is longer. */
export const HTML_LIMIT_BYTES = 100_000;
/** Characters; with ten papers of nothing but `"`, the longest when escaped, the page stays below the limit. */
const LIMITS = { title: 200, authors: 160, excerpt: 400, subjectTitle: 120 };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export async function confirmationMail(
	identity: MailIdentity,
	confirmation: { readonly token: string; readonly topics: readonly string[]; readonly cadence: 'daily' | 'weekly' },
): Promise<MailContent> {
	const url = `${identity.publicUrl}/confirm/${confirmation.token}`;
	const about = confirmation.topics.length === 0 ? 'all topics' : confirmation.topics.join(', ');
	const wish = `Someone, we hope you, asked for the ${confirmation.cadence} papers by mail (${about}).`;
	return answer({
		subject: 'Confirm your subscription to Daily Papers',
		lines: [wish, 'Open this page and press its button, within 48 hours. Without that nothing will be sent.'],
		button: 'Confirm',
		url,
		last: 'If it was not you, there is nothing to do.',
	});
}

export async function magicLinkMail(identity: MailIdentity, token: string): Promise<MailContent> {
	return answer({
		subject: 'Sign in to Daily Papers',
		lines: ['Open this page and press its button to sign in. The link is valid for 15 minutes and works once.'],
		button: 'Sign in',
		url: `${identity.publicUrl}/login/${token}`,
		last: 'If you did not ask for it, there is nothing to do.',
	});
}

/**
 * @param day the digest's day, `YYYY-MM-DD`.
 * @param papers at least one, the best first.
 */
export async function digestMail(
	identity: MailIdentity,
	day: string,
	papers: readonly DigestPaper[],
	unsubscribeToken: string,
): Promise<MailContent> {
	const label = dayLabel(day);
	const leave = unsubscribeUrl(identity, unsubscribeToken);
	const shown = papers.map((paper) => ({
		title: oneLine(paper.title, LIMITS.title),
		authors: oneLine(paper.authors, LIMITS.authors),
		excerpt: oneLine(paper.excerpt, LIMITS.excerpt),
		url: paper.url,
	}));
	const { before, item, after } = await digestPage();
	const frame = { label, leave, all: `${identity.publicUrl}/date/${day}` };
	const html = fill(before, frame) + shown.map((paper) => fill(item, paper)).join('') + fill(after, frame);
	const entries = shown.map(({ title, authors, excerpt, url }) =>
		[title, authors, excerpt, url].filter((line) => line !== '').join('\n'),
	);
	return {
		subject: `Daily Papers - ${label} - ${oneLine(papers[0]?.title ?? '', LIMITS.subjectTitle)}`,
		text: `Daily Papers - ${label}\n\n${entries.join('\n\n')}\n\nAll of the day: ${frame.all}\nUnsubscribe: ${leave}\n`,
		html,
	};
}

/** `Dec 26` for `2025-12-26`. */
function dayLabel(day: string): string {
	const [, month, date] = day.split('-').map(Number);
	return `${MONTHS[(month ?? 1) - 1]} ${date}`;
}

async function answer(content: {
	readonly subject: string;
	readonly lines: readonly string[];
	readonly button: string;
	readonly url: string;
	readonly last: string;
}): Promise<MailContent> {
	const { subject, lines, button, url, last } = content;
	const html = fill(await answerPage(), { subject, lines: lines.join(' '), button, url, last });
	return { subject, text: `${lines.join('\n')}\n\n${url}\n\n${last}\n`, html };
}

/** Fills places in one pass, so that what was filled in is not looked at again. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
	return template.replace(/\{\{(\w+)\}\}/g, (place, name: string) => {
		const value = values[name];
		if (value === undefined) throw new Error(`nothing to put into ${place}`);
		return escapeHtml(value);
	});
}

function escapeHtml(text: string): string {
	const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
	return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}

const HEAD = `<mj-head>
	<mj-title>Daily Papers</mj-title>
	<mj-attributes>
		<mj-all font-family="Georgia, 'Times New Roman', serif" />
		<mj-text font-size="16px" line-height="1.5" color="#1f2328" padding="6px 24px" />
		<mj-button background-color="#1f4fd8" color="#ffffff" font-size="16px" align="left" padding="12px 24px" />
	</mj-attributes>
	<mj-style inline="inline">a { color: #1f4fd8; }</mj-style>
</mj-head>`;

const ANSWER = `<mjml lang="en">${HEAD}<mj-body background-color="#ffffff"><mj-section><mj-column>
	<mj-text font-size="20px">{{subject}}</mj-text>
	<mj-text>{{lines}}</mj-text>
	<mj-button href="{{url}}">{{button}}</mj-button>
	<mj-text font-size="14px" color="#59636e">{{url}}</mj-text>
	<mj-text>{{last}}</mj-text>
</mj-column></mj-section></mj-body></mjml>`;

const DIGEST = `<mjml lang="en">${HEAD}<mj-body background-color="#ffffff"><mj-section><mj-column>
	<mj-text font-size="24px">Daily Papers &#8211; {{label}}</mj-text>
	<mj-raw><!-- papers --></mj-raw>
	<mj-text padding-top="18px">
		<a href="{{url}}" style="font-size:18px;font-weight:bold">{{title}}</a><br />
		<span style="color:#59636e;font-size:14px">{{authors}}</span><br />
		{{excerpt}}
	</mj-text>
	<mj-raw><!-- papers --></mj-raw>
	<mj-divider border-width="1px" border-color="#d1d9e0" padding="18px 24px" />
	<mj-text font-size="14px" color="#59636e">
		<a href="{{all}}">All papers of the day</a> &#183; You get this because you subscribed and confirmed it.
		<a href="{{leave}}">Unsubscribe</a>
	</mj-text>
</mj-column></mj-section></mj-body></mjml>`;

const answerPage = once(() => compile(ANSWER));
const digestPage = once(async () => {
	const [before, item, after] = (await compile(DIGEST)).split('<!-- papers -->');
	if (before === undefined || item === undefined || after === undefined) throw new Error('the digest has lost its marks');
	return { before, item, after };
});

async function compile(template: string): Promise<string> {
	// The compiler takes over a second to load, so it is loaded only when a mail is made.
	const { default: mjmlToHtml } = await import('mjml');
	const { html } = await mjmlToHtml(template, { validationLevel: 'strict', fonts: {} });
	return html;
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
	let made: Promise<Value> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}
