/** Searches that a server works on: the method is asked, its runs are worked off, and it is told what came of them, until it is over or stopped. */
import { InputError } from '@assay/contract';
import type { RunStore } from '../run-store.ts';
import { type SearchSweep, workOnSearch } from './search-sweep.ts';

export class BackgroundSearches {
	private readonly store: RunStore;
	private readonly workOff: (sweep: string, signal: AbortSignal) => Promise<void>;
	private readonly onFault: (error: unknown) => void;
	private readonly active = new Map<string, { readonly controller: AbortController; readonly work: Promise<void> }>();
	private readonly mistakes = new Map<string, string>();

	/** `workOff` works off what is queued of a sweep, and returns early when the signal aborts. `onFault` hears of what is no user's mistake. */
	constructor(
		store: RunStore,
		workOff: (sweep: string, signal: AbortSignal) => Promise<void>,
		onFault: (error: unknown) => void,
	) {
		this.store = store;
		this.workOff = workOff;
		this.onFault = onFault;
	}

	/** Begins to work on a search, or goes on with it; nothing happens if that is under way. */
	start(search: SearchSweep): void {
		if (this.active.has(search.id)) return;
		this.mistakes.delete(search.id);
		const controller = new AbortController();
		const { signal } = controller;
		const work = workOnSearch(this.store, search, async (sweep) => (signal.aborted ? undefined : this.workOff(sweep, signal)))
			.then(() => undefined)
			.catch((error: unknown) => {
				if (error instanceof InputError) this.mistakes.set(search.id, error.message);
				else this.onFault(error);
			})
			.finally(() => this.active.delete(search.id));
		this.active.set(search.id, { controller, work });
	}

	/** Asks for no further runs of a search. */
	stop(id: string): boolean {
		this.active.get(id)?.controller.abort();
		return this.active.has(id);
	}

	has(id: string): boolean {
		return this.active.has(id);
	}

	/** Why a search ended that cannot go on as it was asked for; null otherwise. */
	mistake(id: string): string | null {
		return this.mistakes.get(id) ?? null;
	}

	/** Stops all and waits until each has. */
	async close(): Promise<void> {
		for (const { controller } of this.active.values()) controller.abort();
		await Promise.all([...this.active.values()].map(({ work }) => work));
	}
}
