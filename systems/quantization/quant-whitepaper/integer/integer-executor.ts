/**
 * Runs a network in integers: convolutions as panel products (`kernels/panels.ts`), everything else over bytes. All tensors have places of
 * their own, so that each can be looked at after a run.
 */
import { Arena, createKernelMemory } from '@assay/learning';
import { addFloat } from './add-float.ts';
import { type ConvolutionPlan, imageSizes, packWeights, planConvolution } from './convolution-plan.ts';
import { toFixedPoint } from './fixed-point.ts';
import type { Convolution, IntegerNetwork, IntegerStep, IntegerTensor, Pair } from './integer-network.ts';
import { tensorOf, valuesOf } from './integer-network.ts';
import { type Address, type IntegerKernels, integerKernels } from './kernels/kernels.ts';
import { PANEL_OUTPUTS, PANEL_PIXELS } from './kernels/panels.ts';
import { averagePool, concatenate, maxPool, multiplyFixed, softmax } from './simple-steps.ts';

/** Bytes of gathered panels that are worked on at a time: they should stay in a core's cache. */
const PANEL_BYTES = 1 << 18;

export class IntegerExecutor {
	readonly network: IntegerNetwork;
	private readonly places: ReadonlyMap<string, Address>;
	private readonly kernels: IntegerKernels;
	private readonly runs: readonly (() => void)[];

	private constructor(network: IntegerNetwork, kernels: IntegerKernels) {
		const arena = new Arena(kernels.memory);
		this.network = network;
		this.kernels = kernels;
		// The kernels load eight bytes at a time.
		this.places = new Map([...network.tensors].map(([name, tensor]) => [name, arena.bytes(valuesOf(tensor) + 8)]));
		this.runs = network.steps.map((step) => this.prepare(step, arena));
		for (const [name, values] of network.constants) this.values(name).set(values);
	}

	/** Places weights and tensors in a memory of their own. Raises a RangeError for shapes that do not fit together. */
	static async create(network: IntegerNetwork): Promise<IntegerExecutor> {
		return new IntegerExecutor(network, await integerKernels(createKernelMemory(1 << 20)));
	}

	/** The network's output, a view that the next run overwrites. Raises a RangeError for an input of another length. */
	run(input: Int8Array): Int8Array {
		const place = this.values(this.network.input);
		if (input.length !== place.length) throw new RangeError(`an input of ${input.length} values, not ${place.length}`);
		place.set(input);
		for (const run of this.runs) run();
		return this.values(this.network.output);
	}

	/** A tensor's values after the latest run; a view. */
	values(name: string): Int8Array {
		return new Int8Array(this.kernels.memory.buffer, this.placeOf(name), valuesOf(this.tensor(name)));
	}

	private tensor(name: string): IntegerTensor {
		return tensorOf(this.network, name);
	}

	private placeOf(name: string): Address {
		const place = this.places.get(name);
		if (place === undefined) throw new Error(`the network has no tensor ${name}`);
		return place;
	}

	private prepare(step: IntegerStep, arena: Arena): () => void {
		const output = this.tensor(step.output);
		const to = () => this.values(step.output);
		const { rescaling } = this.network;
		switch (step.kind) {
			case 'convolution':
				return this.prepareConvolution(step, arena);
			case 'addition':
				return this.prepareAddition(step, arena);
			case 'product':
				return this.prepareProduct(step, arena);
			case 'gather': {
				const [from, places, count] = [this.placeOf(step.input), this.keep(step.places, arena), step.places.length];
				return () => this.kernels.gather(from, places, this.placeOf(step.output), count, output.zeroPoint);
			}
			case 'concatenation':
				return () =>
					concatenate(
						step.inputs.map((name) => this.values(name)),
						step.runs,
						to(),
					);
			case 'reshape':
				return () => to().set(this.values(step.input));
			case 'lookup': {
				const [from, table] = [this.placeOf(step.input), this.keep(step.table, arena)];
				return () => this.kernels.lookUp(from, table, this.placeOf(step.output), valuesOf(output));
			}
			case 'softmax':
				return () => softmax(this.values(step.input), this.tensor(step.input), to(), output, step.beta, rescaling);
			case 'average-pool':
				return () => averagePool(step, this.values(step.input), this.tensor(step.input), to(), output, rescaling);
			case 'max-pool':
				return () => maxPool(step, this.values(step.input), this.tensor(step.input), to(), output);
		}
	}

