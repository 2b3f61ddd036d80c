/** Functions of one value that are a straight line between two bounds. */
import type { OnnxNode } from '@assay/models/onnx';
import { real } from '../model/attributes.ts';
import { type FloatModel, scalarOf } from '../model/float-model.ts';

/** clamp(slope x + offset, low, high). */
export interface ClampedLine {
	readonly slope: number;
	readonly offset: number;
	readonly low: number;
	readonly high: number;
}

const IDENTITY: ClampedLine = { slope: 1, offset: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** The bounds that a rectifier behind an operator sets; none without one. */
export function boundsOf(model: Pick<FloatModel, 'weights'>, activation: OnnxNode | undefined): ClampedLine {
	return (activation === undefined ? undefined : lineOf(model, activation)) ?? IDENTITY;
}

/** The line of a node that is one; undefined for curves. */
export function lineOf(model: Pick<FloatModel, 'weights'>, node: OnnxNode): ClampedLine | undefined {
	const number = scalarOf(model, node.input[1]) ?? scalarOf(model, node.input[0]);
	switch (node.opType) {
		case 'Relu':
			return { ...IDENTITY, low: 0 };
		case 'Clip':
			return {
				...IDENTITY,
				low: scalarOf(model, node.input[1]) ?? IDENTITY.low,
				high: scalarOf(model, node.input[2]) ?? IDENTITY.high,
			};
		case 'HardSigmoid':
			return { slope: real(node, 'alpha', 0.2), offset: real(node, 'beta', 0.5), low: 0, high: 1 };
		case 'Add':
			return number === undefined ? undefined : { ...IDENTITY, offset: number };
		case 'Sub':
			return number === undefined ? undefined : { ...IDENTITY, offset: -number };
		case 'Mul':
			return number === undefined ? undefined : { ...IDENTITY, slope: number };
		default:
			return undefined;
	}
}
