/** A run's progress as server-sent events: `progress`, `log` and `state`; the stream ends when the run has ended. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { AppEnvironment } from '../request-context.ts';

/** A comment that keeps proxies from closing a quiet stream. */
const QUIET_MILLISECONDS = 15_000;

/** `GET /api/v1/runs/:id/events` */
export const runEvents = (ending: AbortSignal): Hono<AppEnvironment> =>
	new Hono<AppEnvironment>().get('/api/v1/runs/:id/events', async (c) => {
		const { queue, store } = c.get('context').services;
		const { id } = await store.get(c.req.param('id'));
		return streamSSE(c, async (stream) => {
			await new Promise<void>((resolve) => {
				const send = (event: string, data: unknown): Promise<void> => stream.writeSSE({ event, data: JSON.stringify(data) });
				const stop = queue.watch(id, (event) => {
					const { kind, ...data } = event;
					void send(kind, data).then(() => {
						if (event.kind === 'state' && event.status !== 'running') end();
					});
				});
				const quiet = setInterval(() => void stream.write(': still here\n\n'), QUIET_MILLISECONDS);
				const end = (): void => {
					clearInterval(quiet);
					stop();
					resolve();
				};
				stream.onAbort(end);
				ending.addEventListener('abort', end, { once: true });
				// What happened before this watcher came, and the end if that was it.
				void store.get(id).then(async (run) => {
					await send('progress', { fraction: run.progress, note: run.note });
					await send('state', { status: run.status });
					if (run.status !== 'running' && run.status !== 'queued') end();
				}, end);
			});
		});
	});
