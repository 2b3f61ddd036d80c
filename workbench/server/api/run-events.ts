/** A run's progress as server-sent events: `progress`, `log` and `state`; the stream ends when the run has ended. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { takeFromBudget } from '../http/limit.ts';
import { aboutAddress } from '../http/problem.ts';
import type { AppEnvironment } from '../request-context.ts';

/** How often the store is asked about a run that another process works on; a line as often keeps proxies from closing the stream. */
const LOOK_MILLISECONDS = 2000;

/** `GET /api/v1/runs/:id/events` */
export const runEvents = (ending: AbortSignal): Hono<AppEnvironment> =>
	new Hono<AppEnvironment>().get('/api/v1/runs/:id/events', async (c) => {
		const context = c.get('context');
		takeFromBudget(context, 'read');
		const { queue, store } = context.services;
		const { id } = await store.get(c.req.param('id')).catch((error: unknown) => {
			throw aboutAddress(error, 'run');
		});
		return streamSSE(c, async (stream) => {
			const over = new AbortController();
			const send = async (event: string, data: unknown): Promise<void> => stream.writeSSE({ event, data: JSON.stringify(data) });
			let hasMoved = false;
			let sending = Promise.resolve();
			const stop = queue.watch(id, (event) => {
				const { kind, ...data } = event;
				hasMoved = true;
				sending = sending.then(() => send(kind, data));
				if (event.kind === 'state' && event.status !== 'running') sending = sending.then(() => over.abort());
			});
			/** What the store says, until this queue speaks of the run itself: its word is newer. */
			const tell = async (): Promise<void> => {
				const run = await store.get(id);
				if (hasMoved || over.signal.aborted) return;
				await send('progress', { fraction: run.progress, note: run.note });
				await send('state', { status: run.status });
				if (run.status !== 'running' && run.status !== 'queued') over.abort();
			};
			const look = setInterval(() => {
				// A run that was deleted meanwhile has nothing more to tell.
				if (!hasMoved) void tell().catch(() => over.abort());
				else void stream.write(': still here\n\n');
			}, LOOK_MILLISECONDS);
			const end = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }));
			stream.onAbort(() => over.abort());
			ending.addEventListener('abort', () => over.abort(), { once: true, signal: over.signal });
			if (ending.aborted) over.abort();
			try {
				await tell();
				await end;
			} finally {
				clearInterval(look);
				stop();
				over.abort();
			}
		});
	});
