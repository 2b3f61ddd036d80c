/** Comments in threads. Everything works by form; script only keeps the page from reloading. */
import type { CommentNode } from '@assay/feed';
import { Form, Link, useActionData } from 'react-router';
import { CommentBody } from './comment-body.tsx';
import { Moment } from './day.tsx';
import { useSite } from './frame.tsx';
import type { FormProblem } from './run-form.tsx';

type FlagReasons = readonly (readonly [string, string])[];

export function Discussion({
	slug,
	thread,
	paperId,
	flagReasons,
}: {
	readonly slug: string;
	readonly thread: readonly CommentNode[];
	readonly paperId: number /** Reasons for a flag, each with what it means. */;
	readonly flagReasons: FlagReasons;
}) {
	const { visitor, isStatic } = useSite();
	const answer = useActionData<{ readonly problem?: FormProblem; readonly said?: string }>();
	return (
		<>
			<div role="status">
				{answer?.problem !== undefined && <p className="message bad">{answer.problem.message}</p>}
				{answer?.said !== undefined && <p className="message">{answer.said}</p>}
			</div>
			{thread.length === 0 && <p className="soft">No comments yet.</p>}
			<Thread nodes={thread} flagReasons={flagReasons} />
			{isStatic ? null : visitor === null ? (
				<p>
					<Link to={`/login?back=/papers/${slug}`}>Sign in</Link> to comment.
				</p>
			) : (
				<Form method="post" className="write" key={ownAmong(thread)}>
					<Hidden act="post" />
					<div className="field">
						<label htmlFor="comment">Comment</label>
						<textarea id="comment" name="body" required maxLength={10_000} aria-describedby="comment-help" />
						<span className="help" id="comment-help">
							Markdown: emphasis, lists, quotes, code and links. No HTML, no images.
						</span>
					</div>
					<button type="submit" className="primary">
						Post
					</button>
				</Form>
			)}
			{!isStatic && visitor !== null && <Flag kind="paper" id={paperId} what="this paper" reasons={flagReasons} />}
		</>
	);
}

function Thread({ nodes, flagReasons }: { readonly nodes: readonly CommentNode[]; readonly flagReasons: FlagReasons }) {
	if (nodes.length === 0) return null;
	return (
		<ol className="thread">
			{nodes.map((node) => (
				<li key={node.id} id={`comment-${node.id}`}>
					<Comment node={node} flagReasons={flagReasons} />
					<Thread nodes={node.replies} flagReasons={flagReasons} />
				</li>
			))}
		</ol>
	);
}

function Comment({ node, flagReasons }: { readonly node: CommentNode; readonly flagReasons: FlagReasons }) {
	const { visitor, isStatic } = useSite();
	return (
		<div className="comment">
			<p className="meta">
				{node.author === null || isStatic ? (
					<span>{node.author?.handle ?? 'someone'}</span>
				) : (
					<Link to={`/u/${node.author.handle}`}>{node.author.handle}</Link>
				)}
				{node.author !== null && node.author.role !== 'user' && <span className="chip">{node.author.role}</span>}
				<a href={`#comment-${node.id}`}>
					<Moment at={node.createdAt} />
				</a>
				{node.editedAt !== null && <span>edited</span>}
				{node.state !== 'visible' && (
					<span className="chip warn">{node.state === 'pending' ? 'waits for a moderator' : node.state}</span>
				)}
				<span>
					{node.up} up, {node.down} down
				</span>
			</p>
			{node.html === null ? (
				<p className="body soft">{node.state === 'deleted' ? 'Deleted.' : 'Hidden by a moderator.'}</p>
			) : (
				<CommentBody html={node.html} />
			)}
			{visitor !== null && !isStatic && node.html !== null && (
				<div className="row">
					{!node.own && node.state === 'visible' && (
						<Form method="post" className="row" preventScrollReset>
							<Hidden act="vote" commentId={node.id} />
							<button
								type="submit"
								className="quiet"
								name="value"
								value={node.ownVote === 1 ? '0' : '1'}
								aria-pressed={node.ownVote === 1}
								aria-label={`Vote up the comment of ${node.author?.handle ?? 'someone'}`}
							>
								▲
							</button>
							<button
								type="submit"
								className="quiet"
								name="value"
								value={node.ownVote === -1 ? '0' : '-1'}
								aria-pressed={node.ownVote === -1}
								aria-label={`Vote down the comment of ${node.author?.handle ?? 'someone'}`}
							>
								▼
							</button>
						</Form>
					)}
					<details key={ownAmong(node.replies)}>
						<summary>Reply</summary>
						<Form method="post" preventScrollReset>
							<Hidden act="post" parentId={node.id} />
							<label className="hidden-visually" htmlFor={`reply-${node.id}`}>
								Reply
							</label>
							<textarea id={`reply-${node.id}`} name="body" required maxLength={10_000} />
							<button type="submit">Post the reply</button>
						</Form>
					</details>
					{node.own && node.body !== null && (
						<>
							<details key={node.editedAt}>
								<summary>Edit</summary>
								<Form method="post" preventScrollReset>
									<Hidden act="edit" commentId={node.id} />
									<label className="hidden-visually" htmlFor={`edit-${node.id}`}>
										Comment
									</label>
									<textarea id={`edit-${node.id}`} name="body" required maxLength={10_000} defaultValue={node.body} />
									<button type="submit">Save</button>
								</Form>
							</details>
							<Form method="post" preventScrollReset>
								<Hidden act="delete" commentId={node.id} />
								<button type="submit" className="quiet danger">
									Delete
								</button>
							</Form>
						</>
					)}
					{!node.own && <Flag kind="comment" id={node.id} what="this comment" reasons={flagReasons} />}
				</div>
			)}
		</div>
	);
}

/** How many comments are the visitor's own. As the key of a form it empties and closes the form when one has been posted. */
function ownAmong(nodes: readonly CommentNode[]): number {
	return nodes.filter((node) => node.own).length;
}

function Flag({
	kind,
	id,
	what,
	reasons,
}: {
	readonly kind: 'paper' | 'comment';
	readonly id: number;
	readonly what: string;
	readonly reasons: FlagReasons;
}) {
	return (
		<details>
			<summary>Flag</summary>
			<Form method="post" className="row" aria-label={`Flag ${what}`} preventScrollReset>
				<Hidden act="flag" />
				<input type="hidden" name="kind" value={kind} />
				<input type="hidden" name="id" value={id} />
				{reasons.map(([reason, says]) => (
					<button key={reason} type="submit" className="quiet" name="reason" value={reason} title={says}>
						{reason}
					</button>
				))}
			</Form>
		</details>
	);
}

function Hidden({ act, commentId, parentId }: { readonly act: string; readonly commentId?: number; readonly parentId?: number }) {
	const { csrf } = useSite();
	return (
		<>
			<input type="hidden" name="csrf" value={csrf} />
			<input type="hidden" name="do" value={act} />
			{commentId !== undefined && <input type="hidden" name="comment" value={commentId} />}
			{parentId !== undefined && <input type="hidden" name="parent" value={parentId} />}
		</>
	);
}
