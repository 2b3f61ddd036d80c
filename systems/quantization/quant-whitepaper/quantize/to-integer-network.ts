/** A quantized network as steps of the integer executor. */
import { InputError } from '@assay/contract';
import { roundToInteger } from '@assay/numerics';
import {
	type IntegerNetwork,
	type IntegerStep,
	type IntegerTensor,
	ONE_PIXEL,
	type Quantization,
	type Rescaling,
} from '../integer/integer-network.ts';
import { integer } from '../model/attributes.ts';
import { elements, floatsOf, shapeOf } from '../model/float-model.ts';
import { movedPlaces, stretchedPlaces } from '../model/moved-values.ts';
import { windowOf } from '../model/window-of.ts';
import type { QuantizedNetwork } from './quantized-network.ts';
import type { FunctionUnit, LayerUnit, PairUnit, PlainUnit } from './units.ts';
import { codesOf } from './write-qdq.ts';

const FULL = { low: -128, high: 127 };

/**
 * The whole network in integers. Raises an InputError that lists the operators which stay float: nothing is computed in float unseen.
 * `float` rescaling is what onnxruntime does, `fixed-point` what TensorFlow Lite does.
 */
export function toIntegerNetwork(network: QuantizedNetwork, rescaling: Rescaling): IntegerNetwork {
	const { model, plan, parameters } = network;
	const floats = plan.units.filter((unit) => unit.kind === 'float');
	if (floats.length > 0)
		throw new InputError({
			path: [model.name, 'operators'],
			found: `${floats.length} that stay float (${[...new Set(floats.map(({ node }) => node.opType))].join(', ')})`,
			expected: 'a network whose every operator has an integer kernel; the exported file runs the rest in float',
		});
	const tensors = new Map<string, IntegerTensor>();
	const constants = new Map<string, Int8Array>();
	const steps: IntegerStep[] = [];
	const register = (name: string, shape: readonly number[], { scale, zeroPoint }: Quantization): string => {
		tensors.set(name, { name, shape, scale, zeroPoint });
		return name;
	};
	for (const name of plan.tensors) {
		const quantization = parameters.get(name) as Quantization;
		const weight = model.weights.get(name);
		register(name, shapeOf(model, name), quantization);
		if (weight !== undefined) constants.set(name, codesOf(floatsOf(weight), quantization));
	}
	const tensor = (name: string): IntegerTensor => tensors.get(name) as IntegerTensor;

	for (const unit of plan.units) {
		switch (unit.kind) {
			case 'float':
				break;
			case 'layer':
				layer(unit);
				break;
			case 'function':
				steps.push({
					kind: 'lookup',
					input: unit.input,
					output: unit.output,
					table: tableOf(unit, tensor(unit.input), tensor(unit.output)),
				});
				break;
			case 'addition':
			case 'product':
				pair(unit);
				break;
			default:
				plain(unit);
		}
	}
	return { tensors, constants, steps, input: model.input, output: model.outputs[0] as string, rescaling };

	function layer(unit: LayerUnit): void {
		const integers = network.layers.get(unit.name);
		if (integers === undefined) throw new Error(`the layer ${unit.name} was not quantized`);
		const shape = shapeOf(model, unit.input);
		const common = {
			kind: 'convolution',
			outputs: unit.outputs,
			weights: integers.weights,
			bias: integers.bias,
			weightScales: integers.scales,
			...FULL,
		} as const;
		if (unit.type !== 'dense') {
			const dims = shapeOf(model, unit.weights);
			const window = windowOf(unit.node, dims.slice(2), shape, shapeOf(model, unit.output));
			steps.push({ ...common, ...window, input: unit.input, output: unit.output, groups: integer(unit.node, 'group', 1) });
			return;
		}
		// Rows of a matrix are images of one pixel.
		const inputs = integers.weights.length / unit.outputs;
		const rows = elements(shape) / inputs;
		const flat = register(`${unit.output}/rows`, [rows, inputs], tensor(unit.input));
		const result = register(`${unit.output}/products`, [rows, unit.outputs], tensor(unit.output));
		steps.push({ kind: 'reshape', input: unit.input, output: flat });
		steps.push({
			...common,
			...ONE_PIXEL,
			input: flat,
			output: result,
		});
		steps.push({ kind: 'reshape', input: result, output: unit.output });
	}

	function pair(unit: PairUnit): void {
		const shape = shapeOf(model, unit.output);
		const [left, right] = unit.inputs.map((name) => {
			const own = shapeOf(model, name);
			if (own.length === shape.length && own.every((size, axis) => size === shape[axis])) return name;
			const wide = register(`${unit.output}/${name}/stretched`, shape, tensor(name));
			steps.push({ kind: 'gather', input: name, output: wide, places: stretchedPlaces(own, shape) });
			return wide;
		}) as [string, string];
		steps.push({ kind: unit.kind, left, right, output: unit.output, ...FULL });
	}

	function plain(unit: PlainUnit): void {
		const [input = ''] = unit.inputs;
		const [output = ''] = unit.outputs;
		switch (unit.kind) {
			case 'reshape':
				steps.push({ kind: 'reshape', input, output });
				break;
			case 'softmax':
				steps.push({ kind: 'softmax', input, output, beta: 1 });
				break;
			case 'average-pool':
			case 'max-pool': {
				const [from, to] = [shapeOf(model, input), shapeOf(model, output)];
				const isWhole = unit.node.opType === 'GlobalAveragePool';
				const window = windowOf(unit.node, isWhole ? from.slice(2) : [], from, to);
				steps.push({ kind: unit.kind, input, output, ...window, ...FULL });
				break;
			}
			case 'move':
				for (const [index, places] of (movedPlaces(model, unit.node) ?? []).entries()) {
					const target = unit.outputs[index];
					if (target !== undefined && target !== '') steps.push({ kind: 'gather', input, output: target, places });
				}
				break;
			case 'concatenation': {
				const to = tensor(output);
				const rank = to.shape.length;
				const axis = (integer(unit.node, 'axis', 0) + rank) % rank;
				const inputs = unit.inputs.map((name) => {
					const from = tensor(name);
					if (from.scale === to.scale && from.zeroPoint === to.zeroPoint) return name;
					const moved = register(`${output}/${name}/rescaled`, from.shape, to);
					steps.push({ kind: 'lookup', input: name, output: moved, table: tableOf({ functions: [] }, from, to) });
					return moved;
				});
				steps.push({
					kind: 'concatenation',
					inputs,
					output,
					runs: inputs.map((name) => elements(tensor(name).shape.slice(axis))),
				});
			}
		}
	}
}

/** What becomes of each code. */
function tableOf({ functions }: Pick<FunctionUnit, 'functions'>, from: Quantization, to: Quantization): Int8Array {
	return Int8Array.from({ length: 256 }, (_, entry) => {
		let value = Math.fround((entry - 128 - from.zeroPoint) * from.scale);
		for (const { apply } of functions) value = apply(value);
		const code = roundToInteger(Math.fround(value / to.scale), 'half-even', 0) + to.zeroPoint;
		return Math.min(127, Math.max(-128, code));
	});
}
