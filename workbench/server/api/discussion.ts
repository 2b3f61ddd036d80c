/** What readers do with papers: votes, comments, flags. */
import { InputError, show } from '@assay/contract';
import {
	type CommentNode,
	castVote,
	deleteComment,
	editComment,
	findPaperId,
	flagTarget,
	postComment,
	readThread,
	voteOnComment,
	wilsonLowerBound,
	withdrawVote,
} from '@assay/feed';
import { z } from '@hono/zod-openapi';
import type { Api } from './api.ts';
import { paperIdOf, slug } from './papers.ts';
import { comment } from './schemas.ts';

const commentId = z
	.int()
	.positive()
	.max(2 ** 31 - 1);

export function discussionOperations(api: Api): void {
	const state = z.object({ voted: z.boolean(), votes: z.int() });
	api.operation(
		{
			method: 'put',
			path: '/papers/{slug}/vote',
			tag: 'Discussion',
			summary: 'Vote for a paper',
			parameters: slug,
			names: 'paper',
			limit: 'vote',
			answer: state,
		},
		async ({ context, visitor, parameters }) =>
			castVote(context.services.database, visitor, await paperIdOf(context, parameters.slug), context.network, context.now),
	);
	api.operation(
		{
			method: 'delete',
			path: '/papers/{slug}/vote',
			tag: 'Discussion',
			summary: 'Take a vote back',
			parameters: slug,
			names: 'paper',
			limit: 'vote',
			answer: state,
		},
		async ({ context, visitor, parameters }) =>
			withdrawVote(context.services.database, visitor, await paperIdOf(context, parameters.slug)),
	);
	api.operation(
		{
			method: 'get',
			path: '/papers/{slug}/comments',
			tag: 'Discussion',
			summary: 'The comments on a paper, each after the one it answers',
			parameters: slug,
			names: 'paper',
			answer: z.object({ comments: z.array(comment) }),
		},
		async ({ context, parameters }) => {
			const thread = await readThread(
				context.services.database,
				await paperIdOf(context, parameters.slug),
				context.visitor,
				wilsonLowerBound,
				context.now,
			);
			return { comments: thread.flatMap(flatten) };
		},
	);
	const body = z.string().min(1).max(10_000).openapi({ description: 'Markdown.', example: 'Reproduced on our cluster.' });
	const posted = z.object({
		id: z.int(),
		state: z.enum(['visible', 'pending', 'hidden', 'deleted']),
		reasons: z.array(z.string()),
	});
	api.operation(
		{
			method: 'post',
			path: '/papers/{slug}/comments',
			tag: 'Discussion',
			summary: 'Comment on a paper, or answer a comment',
			parameters: slug,
			names: 'paper',
			limit: 'comment',
			status: 201,
			body: z
				.object({ body, parentId: commentId.nullable().default(null) })
				.openapi({ example: { body: 'Reproduced on our cluster.', parentId: null } }),
			answer: posted,
		},
		async ({ context, visitor, parameters, body: brought }) => {
			const made = await postComment(
				context.services.database,
				visitor,
				{ paperId: await paperIdOf(context, parameters.slug), ...brought },
				context.now,
			);
			return { id: made.id, state: made.state, reasons: [...made.reasons] };
		},
	);
	const id = z.object({ id: z.coerce.number().pipe(commentId) });
	api.operation(
		{
			method: 'patch',
			path: '/comments/{id}',
			tag: 'Discussion',
			summary: 'Change one’s own comment, within 90 minutes',
			parameters: id,
			names: 'comment',
			limit: 'comment',
			body: z.object({ body }).openapi({ example: { body: 'Reproduced on two of our clusters.' } }),
			answer: posted,
		},
		async ({ context, visitor, parameters, body: brought }) => {
			const edited = await editComment(context.services.database, visitor, parameters.id, brought.body, context.now);
			return { id: parameters.id, state: edited.state, reasons: [...edited.reasons] };
		},
	);
	api.operation(
		{
			method: 'delete',
			path: '/comments/{id}',
			tag: 'Discussion',
			summary: 'Delete one’s own comment',
			parameters: id,
			names: 'comment',
			limit: 'comment',
			answer: z.object({ deleted: z.int() }),
		},
		async ({ context, visitor, parameters }) => {
			await deleteComment(context.services.database, visitor, parameters.id, context.now);
			return { deleted: parameters.id };
		},
	);
	api.operation(
		{
			method: 'put',
			path: '/comments/{id}/vote',
			tag: 'Discussion',
			summary: 'Vote on a comment: 1, -1, or 0 to take the vote back',
			parameters: id,
			names: 'comment',
			limit: 'vote',
			body: z.object({ value: z.union([z.literal(1), z.literal(0), z.literal(-1)]) }).openapi({ example: { value: 1 } }),
			answer: z.object({ up: z.int(), down: z.int() }),
		},
		async ({ context, visitor, parameters, body: brought }) =>
			voteOnComment(context.services.database, visitor, parameters.id, brought.value, context.now),
	);
	api.operation(
		{
			method: 'post',
			path: '/flags',
			tag: 'Discussion',
			summary: 'Flag a paper or a comment for a moderator',
			limit: 'comment',
			status: 201,
			body: z
				.object({
					kind: z.enum(['paper', 'comment']),
					target: z.union([z.string().max(200), commentId]).openapi({ description: 'A paper’s slug or a comment’s id.' }),
					reason: z.string().max(40),
				})
				.openapi({ example: { kind: 'paper', target: 'quartet', reason: 'spam' } }),
			answer: z.object({ hidden: z.boolean() }),
		},
		async ({ context, visitor, body: brought }) => {
			const { data: target } =
				brought.kind === 'comment'
					? commentId.safeParse(Number(brought.target))
					: { data: await findPaperId(context.services.database.kysely, String(brought.target)) };
			if (target === undefined || target === null)
				throw new InputError({
					path: ['target'],
					found: show(brought.target),
					expected: brought.kind === 'paper' ? 'the slug of a paper' : 'the id of a comment',
				});
			return flagTarget(context.services.database, visitor, { kind: brought.kind, id: target }, brought.reason, context.now);
		},
	);
}

function flatten(node: CommentNode): z.input<typeof comment>[] {
	const { id, parentId, depth, state, author, html, createdAt, editedAt, up, down } = node;
	return [
		{ id, parentId, depth, state, author: author?.handle ?? null, html, createdAt, editedAt, up, down },
		...node.replies.flatMap(flatten),
	];
}
