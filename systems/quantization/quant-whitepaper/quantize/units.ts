/** What a network is made of where it is quantized: operators that run in integers together, and those that stay float. */
import type { OnnxNode } from '@assay/models/onnx';
import type { ValueFunction } from '../model/function-of-one-value.ts';

/** A layer with constant weights, its activation folded in where clamping to the 8-bit range does it. */
export interface LayerUnit {
	readonly kind: 'layer';
	/** Name of the layer in reports. */
	readonly name: string;
	readonly type: 'convolution' | 'depthwise' | 'dense';
	readonly node: OnnxNode;
	readonly activation: OnnxNode | undefined;
	readonly input: string;
	readonly output: string;
	readonly weights: string;
	readonly bias: string | undefined;
	readonly outputs: number;
	/** Whether the weights are [inputs, outputs] rather than outputs first. */
	readonly isTransposed: boolean;
}

/** A chain of functions of one value. */
export interface FunctionUnit {
	readonly kind: 'function';
	readonly nodes: readonly OnnxNode[];
	readonly functions: readonly ValueFunction[];
	readonly input: string;
	readonly output: string;
}

/** Two tensors value by value; one may be a constant. */
export interface PairUnit {
	readonly kind: 'addition' | 'product';
	readonly node: OnnxNode;
	readonly activation: OnnxNode | undefined;
	readonly inputs: readonly [string, string];
	readonly output: string;
}

/** Means over windows, a maximum, a softmax, several tensors side by side, or values moved about. */
export interface PlainUnit {
	readonly kind: 'average-pool' | 'max-pool' | 'softmax' | 'concatenation' | 'reshape' | 'move';
	readonly node: OnnxNode;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
}

export interface FloatUnit {
	readonly kind: 'float';
	readonly node: OnnxNode;
	readonly reason: string;
}

export type IntegerUnit = LayerUnit | FunctionUnit | PairUnit | PlainUnit;
export type Unit = IntegerUnit | FloatUnit;

/** The operators of a unit, in order. */
export function nodesOf(unit: Unit): readonly OnnxNode[] {
	switch (unit.kind) {
		case 'function':
			return unit.nodes;
		case 'layer':
		case 'addition':
		case 'product':
			return unit.activation === undefined ? [unit.node] : [unit.node, unit.activation];
		default:
			return [unit.node];
	}
}

/** Tensors in 8 bits that a unit reads. */
export function inputsOf(unit: IntegerUnit): readonly string[] {
	return unit.kind === 'layer' || unit.kind === 'function' ? [unit.input] : unit.inputs;
}

/** Tensors in 8 bits that a unit makes. */
export function outputsOf(unit: IntegerUnit): readonly string[] {
	return 'output' in unit ? [unit.output] : unit.outputs;
}
