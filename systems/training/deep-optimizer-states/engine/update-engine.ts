/**
 * Adam on two memories, for real: a host arena and a device arena of fixed size, a thread for each lane, copies held to the link's
 * bandwidth. It executes the very jobs that the simulation predicts, on real arrays, so that both the bits of the result and the time
 * of each job can be looked at. The device's arithmetic is this computer's as well; what is real about it is the memory that it
 * alone may use, the copies and the overlap.
 */
import { Worker } from 'node:worker_threads';
import {
	type AdamOptions,
	type AdamScalarList,
	adamScalars,
	compileKernels,
	createKernelMemory,
	instantiateKernels,
	type Kernels,
} from '@assay/learning';
import { LANES, type UpdateJob, updateJobs } from '../update/update-jobs.ts';
import type { UpdatePlan } from '../update/update-plan.ts';
import type { Copy, LaneOrder, LaneReport, LaneSetup, LaneWork } from './lane-work.ts';
import { layOutState, type StateAddresses, type StateLayout } from './state-layout.ts';

export interface EngineOptions {
	readonly plan: UpdatePlan;
	readonly adam: AdamOptions;
	/** Largest norm of the gradient over all parameters; null: no clipping. */
	readonly clipNorm: number | null;
	/** Bandwidth between the memories in each direction, bytes/s; infinite: as fast as memory. */
	readonly linkBytesPerSecond: number;
}

/** A step as it went. */
export interface MeasuredStep {
	/** False where the gradients held an infinity or a NaN: then nothing was changed. */
	readonly isUpdated: boolean;
	readonly seconds: number;
	/** By job number; start and end from the start of the step. */
	readonly reports: readonly LaneReport[];
}

export class UpdateEngine {
	readonly jobs: readonly UpdateJob[];
	readonly layout: StateLayout;
	private readonly options: EngineOptions;
	private readonly memories: { readonly host: WebAssembly.Memory; readonly device: WebAssembly.Memory };
	private readonly kernels: { readonly host: Kernels; readonly device: Kernels };
	private readonly lanes: readonly Worker[];
	private steps = 0;
	/** Who hears from the lanes while a step is under way. */
	private listener:
		| { readonly onReports: (ofLane: readonly LaneReport[]) => void; readonly onFault: (error: Error) => void }
		| undefined;

	private constructor(options: EngineOptions, layout: StateLayout, module: WebAssembly.Module) {
		this.options = options;
		this.layout = layout;
		this.jobs = updateJobs(options.plan);
		const memory = (bytes: number): WebAssembly.Memory => createKernelMemory(bytes, { shared: true, maximumBytes: bytes });
		this.memories = { host: memory(layout.hostBytes), device: memory(layout.deviceBytes) };
		const { host, device } = this.memories;
		this.kernels = { host: instantiateKernels(module, host), device: instantiateKernels(module, device) };
		const done = new Int32Array(new SharedArrayBuffer(4 * this.jobs.length));
		const setup: LaneSetup = { module, host, device, done, linkBytesPerSecond: options.linkBytesPerSecond };
		this.lanes = LANES.map((name) =>
			new Worker(new URL('./lane-thread.ts', import.meta.url), { workerData: setup, name })
				.on('message', (reports: readonly LaneReport[]) => this.listener?.onReports(reports))
				.on('error', (error: Error) => this.listener?.onFault(error)),
		);
	}

	/** Takes the memory and starts the threads. Raises a RangeError for more than 4 GiB on either side. */
	static async create(options: EngineOptions): Promise<UpdateEngine> {
		const layout = layOutState(options.plan);
		return new UpdateEngine(options, layout, await compileKernels({ shared: true }));
	}

	async close(): Promise<void> {
		await Promise.all(this.lanes.map((lane) => lane.terminate()));
	}

	/** fp32 weights of a sub-group, wherever they live now. */
	weights(group: number): Float32Array {
		const hostState = this.layout.hostState[group];
		const size = this.options.plan.sizes[group] as number;
		return hostState === null || hostState === undefined
			? new Float32Array(this.memories.device.buffer, (this.layout.deviceState[group] as StateAddresses).weights, size)
			: new Float32Array(this.memories.host.buffer, hostState.weights, size);
	}

	/** Where a sub-group's gradient is to be put before a step. */
	gradient(group: number): Float32Array {
		const { tier, address } = this.layout.gradient[group] as StateLayout['gradient'][number];
		return new Float32Array(this.memories[tier].buffer, address, this.options.plan.sizes[group] as number);
	}

	/** 16-bit weights of a sub-group on the device, as the next forward pass would read them. */
	halves(group: number): Uint16Array {
		return new Uint16Array(this.memories.device.buffer, this.layout.halves[group], this.options.plan.sizes[group] as number);
	}

