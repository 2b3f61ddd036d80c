/**
 * Runs a float network by kernels in WebAssembly: the rival of the integers on even terms. Operators, layout, blocks and windows are those of the integer
 * executor; what differs is that values have 32 bits and that sums need no rounding back.
 */
import { InputError } from '@assay/contract';
import { Arena, createKernelMemory } from '@assay/learning';
import { imageSizes } from '../integer/convolution-plan.ts';
import { ONE_PIXEL } from '../integer/integer-network.ts';
import type { Address } from '../integer/kernels/kernels.ts';
import { slackOf } from '../integer/prepare-convolution.ts';
import { concatenate, eachWindow, poolingArguments, repeats } from '../integer/simple-steps.ts';
import { integer } from '../model/attributes.ts';
import { elements, type FloatModel, floatsOf, shapeOf } from '../model/float-model.ts';
import { movedPlaces, stretchedPlaces } from '../model/moved-values.ts';
import { windowOf } from '../model/window-of.ts';
import type { NetworkPlan } from '../quantize/network-plan.ts';
import { floatLayer } from '../quantize/quantized-network.ts';
import type { FunctionUnit, LayerUnit, PairUnit, PlainUnit, Unit } from '../quantize/units.ts';
import { floatConvolution } from './float-convolution.ts';
import { type FloatKernels, floatKernels } from './float-kernels.ts';
import { boundsOf, lineOf } from './line-of.ts';
import { softmax } from './softmax.ts';

type Run = () => void;

export class FloatExecutor {
	private readonly model: FloatModel;
	private readonly kernels: FloatKernels;
	private readonly arena: Arena;
	private readonly places = new Map<string, Address>();
	private readonly runs: readonly Run[];

	private constructor(model: FloatModel, plan: NetworkPlan, kernels: FloatKernels) {
		this.model = model;
		this.kernels = kernels;
		this.arena = new Arena(kernels.memory);
		this.place(model.input);
		this.runs = plan.units.map((unit) => this.prepare(unit));
	}

	/**
	 * Places weights and tensors in a memory of their own. Raises an InputError where the plan has operators without a kernel of integers: there is nothing
	 * to be compared with.
	 */
	static async create(model: FloatModel, plan: NetworkPlan): Promise<FloatExecutor> {
		const strange = plan.units.find((unit) => unit.kind === 'float');
		if (strange !== undefined)
			throw new InputError({
				path: [model.name, strange.node.output[0] ?? ''],
				found: strange.node.opType,
				expected: 'a network whose every operator has an integer kernel',
			});
		return new FloatExecutor(model, plan, await floatKernels(createKernelMemory(1 << 20)));
	}

	/** The network's first output, a view that the next run overwrites. Raises a RangeError for an input of another length. */
	run(input: Float32Array): Float32Array {
		const place = this.values(this.model.input);
		if (input.length !== place.length) throw new RangeError(`an input of ${input.length} values, not ${place.length}`);
		place.set(input);
		for (const run of this.runs) run();
		return this.values(this.model.outputs[0] ?? '');
	}

	private values(name: string): Float32Array {
		return this.arena.view(this.place(name), this.count(name));
	}

	private count(name: string): number {
		return elements(shapeOf(this.model, name));
	}

	/** Where a tensor lies; weights are put there at once. */
	private place(name: string): Address {
		const known = this.places.get(name);
		if (known !== undefined) return known;
		const shape = shapeOf(this.model, name);
		const made = this.arena.floats(elements(shape) + slackOf({ shape }));
		this.places.set(name, made);
		const weight = this.model.weights.get(name);
		if (weight !== undefined) this.arena.view(made, elements(shape)).set(floatsOf(weight));
		return made;
	}

	private keepIntegers(values: Int32Array): Address {
		const made = this.arena.bytes(values.byteLength);
		new Int32Array(this.arena.memory.buffer, made, values.length).set(values);
		return made;
	}

	/** From so many values to the places that `moved` takes them from. */
	private move(source: Address, moved: Int32Array, values: number, target: Address): Run {
		const { kernels } = this;
		const count = moved.length;
		if (repeats(moved, values)) return () => kernels.repeat(source, target, values, count / values);
		const places = this.keepIntegers(moved);
		return () => kernels.gather(source, places, target, count);
	}

	private prepare(unit: Unit): Run {
		switch (unit.kind) {
			case 'float':
				throw new Error(`${unit.node.opType} has no kernel`);
			case 'layer':
				return this.prepareLayer(unit);
			case 'function':
				return this.prepareFunction(unit);
			case 'addition':
			case 'product':
				return this.preparePair(unit);
			default:
				return this.preparePlain(unit);
		}
	}