	private prepareProduct({ left, right, output, low, high }: Pair, arena: Arena): () => void {
		const { kernels } = this;
		const [a, b, to] = [this.tensor(left), this.tensor(right), this.tensor(output)];
		const count = valuesOf(to);
		if (valuesOf(a) !== count || valuesOf(b) !== count) throw new RangeError(`${left} and ${right} differ in shape`);
		const factor = (a.scale * b.scale) / to.scale;
		if (this.network.rescaling === 'fixed-point') {
			return () => multiplyFixed({ low, high }, this.values(left), a, this.values(right), b, this.values(output), to);
		}
		const row = arena.bytes(count + 4);
		const [from, and, place] = [this.placeOf(left), this.placeOf(right), this.placeOf(output)];
		const { zeroPoint } = to;
		return () =>
			kernels.multiplyFloat(from, and, row, place, count, a.zeroPoint, b.zeroPoint, Math.fround(factor), zeroPoint, low, high);
	}

	/** Copies values into the kernels' memory. */
	private keep(values: Int32Array | Int16Array | Int8Array, arena: Arena): Address {
		const place = arena.bytes(values.byteLength);
		new Uint8Array(this.kernels.memory.buffer, place, values.byteLength).set(
			new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
		);
		return place;
	}

	private prepareAddition({ left, right, output, low, high }: Pair, arena: Arena): () => void {
		const { kernels } = this;
		const [a, b, sum] = [this.tensor(left), this.tensor(right), this.tensor(output)];
		const count = valuesOf(sum);
		if (valuesOf(a) !== count || valuesOf(b) !== count) throw new RangeError(`${left} and ${right} differ in shape`);
		if (this.network.rescaling === 'float') {
			const out = () => this.values(output);
			return () => addFloat(this.values(left), a, this.values(right), b, out(), sum, low, high);
		}
		const twice = 2 * Math.max(a.scale, b.scale);
		const factors = [a.scale / twice, b.scale / twice, twice / (2 ** 20 * sum.scale)].map(toFixedPoint);
		const place = arena.bytes(24);
		new Int32Array(kernels.memory.buffer, place, 6).set(factors.flatMap(({ multiplier, shift }) => [multiplier, -shift]));
		const row = arena.bytes(count + 4);
		const [from, and, to] = [this.placeOf(left), this.placeOf(right), this.placeOf(output)];
		return () => kernels.addFixedPoint(from, and, row, to, count, a.zeroPoint, b.zeroPoint, sum.zeroPoint, low, high, place);
	}

