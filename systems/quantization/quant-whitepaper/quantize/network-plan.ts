/**
 * Which parts of a float model run in integers. Layers with constant weights do; other operators do where there is a kernel and all they read
 * is in 8 bits already, so that a part that must stay float (a layer norm, an attention) stays float as a whole. What stays float is listed
 * with the reason.
 */
import type { OnnxNode } from '@assay/models/onnx';
import { integer, integers } from '../model/attributes.ts';
import { type FloatModel, readersOf, scalarOf, shapeOf } from '../model/float-model.ts';
import { valueFunction } from '../model/function-of-one-value.ts';
import { movedPlaces } from '../model/moved-values.ts';
import { layerOf } from './layer-of-node.ts';
import type { FloatUnit, PlainUnit, Unit } from './units.ts';

export interface NetworkPlan {
	/** Each after what it needs. */
	readonly units: readonly Unit[];
	/** Tensors in 8 bits, in the order in which they are made. */
	readonly tensors: readonly string[];
	/** Tensors that hold another's very numbers and so its scale: the one it is taken from. */
	readonly sharedScales: ReadonlyMap<string, string>;
}

const RESHAPES = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
const MOVES = new Set(['Transpose', 'Slice', 'Split', 'Pad', 'Resize']);
/** The integer softmax sums exactly up to so many values. */
const MOST_SOFTMAX_VALUES = 4096;

/** `keptFloat`: names of layers that the user keeps in float. */
export function planNetwork(model: FloatModel, keptFloat: ReadonlySet<string> = new Set()): NetworkPlan {
	const readers = readersOf(model);
	const onlyReader = (name: string): OnnxNode | undefined => {
		const list = readers.get(name) ?? [];
		return list.length === 1 ? (list[0] ?? undefined) : undefined;
	};
	const consumed = new Set<OnnxNode>();
	const inIntegers = new Set<string>([model.input]);
	const tensors: string[] = [model.input];
	const sharedScales = new Map<string, string>();
	const units: Unit[] = [];

	/** A rectifier right behind that clamping can do. */
	const activationAfter = (output: string): OnnxNode | undefined => {
		const next = onlyReader(output);
		if (next?.opType === 'Relu') return next;
		if (next?.opType !== 'Clip') return undefined;
		const low = scalarOf(model, next.input[1]);
		const high = scalarOf(model, next.input[2]) ?? Number.POSITIVE_INFINITY;
		return low !== undefined && low <= 0 && high > 0 ? next : undefined;
	};
	const make = (...names: readonly string[]) => {
		for (const name of names) {
			if (inIntegers.has(name)) continue;
			inIntegers.add(name);
			tensors.push(name);
		}
	};

	for (const node of model.nodes) {
		if (consumed.has(node)) continue;
		const unit = unitOf(node);
		units.push(unit);
		switch (unit.kind) {
			case 'float':
				break;
			case 'layer':
				make(unit.input, unit.output);
				break;
			case 'function':
				make(unit.output);
				break;
			case 'addition':
			case 'product':
				make(...unit.inputs, unit.output);
				break;
			default:
				make(...unit.outputs);
				if (unit.kind === 'reshape' || unit.kind === 'move' || unit.kind === 'max-pool')
					for (const output of unit.outputs) {
						const from = unit.inputs[0] as string;
						sharedScales.set(output, sharedScales.get(from) ?? from);
					}
		}
	}
	return { units, tensors, sharedScales };

	function unitOf(node: OnnxNode): Unit {
		const float = (reason: string): FloatUnit => ({ kind: 'float', node, reason });
		const layer = layerOf(model, node);
		if (layer !== undefined) {
			if (typeof layer === 'string') return float(layer);
			if (keptFloat.has(layer.name)) return float('kept in float as asked');
			const activation = activationAfter(layer.output);
			if (activation === undefined) return layer;
			consumed.add(activation);
			return { ...layer, activation, output: activation.output[0] ?? '' };
		}
		const data = node.input.filter((name) => name !== '' && !model.weights.has(name));
		if (data.length === 0) return float('computed from constants alone');
		const missing = data.find((name) => !inIntegers.has(name));
		const behind = `reads ${missing ?? ''}, which is float`;
		const first = valueFunction(model, node);
		if (first !== undefined) {
			if (missing !== undefined) return float(behind);
			const chain = [node];
			const functions = [first];
			let last = node;
			for (;;) {
				const next = onlyReader(last.output[0] ?? '');
				const further = next === undefined ? undefined : valueFunction(model, next);
				if (next === undefined || further === undefined) break;
				chain.push(next);
				functions.push(further);
				consumed.add(next);
				last = next;
			}
			return { kind: 'function', nodes: chain, functions, input: first.input, output: last.output[0] ?? '' };
		}
		const { opType } = node;
		const [output = ''] = node.output;
		const plain = (kind: PlainUnit['kind']): PlainUnit => ({ kind, node, inputs: data, outputs: node.output });
		switch (opType) {
			case 'Add':
			case 'Mul': {
				if (missing !== undefined) return float(behind);
				const [a = '', b = ''] = node.input;
				const activation = activationAfter(output);
				if (activation !== undefined) consumed.add(activation);
				return {
					kind: opType === 'Add' ? 'addition' : 'product',
					node,
					activation,
					inputs: [a, b],
					output: activation?.output[0] ?? output,
				};
			}
			case 'AveragePool':
			case 'MaxPool':
			case 'GlobalAveragePool': {
				if (missing !== undefined) return float(behind);
				if (shapeOf(model, data[0] ?? '').length !== 4) return float('pools that are not over images');
				if (integer(node, 'ceil_mode', 0) !== 0) return float('a pooling that rounds its size up');
				const isPadded = (integers(node, 'pads') ?? []).some((pad) => pad !== 0);
				if (opType === 'AveragePool' && isPadded && integer(node, 'count_include_pad', 0) !== 0)
					return float('a mean that counts padding');
				if ((integers(node, 'dilations') ?? []).some((one) => one !== 1)) return float('a pooling with gaps');
				if (node.output.length > 1 && (node.output[1] ?? '') !== '') return float('a maximum that tells its place');
				return plain(opType === 'MaxPool' ? 'max-pool' : 'average-pool');
			}
			case 'Softmax': {
				if (missing !== undefined) return float(behind);
				const shape = shapeOf(model, data[0] ?? '');
				const axis = integer(node, 'axis', -1);
				const length = shape.at(-1) ?? 1;
				if ((axis < 0 ? axis + shape.length : axis) !== shape.length - 1) return float('a softmax over an inner dimension');
				return length > MOST_SOFTMAX_VALUES
					? float(`a softmax of ${length} values, beyond the ${MOST_SOFTMAX_VALUES} of the integer kernel`)
					: plain('softmax');
			}
			case 'Concat':
				if (missing !== undefined) return float(behind);
				return data.length === node.input.length ? plain('concatenation') : float('joined with constants');
			default: {
				if (RESHAPES.has(opType)) return missing === undefined ? plain('reshape') : float(behind);
				if (!MOVES.has(opType)) return float(`${opType} has no integer kernel`);
				if (missing !== undefined) return float(behind);
				return movedPlaces(model, node) === undefined
					? float(`this ${opType} (its mode or sizes) has no integer kernel`)
					: plain('move');
			}
		}
	}
}
