/**
 * One step of a streamed training: promises for what is on its way, and the order in which the GPU takes it. Reads start as buffers
 * become free; what the GPU does not wait for goes on beside it.
 */
import { adamScalars, type Saved } from '@assay/learning';
import { type Arrival, filled, inOrder } from './arrivals.ts';
import { batchOf } from './batches.ts';
import { BufferPool } from './buffer-pool.ts';
import type { DriveCommand } from './drive-worker.ts';
import type { GpuCommand } from './gpu-worker.ts';
import type { Lane } from './lane.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { OptimizerCommand } from './optimizer-worker.ts';
import type { Places } from './places.ts';
import type { SegmentPlace, StateLayout } from './state-layout.ts';
import type { StreamingOptions } from './streaming-options.ts';

/** What a step works with; the same for all steps but for the two state files. */
export interface StepSetting {
	readonly options: StreamingOptions;
	readonly layout: StateLayout;
	readonly plan: MemoryPlan;
	readonly places: Places;
	readonly memory: WebAssembly.Memory;
	readonly gpu: Lane<GpuCommand>;
	readonly processor: Lane<OptimizerCommand>;
	readonly drives: Lane<DriveCommand>;
	/** Files of the last complete step's state and of this one's; scratch files. */
	readonly source: string;
	readonly target: string;
	readonly activationFile: string;
	readonly gradientFile: string;
}

/** One step. */
export class StepRun {
	private readonly setting: StepSetting;
	private readonly options: StreamingOptions;
	private readonly plan: MemoryPlan;
	private readonly places: Places;
	private readonly weights: BufferPool;
	private readonly gradients: BufferPool;
	private readonly optimizer: BufferPool;
	private readonly records: BufferPool;
	/** Work that goes on beside the GPU's; the step ends when all is done, or with the first failure. */
	private readonly background: Promise<unknown>[] = [];
	private readonly failure = Promise.withResolvers<never>();

	constructor(setting: StepSetting) {
		const { places } = setting;
		this.setting = setting;
		this.options = setting.options;
		this.plan = setting.plan;
		this.places = places;
		this.weights = new BufferPool(places.weights);
		this.gradients = new BufferPool(places.gradients);
		this.optimizer = new BufferPool(places.optimizer);
		this.records = new BufferPool(places.records);
	}

	/** Runs step number `step` and returns the loss. After a failure whatever still waits for a buffer waits in vain and is dropped. */
	run(step: number): Promise<number> {
		this.failure.promise.catch(() => undefined);
		return Promise.race([this.wholeStep(step), this.failure.promise]);
	}

	private async wholeStep(step: number): Promise<number> {
		const { shape, seed, text } = this.options;
		const { tokens, targets } = batchOf(shape, seed, step, text);
		const { buffer } = this.setting.memory;
		new Int32Array(buffer, this.places.tokens, tokens.length).set(tokens);
		new Int32Array(buffer, this.places.targets, targets.length).set(targets);
		const { layers } = shape;
		const head = layers + 1;
		const forward = Array.from({ length: layers + 2 }, (_, segment) => segment);
		const backward = Array.from({ length: layers }, (_, index) => layers - index);
		const weights = inOrder([...forward, ...backward], this.weights, (segment, address) =>
			this.drive('read weights', this.setting.source, this.segment(segment).offset, address, this.segment(segment).runBytes),
		);
		await this.forward(weights);
		const spilled = Array.from({ length: this.plan.spilledLayers }, (_, index) => this.plan.spilledLayers - 1 - index);
		const records = inOrder(spilled, this.records, (layer, address) => this.moveRecord('read activations', layer, address));
		const order = [head, ...backward, 0];
		const inside = this.options.mode === 'inside-backward';
		const states = inside ? inOrder(order, this.optimizer, (segment, address) => this.readState(segment, address)) : [];
		const loss = await this.backward(step, weights, records, order, states);
		await Promise.all(this.background);
		if (!inside) for (const segment of order) await this.updateAlone(segment, step);
		return loss;
	}

	private async forward(weights: readonly Arrival[]): Promise<void> {
		const { gpu } = this.setting;
		const { layers } = this.options.shape;
		let record = await this.recordFor(0);
		const embedding = await filled(weights, 0);
		await gpu.call({ do: 'embed', weights: embedding, tokens: this.places.tokens, output: record });
		this.weights.giveBack(embedding);
		for (let layer = 0; layer < layers; layer++) {
			const address = await filled(weights, layer + 1);
			const output = layer + 1 < layers ? await this.recordFor(layer + 1) : this.places.output;
			await gpu.call({ do: 'forward', weights: address, input: record, output, saved: this.savedAt(record) });
			this.weights.giveBack(address);
			if (layer < this.plan.spilledLayers) {
				const done = record;
				this.beside(this.moveRecord('write activations', layer, done).then(() => this.records.giveBack(done)));
			}
			record = output;
		}
		// A record may only be read back once it has been written.
		await Promise.all(this.background.splice(0));
	}

