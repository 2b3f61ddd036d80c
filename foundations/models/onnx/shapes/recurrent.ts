/** Recurrent layers: a sequence through the same cell, step by step, in one or two directions. */
import { type Operator, type ShapeRule, unknown } from './operator.ts';

/** Matrices of input and state in each kind of cell. */
const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1, DynamicQuantizeLSTM: 4 };

export interface RecurrentShape {
	readonly gates: number;
	readonly directions: number;
	readonly steps: number;
	readonly batch: number;
	readonly inputSize: number;
	readonly hiddenSize: number;
	/** The batch stands before the steps. */
	readonly batchFirst: boolean;
}

export function recurrentShape(operator: Operator): RecurrentShape {
	const batchFirst = operator.int('layout', 0) === 1;
	const { shape } = operator.inputOfRank(0, 3, 3);
	const [steps, batch] = batchFirst ? [shape[1] as number, shape[0] as number] : [shape[0] as number, shape[1] as number];
	const directions = operator.text('direction', 'forward') === 'bidirectional' ? 2 : 1;
	const hiddenSize = operator.int('hidden_size');
	return {
		gates: GATES[operator.node.opType] ?? 1,
		directions,
		steps,
		batch,
		inputSize: shape[2] as number,
		hiddenSize,
		batchFirst,
	};
}

const recurrent: ShapeRule = (operator) => {
	const { directions, steps, batch, hiddenSize, batchFirst } = recurrentShape(operator);
	const type = operator.input(0).elementType;
	const state = unknown(type, batchFirst ? [batch, directions, hiddenSize] : [directions, batch, hiddenSize]);
	const all = batchFirst ? [batch, steps, directions, hiddenSize] : [steps, directions, batch, hiddenSize];
	return [unknown(type, all), state, state];
};

export const recurrentRules: Record<string, ShapeRule> = { LSTM: recurrent, GRU: recurrent, RNN: recurrent };

export const quantisedRecurrentRules: Record<string, ShapeRule> = { DynamicQuantizeLSTM: recurrent };
