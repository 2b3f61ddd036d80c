/**
 * Trains a small GPT of which only k blocks are on the device. Host and device are two memories: all weights and Adam's moments of the
 * blocks lie in the host's; the device's holds k slots for weights, one for a gradient, the inputs of all blocks, and the shared part
 * (embedding and head, with their gradients and moments). What moves is copied from one memory to the other and counted. Backward
 * computes a block's inside again from its input, so no more than the inputs is kept.
 */
import {
	type AdamOptions,
	type Address,
	Arena,
	adamScalars,
	blockWeightLayout,
	Embedding,
	type GptShape,
	Head,
	initializeSegment,
	type Kernels,
	segmentLayouts,
	TransformerBlock,
} from '@assay/learning';

export interface StreamedTrainerOptions {
	readonly seed: number;
	readonly adam: AdamOptions;
	/** Blocks on the device, k. */
	readonly window: number;
	/** Where blocks are updated. */
	readonly optimizer: 'host' | 'device';
}

/** Addresses of one segment's values and of Adam's two moments. */
interface State {
	readonly weights: Address;
	readonly firstMoments: Address;
	readonly secondMoments: Address;
}

export class StreamedTrainer {
	readonly shape: GptShape;
	/** Of the latest step, in blocks. Moments that travel with a block (optimizer on the device) are counted apart. */
	traffic = { unitsIn: 0, unitsOut: 0, momentsIn: 0, momentsOut: 0 };
	private readonly options: StreamedTrainerOptions;
	private readonly host: Kernels;
	private readonly device: Kernels;
	private readonly hostArena: Arena;
	private readonly deviceArena: Arena;
	private readonly embedding: Embedding;
	private readonly block: TransformerBlock;
	private readonly head: Head;
	private readonly blockLength: number;
	/** Blocks on the host. */
	private readonly blocks: readonly State[];
	private readonly hostGradient: Address;
	/** Slots on the device, and which block stands in each; -1: none. */
	private readonly slots: readonly Address[];
	private readonly standing: number[];
	private readonly deviceGradient: Address;
	private readonly deviceMoments: readonly [Address, Address];
	private readonly shared: readonly {
		readonly segment: number;
		readonly length: number;
		readonly state: State;
		readonly gradients: Address;
	}[];
	private readonly activations: readonly Address[];
	private readonly gradient: Address;
	private readonly tokens: Address;
	private readonly targets: Address;
	private steps = 0;

	/** `host` and `device` are kernels over two separate memories. */
	constructor(host: Kernels, device: Kernels, shape: GptShape, options: StreamedTrainerOptions) {
		const { window, seed } = options;
		if (!(window >= 1 && window <= shape.layers))
			throw new RangeError(`a window of ${window} does not exist for ${shape.layers} blocks`);
		this.shape = shape;
		this.options = options;
		this.host = host;
		this.device = device;
		this.hostArena = new Arena(host.memory);
		this.deviceArena = new Arena(device.memory);
		const { hostArena, deviceArena } = this;
		const length = blockWeightLayout(shape).length;
		this.blockLength = length;
		const rows = shape.batch * shape.sequenceTokens;
		this.blocks = Array.from({ length: shape.layers }, () => stateIn(hostArena, length));
		this.hostGradient = hostArena.floats(length);
		this.embedding = new Embedding(device, shape);
		this.block = new TransformerBlock(device, shape, deviceArena);
		this.head = new Head(device, shape, deviceArena);
		this.slots = Array.from({ length: window }, () => deviceArena.floats(length));
		this.standing = this.slots.map(() => -1);
		this.deviceGradient = deviceArena.floats(length);
		this.deviceMoments =
			options.optimizer === 'device'
				? [deviceArena.floats(length), deviceArena.floats(length)]
				: [deviceArena.used, deviceArena.used];
		this.activations = Array.from({ length: shape.layers + 1 }, () => deviceArena.floats(rows * shape.width));
		this.gradient = deviceArena.floats(rows * shape.width);
		this.tokens = deviceArena.floats(rows);
		this.targets = deviceArena.floats(rows);
		this.shared = [0, shape.layers + 1].map((segment) => {
			const own = segmentLayouts(shape)[segment]?.length ?? 0;
			return { segment, length: own, state: stateIn(deviceArena, own), gradients: deviceArena.floats(own) };
		});
		for (const { segment, length: own, state } of this.shared) initialize(shape, segment, seed, deviceArena, state, own);
		for (const [layer, state] of this.blocks.entries()) initialize(shape, layer + 1, seed, hostArena, state, length);
		for (let layer = 0; layer < window; layer++) this.bring(layer);
	}

	/** Bytes of the device's memory in use. */
	get deviceBytes(): number {
		return this.deviceArena.used;
	}

	get hostBytes(): number {
		return this.hostArena.used;
	}