	/** Updates everything from the gradients. Rejects if a thread fails, or with the signal's reason when it is stopped. */
	async step(signal?: AbortSignal): Promise<MeasuredStep> {
		const scale = this.gradientScale();
		if (scale === null) return { isUpdated: false, seconds: 0, reports: [] };
		this.steps++;
		const scalars = adamScalars(this.options.adam, this.steps, scale);
		const began = Number(process.hrtime.bigint()) / 1e9;
		const reports = await this.execute(scalars, signal);
		const seconds = Math.max(0, ...reports.map(({ endSeconds }) => endSeconds)) - began;
		const shifted = reports.map(({ job, startSeconds, endSeconds }) => ({
			job,
			startSeconds: startSeconds - began,
			endSeconds: endSeconds - began,
		}));
		return { isUpdated: true, seconds, reports: shifted };
	}

	/** Factor that brings the gradient's norm down to the limit, or null where the norm is not finite. Sums in the order of the sub-groups. */
	private gradientScale(): number | null {
		let squares = 0;
		for (const [group, { tier, address }] of this.layout.gradient.entries()) {
			squares += this.kernels[tier].sumOfSquares(address, 1, this.options.plan.sizes[group] as number);
		}
		const norm = Math.sqrt(squares);
		if (!Number.isFinite(norm)) return null;
		const { clipNorm } = this.options;
		return clipNorm === null || norm <= clipNorm ? 1 : clipNorm / norm;
	}

	private execute(scalars: AdamScalarList, signal: AbortSignal | undefined): Promise<LaneReport[]> {
		const { jobs, lanes, steps } = this;
		const work = lanes.map((): LaneWork[] => []);
		for (const [job, { lane }] of jobs.entries()) work[lane]?.push(this.workOf(job, scalars));
		return new Promise((resolve, reject) => {
			const reports: LaneReport[] = [];
			let missing = lanes.length;
			const settle = (end: () => void): void => {
				this.listener = undefined;
				signal?.removeEventListener('abort', stop);
				end();
			};
			const stop = (): void => settle(() => reject(signal?.reason));
			this.listener = {
				onFault: (error) => settle(() => reject(error)),
				onReports: (ofLane) => {
					for (const report of ofLane) reports[report.job] = report;
					if (--missing === 0) settle(() => resolve(reports));
				},
			};
			signal?.addEventListener('abort', stop, { once: true });
			for (const [index, lane] of lanes.entries()) lane.postMessage({ step: steps, work: work[index] ?? [] } satisfies LaneOrder);
		});
	}

	private workOf(job: number, scalars: AdamScalarList): LaneWork {
		const { kind, group, buffer, after } = this.jobs[job] as UpdateJob;
		const size = this.options.plan.sizes[group] as number;
		const { layout } = this;
		const gradient = (layout.gradient[group] as StateLayout['gradient'][number]).address;
		const onHost = layout.hostState[group] ?? { weights: 0, momentum: 0, variance: 0 };
		const onDevice = layout.deviceState[group] as StateAddresses;
		const half = layout.halves[group] as number;
		const pinned = layout.buffers[buffer] as number;
		const weightsIn: Copy = { from: 'host', source: pinned, target: half, bytes: 2 * size };
		switch (kind) {
			case 'update':
				return { job, after, update: { tier: 'host', state: onHost, gradient, size, scalars }, copies: [] };
			case 'inline update':
				return {
					job,
					after,
					update: { tier: 'host', state: onHost, gradient, size, scalars },
					convert: { tier: 'host', source: onHost.weights, target: pinned, size },
					copies: [weightsIn],
				};
			case 'convert':
				return { job, after, convert: { tier: 'host', source: onHost.weights, target: pinned, size }, copies: [] };
			case 'weights in':
				return { job, after, copies: [weightsIn] };
			case 'state in':
				return { job, after, copies: stateCopies('host', onHost, onDevice, size) };
			case 'state out':
				return { job, after, copies: stateCopies('device', onDevice, onHost, size) };
			case 'GPU update':
				return {
					job,
					after,
					update: { tier: 'device', state: onDevice, gradient, size, scalars },
					convert: { tier: 'device', source: onDevice.weights, target: half, size },
					copies: [],
				};
		}
	}
}

function stateCopies(from: 'host' | 'device', source: StateAddresses, target: StateAddresses, size: number): Copy[] {
	return (['weights', 'momentum', 'variance'] as const).map((array) => ({
		from,
		source: source[array],
		target: target[array],
		bytes: 4 * size,
	}));
}
