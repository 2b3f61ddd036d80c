/** A process that works on one run after another. The run has a thread; this one listens, and watches how much memory all of it takes. */
import { LocalExecutor } from '../local-executor.ts';
import type { Outcome } from '../worker-protocol.ts';
import type { FromHand, ToHand } from './hand-protocol.ts';

/** Milliseconds between looks at the memory: half a gigabyte can be filled in so long. */
const LOOK_MILLISECONDS = 100;

const [, , dataFolder = ''] = process.argv;
// Runs are many: hands side by side serve them better than threads inside each.
const executor = new LocalExecutor(dataFolder, { hands: 1, threadsPerRun: 1 });
let stopping: AbortController | undefined;

const send = (message: FromHand): Promise<void> =>
	new Promise((resolve) => {
		if (process.send === undefined) resolve();
		else process.send(message, undefined, {}, () => resolve());
	});

async function work(order: Extract<ToHand, { readonly kind: 'work' }>): Promise<void> {
	const { bytes } = order.limits;
	const controller = new AbortController();
	stopping = controller;
	void send({ kind: 'begun' });
	const watch = setInterval(() => {
		if (process.memoryUsage.rss() <= bytes) return;
		clearInterval(watch);
		const message = `it took more than ${(bytes / 2 ** 30).toPrecision(3)} GiB of memory, which is its limit`;
		const outcome: Outcome = { kind: 'failed', mistake: 'limit', message };
		// Only the end of the process gives the memory back for certain.
		void send({ kind: 'outcome', outcome, isLeaving: true }).then(() => process.exit(0));
	}, LOOK_MILLISECONDS);
	const outcome = await executor.execute(order.work, controller.signal, {
		onProgress: (fraction, note) => void send({ kind: 'progress', fraction, note }),
		onLog: (level, message) => void send({ kind: 'log', level, message }),
	});
	clearInterval(watch);
	// Memory is slow to come back; the next run shall not pay for it.
	const isLeaving = process.memoryUsage.rss() > bytes / 2;
	await send({ kind: 'outcome', outcome, isLeaving });
	if (isLeaving) process.exit(0);
}

process.on('message', (message: ToHand) => {
	if (message.kind === 'stop') stopping?.abort();
	else void work(message);
});
// The worker is gone, and with it whoever wants a result.
process.on('disconnect', () => process.exit(1));
