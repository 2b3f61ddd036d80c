/** What a run may use of the world. Everything else (the clock, chance, files, the network) is out of a system's reach. */
import { DataUnavailableError } from './errors.ts';
import { createRandom, type Random } from './random.ts';

/** A file as a run sees it: read as a stream when it may not fit, as text when it is known to be small. */
export interface DataFile {
	/** File name without folders, for error messages. */
	readonly name: string;
	readonly bytes: number;
	stream(): AsyncIterable<Uint8Array>;
	/** The whole file as UTF-8. Raises an InputError beyond `limitBytes` (64 MiB unless told). */
	text(limitBytes?: number): Promise<string>;
	/** The whole file. Raises an InputError beyond `limitBytes` (64 MiB unless told). */
	arrayBuffer(limitBytes?: number): Promise<ArrayBuffer>;
}

/**
 * A function that can run on another thread: an exported task, found again there by the module's URL and its name.
 * Items and results are structured-cloneable, and the function depends on nothing but its item.
 */
export interface ParallelTask<Item, Result> {
	/** `import.meta.url` of the module that exports this very task. */
	readonly module: string;
	/** Name it is exported under. */
	readonly name: string;
	/** Runs one item. `pause` is the run's own: call it at least every 50 ms of computation. */
	readonly run: (item: Item, pause: () => Promise<void>) => Promise<Result>;
}

export interface RunContext {
	/** The run's seed, a non-negative integer. */
	readonly seed: number;
	/** The seeded generator; take named streams with `random.fork(name)`. */
	readonly random: Random;
	/** Aborted when the user stops the run. */
	readonly signal: AbortSignal;
	/** Reports how far the run is: a fraction from 0 to 1 that never falls and ends at 1, and what is being done. */
	progress(fraction: number, note: string): void;
	/** Lets the rest of the program breathe and raises the signal's reason if the run was stopped. Cheap: call it at least every 50 ms of computation. */
	pause(): Promise<void>;
	/** A line for the run's log. */
	log(level: 'info' | 'warning', message: string): void;
	/** Keeps a file with the run, whole or not at all; what may not fit in memory comes in pieces, which stay as they were given. Names are unique within a run and carry no folders. */
	artifact(name: string, content: Uint8Array | string | AsyncIterable<Uint8Array>, mediaType: string): Promise<void>;
	/** Opens data by reference: a source's name or a file of the user's. Raises `DataUnavailableError` if it is not to be had. */
	open(reference: string): Promise<DataFile>;
	/** Runs a task over items, on as many threads as the run was given; results come in the order of the items. */
	parallel<Item, Result>(
		task: ParallelTask<Item, Result>,
		items: readonly Item[],
		onResult?: (result: Result, index: number) => void,
	): Promise<Result[]>;
}

export interface ContextOptions {
	readonly seed?: number;
	readonly signal?: AbortSignal;
	readonly onProgress?: (fraction: number, note: string) => void;
	readonly onLog?: (level: 'info' | 'warning', message: string) => void;
	readonly onArtifact?: (name: string, content: Uint8Array, mediaType: string) => void | Promise<void>;
	/** Takes files that come in pieces; without it their pieces are joined for `onArtifact`. */
	readonly onArtifactStream?: (name: string, pieces: AsyncIterable<Uint8Array>, mediaType: string) => Promise<void>;
	readonly open?: (reference: string) => Promise<DataFile>;
	readonly parallel?: RunContext['parallel'];
}

/**
 * A context for using a system as a library, in a browser or in a test: everything happens on this thread. Without
 * `open`, data references raise `DataUnavailableError`.
 */
export function createContext(options: ContextOptions = {}): RunContext {
	const seed = options.seed ?? 0;
	const signal = options.signal ?? new AbortController().signal;
	const pause = createPause(signal);
	return {
		seed,
		random: createRandom(seed),
		signal,
		progress: options.onProgress ?? (() => undefined),
		pause,
		log: options.onLog ?? (() => undefined),
		artifact: async (name, content, mediaType) => {
			if (!/^[\w][\w.-]{0,119}$/.test(name))
				throw new RangeError(`artifact name ${JSON.stringify(name)} is not a plain file name`);
			const isWhole = typeof content === 'string' || content instanceof Uint8Array;
			if (!isWhole && options.onArtifactStream !== undefined) return options.onArtifactStream(name, content, mediaType);
			// Read to its end also where nobody keeps it: what a system learns on the way is part of its outputs.
			const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : isWhole ? content : await joined(content);
			await options.onArtifact?.(name, bytes, mediaType);
		},
		open:
			options.open ??
			((reference) => Promise.reject(new DataUnavailableError(`${reference}: this context was given no access to data`))),
		parallel:
			options.parallel ??
			(async (task, items, onResult) => {
				const results = [];
				for (const [index, item] of items.entries()) {
					const result = await task.run(item, pause);
					results.push(result);
					onResult?.(result, index);
					await pause();
				}
				return results;
			}),
	};
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	for await (const piece of pieces) parts.push(piece);
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** A `pause` that gives way to other work when 20 ms have passed since it last did. */
export function createPause(signal: AbortSignal): () => Promise<void> {
	let last = performance.now();
	return async () => {
		signal.throwIfAborted();
		if (performance.now() - last < 20) return;
		await giveWay();
		last = performance.now();
		signal.throwIfAborted();
	};
}

/** One turn of the event loop, without the clamping that browsers put on timers. */
function giveWay(): Promise<void> {
	return new Promise((resolve) => {
		const channel = new MessageChannel();
		channel.port1.onmessage = () => {
			channel.port1.close();
			resolve();
		};
		channel.port2.postMessage(null);
	});
}

/** A small file held in memory, for tests and for data generated on the spot. */
export function memoryFile(name: string, content: string | Uint8Array): DataFile {
	const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
	return {
		name,
		bytes: bytes.byteLength,
		async *stream() {
			yield bytes;
		},
		text: async () => new TextDecoder().decode(bytes),
		// A Buffer's own slice copies nothing.
		arrayBuffer: async () => new Uint8Array(bytes).buffer,
	};
}
