/** Subscriptions, and what is kept about the one who asks. */
import { exportUser, listApiTokens, subscribe } from '@assay/feed';
import { z } from '@hono/zod-openapi';
import { takeFromBudget } from '../http/limit.ts';
import type { Api } from './api.ts';

export function peopleOperations(api: Api): void {
	api.operation(
		{
			method: 'post',
			path: '/subscriptions',
			tag: 'People',
			summary: 'Ask for a digest; the answer is the same whether or not the address is known',
			// By network and by address, which is in the body.
			limit: null,
			needsVisitor: false,
			status: 202,
			body: z
				.object({
					address: z.string().max(320).openapi({ format: 'email' }),
					topics: z.array(z.string().max(60)).max(20).default([]),
					cadence: z.enum(['daily', 'weekly']).default('daily'),
				})
				.openapi({ example: { address: 'reader@example.org', topics: ['quantization'], cadence: 'weekly' } }),
			answer: z.object({ message: z.string() }),
		},
		async ({ context, body }) => {
			takeFromBudget(context, 'subscription', `address ${body.address.trim().toLowerCase()}`);
			const { database, secrets, post, send } = context.services;
			const message = await subscribe(
				database,
				secrets,
				body,
				context.network,
				async (to, token, wish) => send(post.sendConfirmation(to, token, wish, context.now)),
				context.now,
			);
			return { message };
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/me',
			tag: 'People',
			summary: 'Who the token or session belongs to',
			needsVisitor: true,
			answer: z.object({ handle: z.string(), role: z.enum(['user', 'trusted', 'moderator', 'admin']), tokens: z.int() }),
		},
		async ({ context, visitor }) => ({
			handle: visitor.handle,
			role: visitor.role,
			tokens: (await listApiTokens(context.services.database, visitor.id)).length,
		}),
	);
	api.operation(
		{
			method: 'get',
			path: '/me/export',
			tag: 'People',
			summary: 'Everything kept about you',
			needsVisitor: true,
			answer: z.unknown(),
		},
		async ({ context, visitor }) => exportUser(context.services.database, context.services.secrets, visitor.id),
	);
}
