/**
 * Two forms without a calibration. Weights alone in 8 bits: a file of a quarter of the size, computed in float. Dynamic: each fully connected layer finds
 * the range of its input as it runs, and multiplies in integers; convolutions, for which that costs more than it saves, keep float arithmetic.
 */
import { type FloatModel, withoutDeadParts, writeModel } from '../model/float-model.ts';
import { GraphParts } from './graph-parts.ts';
import { type IntegerWeights, quantizeLayer, type WeightOptions } from './layer-weights.ts';
import type { NetworkPlan } from './network-plan.ts';
import { floatLayer } from './quantized-network.ts';
import { type LayerUnit, nodesOf } from './units.ts';
import { layerConstants, zeroOf } from './write-qdq.ts';

export interface PlainForm {
	readonly isDynamic: boolean;
	/** Tensors to give out besides. */
	readonly further?: readonly string[];
}

export function writeWeightsOnly(
	model: FloatModel,
	plan: NetworkPlan,
	options: WeightOptions,
	{ isDynamic, further = [] }: PlainForm,
): Uint8Array {
	const parts = new GraphParts(model);
	for (const unit of plan.units) {
		if (unit.kind !== 'layer') {
			parts.nodes.push(...nodesOf(unit));
			continue;
		}
		const layers = new Map([[unit.name, weightsOf(model, unit, options)]]);
		const { weights, scale } = layerConstants(unit, { model, layers }, parts);
		const [, ...after] = nodesOf(unit);
		if (isDynamic && unit.type === 'dense') multiplyDynamically(unit, weights, scale, parts);
		else {
			const grid = parts.fresh();
			parts.add(
				'DequantizeLinear',
				[weights, scale.name, zeroOf(scale, parts)],
				[grid],
				scale.axis === undefined ? {} : { axis: scale.axis },
			);
			parts.nodes.push({ ...unit.node, input: [unit.input, grid, ...(unit.bias === undefined ? [] : [unit.bias])] });
		}
		parts.nodes.push(...after);
	}
	return writeModel(withoutDeadParts({ ...parts.whole(), outputs: [...model.outputs, ...further] }));
}

/** Integers of a layer's weights; its bias stays float. */
function weightsOf(model: FloatModel, unit: LayerUnit, options: WeightOptions): IntegerWeights {
	return quantizeLayer({ ...floatLayer(model, unit), bias: undefined }, 1, options);
}

function multiplyDynamically(unit: LayerUnit, weights: string, scale: { readonly name: string }, parts: GraphParts): void {
	const [codes, range, zero] = [parts.fresh(), parts.fresh(), parts.fresh()];
	parts.add('DynamicQuantizeLinear', [unit.input], [codes, range, zero]);
	let right = weights;
	if (!unit.isTransposed) {
		right = parts.fresh();
		parts.add('Transpose', [weights], [right], { perm: [1, 0] });
	}
	const [sums, reals, unitOfSums] = [parts.fresh(), parts.fresh(), parts.fresh()];
	parts.add('MatMulInteger', [codes, right, zero], [sums]);
	parts.add('Cast', [sums], [reals], { to: 1 });
	parts.add('Mul', [range, scale.name], [unitOfSums]);
	const [output = ''] = unit.node.output;
	const products = unit.bias === undefined ? output : parts.fresh();
	parts.add('Mul', [reals, unitOfSums], [products]);
	if (unit.bias !== undefined) parts.add('Add', [products, unit.bias], [output]);
}

/** Bytes that weights of fewer bits take if they are packed, scales and biases included. */
export function packedBytes(
	model: FloatModel,
	plan: NetworkPlan,
	bits: number,
	granularity: WeightOptions['granularity'],
): number {
	let bytes = 0;
	for (const unit of plan.units) {
		if (unit.kind !== 'layer') continue;
		const { weights, outputs } = floatLayer(model, unit);
		bytes += (weights.length * bits) / 8 + (granularity === 'channel' ? 8 : 4) * outputs;
	}
	return Math.ceil(bytes);
}
