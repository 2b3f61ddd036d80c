/**
 * Trains a small GPT whose weights and Adam state live in files, in the order of the published system, on real threads:
 *
 *   GPU        one thread with the kernels: forward and backward, segment by segment
 *   processor  one thread with the kernels: Adam
 *   drives     threads that serve one queue of reads and writes, first come first served
 *
 * This thread only decides: it starts reads as buffers become free and hands out work as data arrive. In the mode `inside-backward` each
 * gradient is applied at once: the segment's state is read ahead, updated and written to the other state file while the GPU works on. In the
 * mode `after-backward` gradients wait until backward is over, and segments are then read, updated and written one after the other. Either
 * way the update of step k is complete before step k + 1, and every float is computed by the same instructions in the same order: the
 * parameters are the same bits as those of training in memory.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { compileKernels, createKernelMemory } from '@assay/learning';
import type { DriveCommand, DriveWorkerData } from './drive-worker.ts';
import type { GpuCommand, GpuWorkerData } from './gpu-worker.ts';
import { createJournal, type Journal, openJournal } from './journal.ts';
import { Lane, type Span } from './lane.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import type { OptimizerCommand, OptimizerWorkerData } from './optimizer-worker.ts';
import { layPlaces, type Places } from './places.ts';
import { type StateLayout, stateLayout } from './state-layout.ts';
import { StepRun } from './step-run.ts';
import type { StreamingOptions } from './streaming-options.ts';

export interface StepReport {
	/** Number of updates done, this one included. */
	readonly step: number;
	readonly loss: number;
	readonly seconds: number;
	readonly spans: readonly Span[];
}

const SCRATCH = { activations: 'activations.bin', gradients: 'gradients.bin' } as const;
const STATE = ['state.0.bin', 'state.1.bin'] as const;

export class StreamingTrainer {
	readonly layout: StateLayout;
	readonly plan: MemoryPlan;
	/** Bytes of the kernels' memory: everything that training holds. */
	memoryBytes = 0;
	private readonly options: StreamingOptions;
	private readonly memory: WebAssembly.Memory;
	private readonly gpu: Lane<GpuCommand>;
	private readonly processor: Lane<OptimizerCommand>;
	private readonly drives: Lane<DriveCommand>;
	private journal: Journal | undefined;
	private spans: Span[] = [];
	private places: Places | undefined;
	private readonly onAbort: () => void;

	private constructor(options: StreamingOptions, module: WebAssembly.Module) {
		const { shape } = options;
		this.options = options;
		this.layout = stateLayout(shape);
		this.plan = planMemory(shape, this.layout, { ...options, parkGradients: options.mode === 'after-backward' });
		this.memory = createKernelMemory(1 << 16, { shared: true });
		const record = (span: Span): void => void this.spans.push(span);
		const gpuData: GpuWorkerData = { module, memory: this.memory, shape };
		this.gpu = new Lane('GPU', new URL('./gpu-worker.ts', import.meta.url), gpuData, 1, record);
		const optimizerData: OptimizerWorkerData = { module, memory: this.memory };
		this.processor = new Lane('processor', new URL('./optimizer-worker.ts', import.meta.url), optimizerData, 1, record);
		const driveData: DriveWorkerData = {
			memory: this.memory,
			requestBytes: options.requestBytes,
			bytesPerSecond: options.throttleBytesPerSecond,
		};
		this.drives = new Lane('drives', new URL('./drive-worker.ts', import.meta.url), driveData, options.driveThreads, record);
		this.onAbort = () => void this.endLanes(options.signal?.reason);
		options.signal?.addEventListener('abort', this.onAbort, { once: true });
	}

	/**
	 * Starts a training, or goes on with one that the folder holds. Raises an `InputError` where the folder holds another training or
	 * the caps are too small, and the file system's error where a file cannot be made.
	 */
	static async open(options: StreamingOptions): Promise<StreamingTrainer> {
		options.signal?.throwIfAborted();
		const trainer = new StreamingTrainer(options, await compileKernels({ shared: true }));
		try {
			await trainer.prepare();
			return trainer;
		} catch (error) {
			await trainer.close();
			throw error;
		}
	}

	/** Updates done so far. */
	get steps(): number {
		return this.journal?.records.at(-1)?.step ?? 0;
	}

