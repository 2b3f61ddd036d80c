/** What waits for a moderator, papers that may be the same, and the public log of what was done. */

import {
	countDeliveries,
	feedStatistics,
	isModerator,
	type ModerationAction,
	mergePapers,
	moderate,
	moderationLog,
	moderationQueue,
	openMerges,
	readCards,
	settleMerge,
} from '@assay/feed';
import { formatNumber } from '@assay/report/format';
import { HttpError, readForm, requestContext, textOf } from '@assay/server';
import { type ActionFunctionArgs, data, Form, Link, type LoaderFunctionArgs, useActionData, useLoaderData } from 'react-router';
import { CommentBody } from '../components/comment-body.tsx';
import { Moment } from '../components/day.tsx';
import { Facts } from '../components/facts.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { Scroller } from '../components/scroller.tsx';
import { requireModerator } from '../server/access.server.ts';
import { idOf } from '../server/ids.server.ts';
import { asFormProblem } from '../server/problem.server.ts';

const ACTIONS: readonly ModerationAction[] = ['approve', 'restore', 'hide', 'dismiss'];
const KINDS = ['paper', 'comment', 'user', 'merge'] as const;
const LOG_LENGTH = 60;

export const meta = () => pageMeta('Moderation', 'The log of moderation.');

export async function loader({ context }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const { database } = site.services;
	const log = await moderationLog(database, LOG_LENGTH);
	if (site.visitor === null || !isModerator(site.visitor)) return { queue: null, merges: null, statistics: null, log };
	const queue = await moderationQueue(database);
	const cards = new Map(
		(await readCards(database.kysely, [...new Set(queue.flatMap((item) => item.paperId ?? []))])).map((card) => [card.id, card]),
	);
	return {
		queue: queue.map((item) => {
			const card = item.paperId === null ? undefined : cards.get(item.paperId);
			return { ...item, paper: card === undefined ? null : { slug: card.slug, title: card.title } };
		}),
		merges: await openMerges(database),
		statistics: Object.entries({ ...(await feedStatistics(database)), ...prefixed(await countDeliveries(database)) }),
		log,
	};
}

/** `mails sent` of `sent`. */
function prefixed(counts: Readonly<Record<string, number>>): Record<string, number> {
	return Object.fromEntries(Object.entries(counts).map(([state, count]) => [`mails ${state}`, count]));
}

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const moderator = requireModerator(site, request);
	const form = await readForm(request, site);
	const { database } = site.services;
	try {
		const id = (name: string): number => idOf(textOf(form, name), name);
		if (textOf(form, 'do') === 'merge') {
			await mergePapers(database, id('keep'), id('drop'), site.now);
			return data({ said: 'Merged.' });
		}
		if (textOf(form, 'do') === 'apart') {
			await settleMerge(database, moderator, id('id'), site.now);
			return data({ said: 'They stay apart.' });
		}
		const wanted = ACTIONS.find((one) => one === textOf(form, 'do'));
		const kind = KINDS.find((one) => one === textOf(form, 'kind'));
		if (wanted === undefined || kind === undefined) throw new HttpError(400, 'Unknown action.');
		await moderate(database, moderator, wanted, { kind, id: id('id') }, textOf(form, 'reason'), site.now);
		return data({ said: 'Done, and logged.' });
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Moderation() {
	const { queue, merges, statistics, log } = useLoaderData<typeof loader>();
	const answer = useActionData<{ readonly said?: string; readonly problem?: FormProblem }>();
	const { csrf } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Moderation</h1>
				<p className="lede">Every action is logged here for all to see. Authors always see the state of what they wrote.</p>
			</header>
			<div role="status">
				{answer?.said !== undefined && <p className="message">{answer.said}</p>}
				{answer?.problem !== undefined && <p className="message bad">{answer.problem.message}</p>}
			</div>
			{queue !== null && (
				<section className="section">
					<h2>Waiting</h2>
					{queue.length === 0 && <p className="soft">Nothing waits.</p>}
					{queue.map((item) => (
						<div className="comment" key={`${item.target.kind} ${item.target.id}`}>
							<p className="meta">
								<span className="chip">{item.target.kind}</span>
								{item.paper !== null && <Link to={`/papers/${item.paper.slug}`}>{item.paper.title}</Link>}
								{item.state !== null && <span>{item.state}</span>}
								<span>
									{Object.entries(item.flags)
										.map(([reason, count]) => `${reason} ${count}`)
										.join(', ')}{' '}
									weight {formatNumber(item.weight)}
								</span>
							</p>
							{item.html !== null && <CommentBody html={item.html} />}
							<Form method="post" className="row">
								<input type="hidden" name="csrf" value={csrf} />
								<input type="hidden" name="kind" value={item.target.kind} />
								<input type="hidden" name="id" value={item.target.id} />
								<label>
									Reason <input name="reason" required maxLength={500} />
								</label>
								{ACTIONS.map((one) => (
									<button key={one} type="submit" name="do" value={one}>
										{one}
									</button>
								))}
							</Form>
						</div>
					))}
				</section>
			)}
			{merges !== null && merges.length > 0 && (
				<section className="section">
					<h2>The same paper twice?</h2>
					{merges.map((pair) => (
						<Form method="post" className="comment" key={pair.id}>
							<input type="hidden" name="csrf" value={csrf} />
							<input type="hidden" name="id" value={pair.id} />
							<input type="hidden" name="keep" value={pair.paper.id} />
							<input type="hidden" name="drop" value={pair.other.id} />
							<p>
								<Link to={`/papers/${pair.paper.slug}`}>{pair.paper.title}</Link> and{' '}
								<Link to={`/papers/${pair.other.slug}`}>{pair.other.title}</Link>{' '}
								<span className="note">{Math.round(pair.similarity * 100)} % alike</span>
							</p>
							<p className="row">
								<button type="submit" name="do" value="merge">
									Merge, keep the first
								</button>
								<button type="submit" name="do" value="apart">
									They are two
								</button>
							</p>
						</Form>
					))}
				</section>
			)}
			{statistics !== null && (
				<section className="section">
					<h2>Counts</h2>
					<Facts facts={statistics} />
				</section>
			)}
			<section className="section">
				<h2>Log</h2>
				{log.length === 0 && <p className="soft">Nothing has been moderated.</p>}
				{log.length > 0 && (
					<Scroller label="Log">
						<table>
							<thead>
								<tr>
									<th scope="col">When</th>
									<th scope="col">Who</th>
									<th scope="col">What</th>
									<th scope="col">Why</th>
								</tr>
							</thead>
							<tbody>
								{log.map((entry) => (
									<tr key={entry.id}>
										<td>
											<Moment at={entry.at} />
										</td>
										<td>{entry.actor ?? 'by rule'}</td>
										<td>
											{entry.action} {entry.target.kind} {entry.target.id}
										</td>
										<td>{entry.reason}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroller>
				)}
			</section>
		</div>
	);
}