	private prepareConvolution(step: Convolution, arena: Arena): () => void {
		const { kernels } = this;
		const input = this.tensor(step.input);
		const output = this.tensor(step.output);
		const { batch, channels, height, width } = imageSizes(input);
		const plan = planConvolution(step, input);
		const panels = plan.together.length;
		const pairs = plan.tapOffsets.length / 2;
		const quads = Math.ceil(plan.groupOutputs / PANEL_OUTPUTS);
		if (valuesOf(output) !== batch * step.outputs * plan.pixels) throw new RangeError(`${step.output} has another shape`);
		const offsets = {
			pixels: this.keep(plan.pixelOffsets, arena),
			taps: this.keep(plan.tapOffsets, arena),
			together: this.keep(plan.together, arena),
		};
		const weights = this.keep(packWeights(step, plan), arena);
		const block = plan.isDepthwise ? panels : Math.max(1, Math.min(panels, Math.floor(PANEL_BYTES / (pairs * 4 * PANEL_PIXELS))));
		const gathered = arena.bytes(plan.isDepthwise ? 0 : block * pairs * 4 * PANEL_PIXELS);
		const rows = plan.isDepthwise ? 1 : quads * PANEL_OUTPUTS;
		const sums = arena.bytes(4 * rows * block * PANEL_PIXELS);
		const row = arena.bytes(block * PANEL_PIXELS);
		const isPadded = plan.paddedHeight !== height || plan.paddedWidth !== width;
		const channelBytes = plan.paddedHeight * plan.paddedWidth;
		const padded = isPadded ? arena.bytes(channels * channelBytes + 8) : undefined;
		const rescale = this.rescaler(step, input, output, row);
		const inputBytes = channels * height * width;
		return () => {
			for (let image = 0; image < batch; image++) {
				const from = this.placeOf(step.input) + image * inputBytes;
				const to = this.placeOf(step.output) + image * step.outputs * plan.pixels;
				if (padded !== undefined) this.pad(from, padded, step, input, plan);
				const source = padded ?? from;
				for (let group = 0; group < step.groups; group++) {
					const groupSource = source + group * plan.groupChannels * channelBytes;
					const firstOutput = group * plan.groupOutputs;
					if (plan.isDepthwise) {
						for (let output = firstOutput; output < firstOutput + plan.groupOutputs; output++) {
							const taps = weights + 2 * output * plan.taps;
							const { pixels, taps: tapOffsets, together } = offsets;
							kernels.sumTaps(groupSource, tapOffsets, pixels, together, input.zeroPoint, taps, sums, plan.taps, panels);
							rescale(output, sums, to + output * plan.pixels, plan.pixels);
						}
						continue;
					}
					const groupWeights = weights + group * quads * pairs * PANEL_OUTPUTS * 4;
					for (let panel = 0; panel < panels; panel += block) {
						const count = Math.min(block, panels - panel);
						const firstPixel = panel * PANEL_PIXELS;
						kernels.gatherPanels(
							groupSource,
							offsets.taps,
							offsets.pixels + 4 * firstPixel,
							offsets.together + 4 * panel,
							input.zeroPoint,
							gathered,
							pairs,
							count,
						);
						kernels.multiplyPanels(groupWeights, gathered, sums, pairs, count, quads);
						const pixels = Math.min(count * PANEL_PIXELS, plan.pixels - firstPixel);
						for (let output = 0; output < plan.groupOutputs; output++) {
							const place = to + (firstOutput + output) * plan.pixels + firstPixel;
							rescale(firstOutput + output, sums + 4 * output * count * PANEL_PIXELS, place, pixels);
						}
					}
				}
			}
		};
	}

	/** Brings one output's sums to 8 bits. */
	private rescaler(
		{ bias, weightScales, low, high }: Convolution,
		input: IntegerTensor,
		{ scale, zeroPoint }: IntegerTensor,
		row: Address,
	): (output: number, sums: Address, to: Address, count: number) => void {
		const { kernels } = this;
		if (this.network.rescaling === 'float') {
			const factors = weightScales.map((weight) => rescalingFactor(input.scale, weight, scale));
			return (output, sums, to, count) =>
				kernels.rescaleFloat(sums, row, to, count, bias[output] ?? 0, factors[output] ?? 0, zeroPoint, low, high);
		}
		const factors = Array.from(weightScales, (weight) => toFixedPoint((input.scale * weight) / scale));
		return (output, sums, to, count) => {
			const { multiplier, shift } = factors[output] as (typeof factors)[number];
			const [left, right] = [Math.max(0, shift), Math.max(0, -shift)];
			kernels.rescaleFixedPoint(sums, row, to, count, bias[output] ?? 0, multiplier, left, right, zeroPoint, low, high);
		};
	}

	/** Copies an image into the middle of one filled with the zero point. */
	private pad(from: Address, to: Address, { padding }: Convolution, input: IntegerTensor, plan: ConvolutionPlan): void {
		const { channels, height, width } = imageSizes(input);
		const bytes = new Int8Array(this.kernels.memory.buffer);
		const channelBytes = plan.paddedHeight * plan.paddedWidth;
		bytes.fill(input.zeroPoint, to, to + channels * channelBytes);
		for (let channel = 0; channel < channels; channel++) {
			for (let line = 0; line < height; line++) {
				const source = from + (channel * height + line) * width;
				const target = to + channel * channelBytes + (line + padding.top) * plan.paddedWidth + padding.left;
				bytes.copyWithin(target, source, source + width);
			}
		}
	}
}

/** onnxruntime's factor of a convolution: float32 products and quotient, in this order. */
export function rescalingFactor(input: number, weight: number, output: number): number {
	return Math.fround(Math.fround(Math.fround(input) * Math.fround(weight)) / Math.fround(output));
}
