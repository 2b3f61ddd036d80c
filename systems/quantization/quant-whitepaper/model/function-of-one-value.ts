/** Operators that make each value of one tensor another, as functions in float32: what a table of 256 entries can hold. */
import type { OnnxNode } from '@assay/models/onnx';
import { real } from './attributes.ts';
import { type FloatModel, scalarOf } from './float-model.ts';

export interface ValueFunction {
	readonly input: string;
	readonly apply: (value: number) => number;
	/** Its derivative; at a kink, of the flat side. */
	readonly slope: (value: number) => number;
	/** Whether it is arithmetic with one number, rather than an activation. */
	readonly isArithmetic: boolean;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** The function of a node; undefined for any other operator. */
export function valueFunction(model: Pick<FloatModel, 'weights'>, node: OnnxNode): ValueFunction | undefined {
	const [a = '', b = ''] = node.input;
	const { fround } = Math;
	const activation = (apply: (value: number) => number, slope: (value: number) => number): ValueFunction => ({
		input: a,
		apply: (x) => fround(apply(x)),
		slope,
		isArithmetic: false,
	});
	switch (node.opType) {
		case 'Relu':
			return activation(
				(x) => Math.max(0, x),
				(x) => (x > 0 ? 1 : 0),
			);
		case 'LeakyRelu': {
			const slope = real(node, 'alpha', 0.01);
			return activation(
				(x) => (x < 0 ? slope * x : x),
				(x) => (x < 0 ? slope : 1),
			);
		}
		case 'Elu': {
			const alpha = real(node, 'alpha', 1);
			return activation(
				(x) => (x < 0 ? alpha * Math.expm1(x) : x),
				(x) => (x < 0 ? alpha * Math.exp(x) : 1),
			);
		}
		case 'Clip': {
			const [low, high] = [scalarOf(model, node.input[1]), scalarOf(model, node.input[2])];
			const isKnown = (position: number, value: number | undefined) => value !== undefined || (node.input[position] ?? '') === '';
			if (!isKnown(1, low) || !isKnown(2, high)) return undefined;
			const [least, most] = [low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY];
			return activation(
				(x) => Math.min(most, Math.max(least, x)),
				(x) => (x > least && x < most ? 1 : 0),
			);
		}
		case 'Sigmoid':
			return activation(logistic, (x) => logistic(x) * (1 - logistic(x)));
		case 'Tanh':
			return activation(Math.tanh, (x) => 1 - Math.tanh(x) ** 2);
		case 'HardSigmoid': {
			const [slope, offset] = [real(node, 'alpha', 0.2), real(node, 'beta', 0.5)];
			return activation(
				(x) => Math.min(1, Math.max(0, slope * x + offset)),
				(x) => (slope * x + offset > 0 && slope * x + offset < 1 ? slope : 0),
			);
		}
		case 'HardSwish':
			return activation(
				(x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)),
				(x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
			);
		case 'Add':
		case 'Sub':
		case 'Mul':
		case 'Div': {
			const number = scalarOf(model, b);
			if (number !== undefined && !model.weights.has(a)) {
				const apply = {
					Add: (x: number) => x + number,
					Sub: (x: number) => x - number,
					Mul: (x: number) => x * number,
					Div: (x: number) => x / number,
				}[node.opType];
				const factor = node.opType === 'Mul' ? number : node.opType === 'Div' ? 1 / number : 1;
				return { input: a, apply: (x) => fround(apply(x)), slope: () => factor, isArithmetic: true };
			}
			const first = scalarOf(model, a);
			if (first === undefined || model.weights.has(b) || node.opType === 'Sub' || node.opType === 'Div') return undefined;
			const apply = node.opType === 'Add' ? (x: number) => first + x : (x: number) => first * x;
			const factor = node.opType === 'Add' ? 1 : first;
			return { input: b, apply: (x) => fround(apply(x)), slope: () => factor, isArithmetic: true };
		}
		default:
			return undefined;
	}
}