	/** One step. After a failure the trainer can only be closed; the state of the last complete step stays in its file. */
	async step(): Promise<StepReport> {
		const { journal, places } = this;
		const last = journal?.records.at(-1);
		if (journal === undefined || places === undefined || last === undefined) throw new Error('the trainer is closed');
		this.options.signal?.throwIfAborted();
		this.spans = [];
		const started = performance.now();
		const source = this.path(STATE[last.file]);
		const next = last.file === 0 ? 1 : 0;
		const target = this.path(STATE[next]);
		const { options, layout, plan, memory, gpu, processor, drives } = this;
		const files = { activationFile: this.path(SCRATCH.activations), gradientFile: this.path(SCRATCH.gradients), source, target };
		const run = new StepRun({ options, layout, plan, places, memory, gpu, processor, drives, ...files });
		const loss = await run.run(last.step + 1);
		await this.drives.call({ do: 'flush', path: target });
		await journal.append({ step: last.step + 1, file: next, loss });
		return { step: last.step + 1, loss, seconds: (performance.now() - started) / 1000, spans: this.spans };
	}

	/** All parameters of the last complete step, segment after segment. */
	async parameters(): Promise<Float32Array<ArrayBuffer>> {
		const content = await readFile(this.path(STATE[this.journal?.records.at(-1)?.file ?? 0]));
		const { segments } = this.layout;
		const all = new Float32Array(segments.reduce((sum, { parameters }) => sum + parameters, 0));
		let at = 0;
		for (const { offset, parameters } of segments) {
			all.set(new Float32Array(content.buffer, content.byteOffset + offset, parameters), at);
			at += parameters;
		}
		return all;
	}

	/** Ends the threads and removes scratch files. State files and journal stay. */
	async close(): Promise<void> {
		this.options.signal?.removeEventListener('abort', this.onAbort);
		await this.endLanes(new Error('the trainer was closed'));
		this.journal = undefined;
		for (const name of Object.values(SCRATCH)) await rm(this.path(name), { force: true });
	}

	private path(name: string): string {
		return join(this.options.folder, name);
	}

	private async endLanes(reason: unknown): Promise<void> {
		await Promise.all([this.gpu.close(reason), this.processor.close(reason), this.drives.close(reason)]);
	}

	private async prepare(): Promise<void> {
		const { folder } = this.options;
		await mkdir(folder, { recursive: true });
		try {
			const workspaceBytes = await this.gpu.call({ do: 'prepare' });
			this.places = layPlaces(this.memory, workspaceBytes, this.options.shape, this.layout, this.plan);
		} catch (error) {
			if (!(error instanceof Error && error.message.includes('Memory.grow'))) throw error;
			throw new InputError({
				path: ['train'],
				found: 'buffers and workspace beyond 4 GiB',
				expected: 'a narrower model, fewer tokens a step, or smaller caps',
			});
		}
		this.memoryBytes = this.memory.buffer.byteLength;
		await this.makeFile(SCRATCH.activations, this.plan.spilledLayers * this.plan.recordBytes);
		await this.makeFile(SCRATCH.gradients, this.layout.bytes / 3);
		const settings = {
			shape: this.options.shape,
			seed: this.options.seed,
			adam: this.options.adam,
			textBytes: this.options.text?.length ?? 0,
		};
		this.journal = await openJournal(folder, settings);
		if (this.journal !== undefined && this.journal.records.length > 0) return;
		await rm(this.path('journal.jsonl'), { force: true });
		await this.initialize(this.places);
		await createJournal(folder, settings);
		this.journal = await openJournal(folder, settings);
		await this.journal?.append({ step: 0, file: 0, loss: null });
	}

	private async makeFile(name: string, bytes: number): Promise<void> {
		const file = await open(this.path(name), 'w');
		try {
			await file.truncate(bytes);
		} finally {
			await file.close();
		}
	}

	/** Writes the first state into both files, so that their space is taken before training starts. */
	private async initialize(places: Places): Promise<void> {
		for (const name of STATE) await this.makeFile(name, this.layout.bytes);
		const [buffer] = places.optimizer;
		if (buffer === undefined) throw new Error('no buffers');
		for (const [segment, { offset, runBytes }] of this.layout.segments.entries()) {
			new Uint8Array(this.memory.buffer, buffer, 3 * runBytes).fill(0);
			await this.gpu.call({ do: 'initialize', segment, seed: this.options.seed, into: buffer });
			for (const name of STATE)
				await this.drives.call({ do: 'write', path: this.path(name), offset, address: buffer, bytes: 3 * runBytes });
		}
		for (const name of STATE) await this.drives.call({ do: 'flush', path: this.path(name) });
	}
}
