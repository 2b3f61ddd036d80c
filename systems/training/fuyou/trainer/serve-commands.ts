/** The worker's side of a lane. */
import { parentPort } from 'node:worker_threads';
import type { Order, Reply } from './lane.ts';

/** Answers every command with what `handle` returns (0 for nothing), or with its error. */
export function serveCommands<Command>(handle: (command: Command) => number | undefined | Promise<number | undefined>): void {
	const port = parentPort;
	if (port === null) throw new Error('runs on a worker thread only');
	const now = (): number => performance.timeOrigin + performance.now();
	port.on('message', async ({ id, command }: Order<Command>) => {
		const startMillis = now();
		let reply: Reply;
		try {
			const value = (await handle(command)) ?? 0;
			reply = { id, value, startMillis, endMillis: now() };
		} catch (error) {
			const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
			const message = error instanceof Error ? error.message : String(error);
			reply = { id, error: { message, ...(code !== undefined && { code }) } };
		}
		port.postMessage(reply);
	});
}