	private prepareFunction({ nodes, functions, input, output }: FunctionUnit): Run {
		const { kernels, model } = this;
		const [first, to, count] = [this.place(input), this.place(output), this.count(output)];
		const runs = nodes.map((node, index): Run => {
			const from = index === 0 ? first : to;
			if (node.opType === 'HardSwish') return () => kernels.hardSwish(from, to, count);
			const line = lineOf(model, node);
			if (line !== undefined) return () => kernels.clampedLine(from, to, count, line.slope, line.offset, line.low, line.high);
			const { apply } = functions[index] as (typeof functions)[number];
			return () => {
				const [values, results] = [this.arena.view(from, count), this.arena.view(to, count)];
				for (let i = 0; i < count; i++) results[i] = apply(values[i] as number);
			};
		});
		return () => {
			for (const run of runs) run();
		};
	}

	private preparePair({ kind, inputs, output, activation }: PairUnit): Run {
		const { kernels, model } = this;
		const shape = shapeOf(model, output);
		const count = elements(shape);
		const before: Run[] = [];
		const [left, right] = inputs.map((name) => {
			const own = shapeOf(model, name);
			const from = this.place(name);
			if (own.length === shape.length && own.every((size, axis) => size === shape[axis])) return from;
			const [wide, places] = [this.arena.floats(count), stretchedPlaces(own, shape)];
			before.push(this.move(from, places, this.count(name), wide));
			return wide;
		}) as [Address, Address];
		const to = this.place(output);
		const { low, high } = boundsOf(model, activation);
		const operation = kind === 'addition' ? 'add' : 'mul';
		return () => {
			for (const run of before) run();
			kernels[operation](left, right, to, count, low, high);
		};
	}

	private preparePlain({ kind, node, inputs, outputs }: PlainUnit): Run {
		const { kernels, model } = this;
		const [input = ''] = inputs;
		const [output = ''] = outputs;
		for (const name of [...inputs, ...outputs]) if (name !== '') this.place(name);
		const [from, to] = [shapeOf(model, input), shapeOf(model, output)];
		switch (kind) {
			case 'reshape':
				return () => this.values(output).set(this.values(input));
			case 'softmax': {
				const length = from.at(-1) ?? 1;
				return () => softmax(this.values(input), this.values(output), length);
			}
			case 'average-pool':
			case 'max-pool': {
				const window = windowOf(node, node.opType === 'GlobalAveragePool' ? from.slice(2) : [], from, to);
				const image = { name: input, shape: from };
				const { batch, channels, height, width } = imageSizes(image);
				const planes = batch * channels;
				if (kind === 'average-pool' && window.height === height && window.width === width && elements(to) === planes) {
					const [place, target] = [this.place(input), this.place(output)];
					return () => kernels.averagePlanes(place, target, planes, height * width);
				}
				if (kind === 'max-pool') {
					const [place, target] = [this.place(input), this.place(output)];
					const further = poolingArguments(window, image);
					return () => kernels.maxPool(place, target, ...further);
				}
				return () => {
					const result = this.values(output);
					eachWindow(window, this.values(input), image, (place, sum, count) => {
						result[place] = sum / count;
					});
				};
			}
			case 'concatenation': {
				const axis = (integer(node, 'axis', 0) + to.length) % to.length;
				const runs = inputs.map((name) => elements(shapeOf(model, name).slice(axis)));
				return () =>
					concatenate(
						inputs.map((name) => this.values(name)),
						runs,
						this.values(output),
					);
			}
			case 'move': {
				const source = this.place(input);
				const runs = (movedPlaces(model, node) ?? []).map((moved, index): Run => {
					const target = outputs[index] ?? '';
					if (target === '') return () => undefined;
					return this.move(source, moved, this.count(input), this.place(target));
				});
				return () => {
					for (const run of runs) run();
				};
			}
		}
	}

	private prepareLayer(unit: LayerUnit): Run {
		const { model } = this;
		const layer = floatLayer(model, unit);
		const places = [this.place(unit.input), this.place(unit.output)] as const;
		const bounds = boundsOf(model, unit.activation);
		const shape = shapeOf(model, unit.input);
		if (unit.type === 'dense') {
			// Rows of a matrix are images of one pixel.
			const inputs = layer.weights.length / unit.outputs;
			const rows = { name: unit.input, shape: [elements(shape) / inputs, inputs] };
			return floatConvolution({ ...ONE_PIXEL, outputs: unit.outputs }, layer, rows, places, bounds, this.kernels, this.arena);
		}
		const window = windowOf(unit.node, shapeOf(model, unit.weights).slice(2), shape, shapeOf(model, unit.output));
		const step = { ...window, groups: integer(unit.node, 'group', 1), outputs: unit.outputs };
		return floatConvolution(step, layer, { name: unit.input, shape }, places, bounds, this.kernels, this.arena);
	}
}