	private async backward(
		step: number,
		weights: readonly Arrival[],
		records: readonly Arrival[],
		order: readonly number[],
		states: readonly Arrival[],
	): Promise<number> {
		const { gpu } = this.setting;
		const { layers } = this.options.shape;
		const { output, gradient, tokens, targets } = this.places;
		let loss = 0;
		for (const [index, segment] of order.entries()) {
			const { parameters: length } = this.segment(segment);
			const gradients = this.places.parked.get(segment) ?? (await this.gradients.take());
			if (segment === layers + 1) {
				const address = await filled(weights, segment);
				loss = await gpu.call({
					do: 'head',
					weights: address,
					input: output,
					targets,
					gradientInput: gradient,
					gradients,
					length,
				});
				this.weights.giveBack(address);
			} else if (segment > 0) {
				const layer = segment - 1;
				const address = await filled(weights, layers + 1 + index);
				const resident = this.places.resident.get(layer);
				const record = resident ?? (await filled(records, this.plan.spilledLayers - 1 - layer));
				await gpu.call({
					do: 'backward',
					weights: address,
					input: record,
					saved: this.savedAt(record),
					gradient,
					gradients,
					length,
				});
				this.weights.giveBack(address);
				if (resident === undefined) this.records.giveBack(record);
			} else await gpu.call({ do: 'embed backward', tokens, gradient, gradients, length });
			if (this.options.mode === 'inside-backward') this.beside(this.updateAtOnce(segment, step, gradients, states, index));
			else if (!this.places.parked.has(segment)) {
				const { offset, runBytes } = this.segment(segment);
				const path = this.setting.gradientFile;
				this.beside(this.drive('write', path, offset / 3, gradients, runBytes).then(() => this.gradients.giveBack(gradients)));
			}
		}
		return loss;
	}

	/** Inside backward: updates as soon as state and gradient are there; the write may wait for the next segment's read. */
	private async updateAtOnce(
		segment: number,
		step: number,
		gradients: number,
		states: readonly Arrival[],
		index: number,
	): Promise<void> {
		const buffer = await filled(states, index);
		await this.update(segment, step, buffer, gradients);
		this.gradients.giveBack(gradients);
		if (this.options.readBeforeWrite) await states[index + 1]?.issued;
		await this.writeState(segment, buffer);
		this.optimizer.giveBack(buffer);
	}

	/** After backward: reads, updates and writes one segment. */
	private async updateAlone(segment: number, step: number): Promise<void> {
		const buffer = await this.optimizer.take();
		await this.readState(segment, buffer);
		const parked = this.places.parked.get(segment);
		const gradients = parked ?? (await this.gradients.take());
		const { offset, runBytes } = this.segment(segment);
		if (parked === undefined) await this.drive('read', this.setting.gradientFile, offset / 3, gradients, runBytes);
		await this.update(segment, step, buffer, gradients);
		if (parked === undefined) this.gradients.giveBack(gradients);
		await this.writeState(segment, buffer);
		this.optimizer.giveBack(buffer);
	}

	private update(segment: number, step: number, buffer: number, gradients: number): Promise<number> {
		const { parameters: length, runBytes } = this.segment(segment);
		return this.setting.processor.call({
			do: 'update',
			weights: buffer,
			firstMoments: buffer + runBytes,
			secondMoments: buffer + 2 * runBytes,
			gradients,
			length,
			scalars: adamScalars(this.options.adam, step),
		});
	}

	private readState(segment: number, address: number): Promise<number> {
		const { offset, runBytes } = this.segment(segment);
		return this.drive('read state', this.setting.source, offset, address, 3 * runBytes);
	}

	private writeState(segment: number, address: number): Promise<number> {
		const { offset, runBytes } = this.segment(segment);
		return this.drive('write state', this.setting.target, offset, address, 3 * runBytes);
	}

	private moveRecord(what: 'read activations' | 'write activations', layer: number, address: number): Promise<number> {
		const { recordBytes } = this.plan;
		return this.drive(what, this.setting.activationFile, layer * recordBytes, address, recordBytes);
	}

	private drive(
		what: Exclude<DriveCommand['do'], 'flush'>,
		path: string,
		offset: number,
		address: number,
		bytes: number,
	): Promise<number> {
		return this.setting.drives.call({ do: what, path, offset, address, bytes });
	}

	private async recordFor(layer: number): Promise<number> {
		return this.places.resident.get(layer) ?? (await this.records.take());
	}

	private savedAt(record: number): Saved {
		return Object.fromEntries(Object.entries(this.plan.itemOffsets).map(([item, offset]) => [item, record + offset]));
	}

	private beside(work: Promise<unknown>): void {
		work.catch(this.failure.reject);
		this.background.push(work);
	}

	private segment(index: number): SegmentPlace {
		const segment = this.setting.layout.segments[index];
		if (segment === undefined) throw new RangeError(`no segment ${index}`);
		return segment;
	}
}