	/** All parameters, segment after segment. */
	parameters(): Float32Array {
		const [embedding, head] = this.shared;
		if (embedding === undefined || head === undefined) throw new Error('no shared segments');
		const parts = [
			this.deviceArena.view(embedding.state.weights, embedding.length),
			...this.blocks.map(({ weights }) => this.hostArena.view(weights, this.blockLength)),
			this.deviceArena.view(head.state.weights, head.length),
		];
		const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
		let at = 0;
		for (const part of parts) {
			all.set(part, at);
			at += part.length;
		}
		return all;
	}

	/** One step of Adam. Returns the mean loss before the step. */
	step(tokens: Int32Array, targets: Int32Array): number {
		const { layers } = this.shape;
		const { window, optimizer } = this.options;
		const [embedding, head] = this.shared;
		if (embedding === undefined || head === undefined) throw new Error('no shared segments');
		this.traffic = { unitsIn: 0, unitsOut: 0, momentsIn: 0, momentsOut: 0 };
		this.steps++;
		const buffer = this.device.memory.buffer;
		new Int32Array(buffer, this.tokens, tokens.length).set(tokens);
		new Int32Array(buffer, this.targets, targets.length).set(targets);
		for (const { gradients, length } of this.shared) this.deviceArena.view(gradients, length).fill(0);
		const activation = (layer: number) => this.activations[layer] as Address;

		this.embedding.forward(embedding.state.weights, this.tokens, activation(0));
		for (let layer = 0; layer < layers; layer++) {
			this.block.forward(this.slotOf(layer), activation(layer), activation(layer + 1));
			// The host has a copy, so a block is dropped and the next takes its slot.
			if (layer + window < layers) this.bring(layer + window, layer);
		}
		const loss = this.head.step(head.state.weights, activation(layers), this.targets, this.gradient, head.gradients);
		for (let layer = layers - 1; layer >= 0; layer--) {
			this.deviceArena.view(this.deviceGradient, this.blockLength).fill(0);
			this.block.backward(this.slotOf(layer), activation(layer), {}, this.gradient, this.gradient, this.deviceGradient);
			if (optimizer === 'host') this.updateOnHost(layer);
			else this.updateOnDevice(layer);
			if (layer - window >= 0) this.bring(layer - window, layer);
		}
		this.embedding.backward(this.tokens, this.gradient, embedding.gradients);
		for (const { state, gradients, length } of this.shared) this.adam(this.device, state, gradients, length);
		// The host has updated what stands on the device: it comes again.
		if (optimizer === 'host') for (let layer = 0; layer < window; layer++) this.bring(layer, layer);
		return loss;
	}

	private slotOf(layer: number): Address {
		const slot = this.standing.indexOf(layer);
		if (slot < 0) throw new Error(`block ${layer} is not on the device`);
		return this.slots[slot] as Address;
	}

	/** Copies a block's weights into the slot of another, or into an empty one. */
	private bring(layer: number, inPlaceOf = -1): void {
		const slot = this.standing.indexOf(inPlaceOf);
		const from = this.blocks[layer]?.weights ?? 0;
		this.copyIn(from, this.slots[slot] as Address);
		this.standing[slot] = layer;
		this.traffic.unitsIn++;
	}

	private updateOnHost(layer: number): void {
		this.copyOut(this.deviceGradient, this.hostGradient);
		this.traffic.unitsOut++;
		this.adam(this.host, this.blocks[layer] as State, this.hostGradient, this.blockLength);
	}

	private updateOnDevice(layer: number): void {
		const there = this.blocks[layer] as State;
		const [firstMoments, secondMoments] = this.deviceMoments;
		const slot = this.slotOf(layer);
		this.copyIn(there.firstMoments, firstMoments);
		this.copyIn(there.secondMoments, secondMoments);
		this.traffic.momentsIn++;
		this.adam(this.device, { weights: slot, firstMoments, secondMoments }, this.deviceGradient, this.blockLength);
		this.copyOut(firstMoments, there.firstMoments);
		this.copyOut(secondMoments, there.secondMoments);
		this.traffic.momentsOut++;
		this.copyOut(slot, there.weights);
		this.traffic.unitsOut++;
	}

	private adam(kernels: Kernels, state: State, gradients: Address, length: number): void {
		const scalars = adamScalars(this.options.adam, this.steps);
		kernels.adam(state.weights, state.firstMoments, state.secondMoments, gradients, length, ...scalars);
	}

	private copyIn(from: Address, to: Address): void {
		this.deviceArena.view(to, this.blockLength).set(this.hostArena.view(from, this.blockLength));
	}

	private copyOut(from: Address, to: Address): void {
		this.hostArena.view(to, this.blockLength).set(this.deviceArena.view(from, this.blockLength));
	}
}

function stateIn(arena: Arena, length: number): State {
	return { weights: arena.floats(length), firstMoments: arena.floats(length), secondMoments: arena.floats(length) };
}

function initialize(shape: GptShape, segment: number, seed: number, arena: Arena, state: State, length: number): void {
	initializeSegment(shape, segment, seed, arena.view(state.weights, length));
	for (const zeros of [state.firstMoments, state.secondMoments]) arena.view(zeros, length).fill(0);
}
