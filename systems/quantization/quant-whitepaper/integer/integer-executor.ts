/** Runs a network in integers. All tensors have places of their own, so that each can be looked at after a run. */
import { Arena, createKernelMemory } from '@assay/learning';
import { imageSizes } from './convolution-plan.ts';
import { toFixedPoint } from './fixed-point.ts';
import { integerConvolution } from './integer-convolution.ts';
import type { Gather, IntegerNetwork, IntegerStep, IntegerTensor, Pair, Pooling } from './integer-network.ts';
import { tensorOf, valuesOf } from './integer-network.ts';
import { type Address, type IntegerKernels, integerKernels } from './kernels/kernels.ts';
import { slackOf } from './prepare-convolution.ts';
import { concatenate, eachWindow, meanRule, multiplyFixed, poolingArguments, repeats, softmax } from './simple-steps.ts';

export class IntegerExecutor {
	readonly network: IntegerNetwork;
	private readonly places: ReadonlyMap<string, Address>;
	private readonly kernels: IntegerKernels;
	private readonly runs: readonly (() => void)[];

	private constructor(network: IntegerNetwork, kernels: IntegerKernels) {
		const arena = new Arena(kernels.memory);
		this.network = network;
		this.kernels = kernels;
		this.places = new Map([...network.tensors].map(([name, tensor]) => [name, arena.bytes(valuesOf(tensor) + slackOf(tensor))]));
		this.runs = network.steps.map((step) => this.prepare(step, arena));
		for (const [name, values] of network.constants) this.values(name).set(values);
	}

	/** Places weights and tensors in a memory of their own. Raises a RangeError for shapes that do not fit together. */
	static async create(network: IntegerNetwork): Promise<IntegerExecutor> {
		return new IntegerExecutor(network, await integerKernels(createKernelMemory(1 << 20), network.rescaling));
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

	/** Copies values into the kernels' memory. */
	private keep(values: Int32Array | Int8Array, arena: Arena): Address {
		const place = arena.bytes(values.byteLength);
		new Uint8Array(this.kernels.memory.buffer, place, values.byteLength).set(
			new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
		);
		return place;
	}

	private prepare(step: IntegerStep, arena: Arena): () => void {
		const output = this.tensor(step.output);
		const to = () => this.values(step.output);
		const { rescaling } = this.network;
		switch (step.kind) {
			case 'convolution': {
				const places = [this.placeOf(step.input), this.placeOf(step.output)] as const;
				return integerConvolution(step, this.tensor(step.input), output, places, rescaling, this.kernels, arena);
			}
			case 'addition':
				return this.prepareAddition(step, arena);
			case 'product':
				return this.prepareProduct(step);
			case 'gather':
				return this.prepareGather(step, arena);
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
				return this.prepareMean(step, arena);
			case 'max-pool':
				return this.prepareMaximum(step);
		}
	}

	private prepareGather({ input, output, places }: Gather, arena: Arena): () => void {
		const { kernels } = this;
		const [from, to, count] = [this.placeOf(input), this.placeOf(output), places.length];
		const values = valuesOf(this.tensor(input));
		if (repeats(places, values)) return () => kernels.repeat(from, to, values, count / values);
		const [kept, { zeroPoint }] = [this.keep(places, arena), this.tensor(output)];
		return () => kernels.gather(from, kept, to, count, zeroPoint);
	}

	private prepareMean(step: Pooling, arena: Arena): () => void {
		const { kernels } = this;
		const [from, to] = [this.tensor(step.input), this.tensor(step.output)];
		const rule = meanRule(step, from, to, this.network.rescaling);
		const { batch, channels, height, width } = imageSizes(from);
		const planes = batch * channels;
		if (step.height !== height || step.width !== width || valuesOf(to) !== planes)
			return () => {
				const results = this.values(step.output);
				eachWindow(step, this.values(step.input), from, (place, sum, count) => {
					results[place] = rule(sum, count);
				});
			};
		const [place, sums] = [this.placeOf(step.input), arena.bytes(4 * planes)];
		return () => {
			kernels.sumPlanes(place, sums, planes, height * width);
			const [totals, results] = [new Int32Array(kernels.memory.buffer, sums, planes), this.values(step.output)];
			for (let plane = 0; plane < planes; plane++) results[plane] = rule(totals[plane] as number, height * width);
		};
	}

	private prepareMaximum(step: Pooling): () => void {
		const { kernels } = this;
		const [from, to] = [this.tensor(step.input), this.tensor(step.output)];
		if (from.scale !== to.scale || from.zeroPoint !== to.zeroPoint)
			throw new RangeError(`${from.name} and ${to.name} differ in scale, which a maximum cannot change`);
		const [source, target] = [this.placeOf(step.input), this.placeOf(step.output)];
		const window = poolingArguments(step, from);
		const { low, high } = step;
		if (low <= -128 && high >= 127) return () => kernels.maxPool(source, target, ...window);
		return () => {
			kernels.maxPool(source, target, ...window);
			const results = this.values(step.output);
			for (const [at, value] of results.entries()) results[at] = Math.min(high, Math.max(low, value));
		};
	}

	private operands({ left, right, output }: Pair) {
		const [a, b, to] = [this.tensor(left), this.tensor(right), this.tensor(output)];
		const count = valuesOf(to);
		if (valuesOf(a) !== count || valuesOf(b) !== count) throw new RangeError(`${left} and ${right} differ in shape`);
		return { a, b, to, count, places: [left, right, output].map((name) => this.placeOf(name)) as [Address, Address, Address] };
	}

	private prepareProduct(step: Pair): () => void {
		const { kernels } = this;
		const { low, high } = step;
		const { a, b, to, count, places } = this.operands(step);
		if (this.network.rescaling === 'fixed-point')
			return () => multiplyFixed(step, this.values(step.left), a, this.values(step.right), b, this.values(step.output), to);
		const factor = Math.fround((a.scale * b.scale) / to.scale);
		return () => kernels.multiplyFloat(...places, count, a.zeroPoint, b.zeroPoint, factor, to.zeroPoint, low, high);
	}

	private prepareAddition(step: Pair, arena: Arena): () => void {
		const { kernels } = this;
		const { low, high } = step;
		const { a, b, to, count, places } = this.operands(step);
		const [zeroA, zeroB, zeroPoint] = [a.zeroPoint, b.zeroPoint, to.zeroPoint];
		if (this.network.rescaling === 'float')
			return () => kernels.addFloat(...places, count, zeroA, zeroB, a.scale, b.scale, to.scale, zeroPoint, low, high);
		const twice = 2 * Math.max(a.scale, b.scale);
		const factors = [a.scale / twice, b.scale / twice, twice / (2 ** 20 * to.scale)].map(toFixedPoint);
		const kept = this.keep(Int32Array.from(factors.flatMap(({ multiplier, shift }) => [multiplier, -shift])), arena);
		return () => kernels.addFixedPoint(...places, count, zeroA, zeroB, zeroPoint, low, high, kept);
	}
}
