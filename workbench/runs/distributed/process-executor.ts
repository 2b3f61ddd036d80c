/**
 * Work in processes of their own: one that crashes, never ends or eats memory takes nothing else with it. Each hand is a process that stays
 * for the next run, and is replaced when it had to be ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { RunLimits } from '@assay/contract';
import type { WorkEvents } from '../local-executor.ts';
import type { Outcome, Work } from '../worker-protocol.ts';
import type { FromHand, ToHand } from './hand-protocol.ts';

/** A process that was told to stop and has not answered for so long is killed, in milliseconds. */
const GRACE_MILLISECONDS = 2500;

/** Node's timers know no longer time: 24 days. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

export class ProcessExecutor {
	/** How many runs are worked on at once. */
	readonly hands: number;
	private readonly dataFolder: string;
	private readonly idle: ChildProcess[] = [];
	private readonly all = new Set<ChildProcess>();
	private readonly waiting: (() => void)[] = [];
	private busy = 0;

	constructor(dataFolder: string, hands: number) {
		this.dataFolder = dataFolder;
		this.hands = hands;
	}

	/** Waits for a hand, and works until done, stopped or failed. Never rejects for what happens inside the work. */
	async execute(
		work: Work,
		limits: RunLimits,
		signal: AbortSignal,
		events: WorkEvents & { readonly onBegin?: () => void } = {},
	): Promise<Outcome> {
		if (signal.aborted || !(await this.freeHand(signal))) return { kind: 'stopped' };
		try {
			return await this.handle(work, limits, signal, events);
		} finally {
			// The next one takes over this place, or nobody does.
			const next = this.waiting.shift();
			if (next === undefined) this.busy -= 1;
			else next();
		}
	}

	/** Waits for a hand and takes it; false if the signal aborts before there is one. */
	private async freeHand(signal: AbortSignal): Promise<boolean> {
		if (this.busy < this.hands) {
			this.busy += 1;
			return true;
		}
		return new Promise((resolve) => {
			const take = (): void => {
				signal.removeEventListener('abort', leave);
				resolve(true);
			};
			const leave = (): void => {
				this.waiting.splice(this.waiting.indexOf(take), 1);
				resolve(false);
			};
			this.waiting.push(take);
			signal.addEventListener('abort', leave, { once: true });
		});
	}

	private handle(
		work: Work,
		limits: RunLimits,
		signal: AbortSignal,
		events: WorkEvents & { readonly onBegin?: () => void },
	): Promise<Outcome> {
		const hand = this.idle.pop() ?? this.start();
		const send = (message: ToHand): void => {
			if (hand.connected) hand.send(message, () => undefined);
		};
		return new Promise((resolve) => {
			let isLate = false;
			let late: NodeJS.Timeout | undefined;
			let kill: NodeJS.Timeout | undefined;
			const stop = (): void => {
				send({ kind: 'stop' });
				kill ??= setTimeout(() => hand.kill('SIGKILL'), GRACE_MILLISECONDS);
			};
			const overtime: Outcome = {
				kind: 'failed',
				mistake: 'limit',
				message: `it took longer than ${limits.seconds} s, which is its limit`,
			};
			const settle = (outcome: Outcome): void => {
				clearTimeout(late);
				clearTimeout(kill);
				signal.removeEventListener('abort', stop);
				hand.off('message', hear);
				hand.off('exit', end);
				resolve(outcome.kind !== 'done' && isLate ? overtime : outcome);
			};
			const hear = (message: FromHand): void => {
				switch (message.kind) {
					case 'begun':
						events.onBegin?.();
						late = setTimeout(
							() => {
								isLate = true;
								stop();
							},
							Math.min(limits.seconds * 1000, LONGEST_TIMER_MILLISECONDS),
						);
						break;
					case 'progress':
						events.onProgress?.(message.fraction, message.note);
						break;
					case 'log':
						events.onLog?.(message.level, message.message);
						break;
					case 'outcome':
						if (hand.connected && !message.isLeaving) this.idle.push(hand);
						settle(message.outcome);
				}
			};
			const end = (code: number | null, name: string | null): void => {
				const how = name === null ? `status ${code}` : name;
				settle(
					signal.aborted
						? { kind: 'stopped' }
						: { kind: 'failed', mistake: 'crash', message: `the process at work on it ended (${how})` },
				);
			};
			signal.addEventListener('abort', stop, { once: true });
			hand.on('message', hear);
			hand.once('exit', end);
			send({ kind: 'work', work, limits });
		});
	}

	/** Starts all hands, so that the first runs need not wait for them. */
	prepare(): void {
		while (this.all.size < this.hands) this.idle.push(this.start());
	}

	/** Ends all hands. */
	async close(): Promise<void> {
		const ended = [...this.all].map((hand) => new Promise((resolve) => hand.once('exit', resolve)));
		for (const hand of this.all) hand.kill('SIGKILL');
		await Promise.all(ended);
	}

	private start(): ChildProcess {
		const compiled = getCompileCacheDir();
		const hand = fork(new URL('./hand-process.ts', import.meta.url), [this.dataFolder], {
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			env: { ...process.env, ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }) },
			// V8 loses track of code pages where WebAssembly comes and goes on several threads, and ends the process (nodejs/node issue 64500).
			execArgv: process.arch === 'x64' && process.platform === 'linux' ? ['--no-memory-protection-keys'] : [],
			// Ctrl-C at a terminal reaches the whole group of processes; the parent tells its hands what to do.
			detached: true,
		});
		hand.on('error', () => undefined);
		this.all.add(hand);
		hand.once('exit', () => {
			this.all.delete(hand);
			const at = this.idle.indexOf(hand);
			if (at >= 0) this.idle.splice(at, 1);
		});
		return hand;
	}
}
