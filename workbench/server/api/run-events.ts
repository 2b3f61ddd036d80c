/** A run's progress as server-sent events: `progress`, `log` and `state`; the stream ends when the run has ended. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { takeFromBudget } from '../http/limit.ts';
import { aboutAddress } from '../http/problem.ts';
import type { AppEnvironment } from '../request-context.ts';

/** A comment that keeps proxies from closing a quiet stream. */
const QUIET_MILLISECONDS = 15_000;

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
			const quiet = setInterval(() => void stream.write(': still here\n\n'), QUIET_MILLISECONDS);
			const end = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }));
			stream.onAbort(() => over.abort());
			ending.addEventListener('abort', () => over.abort(), { once: true, signal: over.signal });
			if (ending.aborted) over.abort();
			try {
				// What happened before this watcher came. What it has heard since is newer than what the store says.
				const run = await store.get(id);
				const isOver = run.status !== 'running' && run.status !== 'queued';
				if (!hasMoved || isOver) {
					await send('progress', { fraction: run.progress, note: run.note });
					await send('state', { status: run.status });
				}
				if (isOver) over.abort();
				await end;
			} finally {
				clearInterval(quiet);
				stop();
				over.abort();
			}
		});
	});
