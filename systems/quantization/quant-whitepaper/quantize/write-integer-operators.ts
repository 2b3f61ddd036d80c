/**
 * A quantized network as an ONNX graph of integer operators: QLinearConv and its like, of ONNX's own set and of Microsoft's, over tensors of int8.
 * Smaller than the form with quantizers around float operators, and what runs does not hang on a runtime's rewriting. Operators that stay float stand
 * between a DequantizeLinear and a QuantizeLinear.
 */
import type { OnnxAttribute, OnnxNode } from '@assay/models/onnx';
import type { Quantization } from '../integer/integer-network.ts';
import { integer } from '../model/attributes.ts';
import { floatsOf, shapeOf, withoutDeadParts, writeModel } from '../model/float-model.ts';
import { GraphParts } from './graph-parts.ts';
import type { QuantizedNetwork } from './quantized-network.ts';
import { inputsOf, type LayerUnit, nodesOf, outputsOf, type PlainUnit } from './units.ts';
import { codesOf, layerConstants, zeroOf } from './write-qdq.ts';

const MICROSOFT = 'com.microsoft';

export function writeIntegerOperators(network: QuantizedNetwork): Uint8Array {
	const { model, plan, parameters } = network;
	const parts = new GraphParts(model);
	const shapes = new Map(model.shapes);
	const otherTypes = new Map(model.otherTypes);
	const onGrid = new Set(plan.units.flatMap((unit) => (unit.kind === 'float' ? [] : outputsOf(unit))));
	const scaleOf = (name: string): readonly [string, string] => parts.quantization(parameters.get(name) as Quantization);
	const made = new Set<string>();
	const names = new Map<string, string>();
	/** Name of a tensor's codes. */
	const codes = (name: string): string => {
		const known = names.get(name);
		if (known !== undefined) return known;
		const weight = model.weights.get(name);
		const chosen =
			weight === undefined
				? parts.fresh()
				: parts.bytes('int8', weight.dims, codesOf(floatsOf(weight), parameters.get(name) as Quantization));
		names.set(name, chosen);
		return chosen;
	};
	/** The codes of a tensor, from its float values where no integer operator makes them. */
	const need = (name: string): string => {
		if (onGrid.has(name) || made.has(name)) return codes(name);
		made.add(name);
		if (!model.weights.has(name)) parts.add('QuantizeLinear', [name, ...scaleOf(name)], [codes(name)]);
		return codes(name);
	};
	/** The float values of a tensor, under its own name. */
	const needFloat = (name: string): string => {
		if (!onGrid.has(name) || made.has(name)) return name;
		made.add(name);
		parts.add('DequantizeLinear', [codes(name), ...scaleOf(name)], [name]);
		return name;
	};
	const like = (node: OnnxNode, opType: string, input: readonly string[], output: string, domain = ''): void => {
		parts.nodes.push({ ...node, opType, domain, input: [...input], output: [output] });
	};
	for (const unit of plan.units) {
		switch (unit.kind) {
			case 'float':
				for (const node of nodesOf(unit)) parts.nodes.push({ ...node, input: node.input.map(needFloat) });
				break;
			case 'function': {
				const [from, to] = [parts.fresh(), parts.fresh()];
				parts.add('DequantizeLinear', [need(unit.input), ...scaleOf(unit.input)], [from]);
				const rename = (name: string) => (name === unit.input ? from : name === unit.output ? to : name);
				for (const node of unit.nodes)
					parts.nodes.push({ ...node, input: node.input.map(rename), output: node.output.map(rename) });
				parts.add('QuantizeLinear', [to, ...scaleOf(unit.output)], [codes(unit.output)]);
				break;
			}
			case 'addition':
			case 'product': {
				const operands = unit.inputs.flatMap((name) => [need(name), ...scaleOf(name)]);
				parts.add(
					unit.kind === 'addition' ? 'QLinearAdd' : 'QLinearMul',
					[...operands, ...scaleOf(unit.output)],
					[codes(unit.output)],
					{},
					MICROSOFT,
				);
				break;
			}
			case 'layer':
				layer(unit);
				break;
			default:
				plain(unit);
		}
		if (unit.kind === 'float') continue;
		for (const name of [...inputsOf(unit), ...outputsOf(unit)]) {
			shapes.set(codes(name), shapeOf(model, name));
			otherTypes.set(codes(name), 'int8');
		}
	}
	for (const name of model.outputs) needFloat(name);
	return writeModel(withoutDeadParts({ ...parts.whole(), shapes, otherTypes }), [], { domains: [MICROSOFT] });

	function layer(unit: LayerUnit): void {
		const integers = network.layers.get(unit.name);
		if (integers === undefined) throw new Error(`the layer ${unit.name} was not quantized`);
		const { weights, scale } = layerConstants(unit, network, parts);
		const zero = unit.node.opType === 'Gemm' ? zeroOf(scale, parts) : parts.zero(0);
		const operands = [need(unit.input), ...scaleOf(unit.input), weights, scale.name, zero];
		const bias = () => parts.bytes('int32', [unit.outputs], integers.bias);
		const to = scaleOf(unit.output);
		const output = codes(unit.output);
		if (unit.node.opType === 'Conv') {
			like(
				{ ...unit.node, attribute: unit.node.attribute.filter((attribute) => !isDefault(attribute)) },
				'QLinearConv',
				[...operands, ...to, ...(unit.bias === undefined ? [] : [bias()])],
				output,
			);
		} else if (unit.node.opType === 'Gemm') {
			const attributes = unit.isTransposed ? {} : { transB: 1 };
			parts.add('QGemm', [...operands, unit.bias === undefined ? '' : bias(), ...to], [output], attributes, MICROSOFT);
		} else like(unit.node, 'QLinearMatMul', [...operands, ...to], output);
	}

	function plain(unit: PlainUnit): void {
		const [input = ''] = unit.inputs;
		const [output = ''] = unit.outputs;
		const { node } = unit;
		const scales = () => [...scaleOf(input), ...scaleOf(output)];
		switch (unit.kind) {
			case 'average-pool':
				like(
					{ ...node, attribute: node.opType === 'AveragePool' ? node.attribute : [] },
					node.opType === 'AveragePool' ? 'QLinearAveragePool' : 'QLinearGlobalAveragePool',
					[need(input), ...scales()],
					codes(output),
					MICROSOFT,
				);
				break;
			case 'softmax':
				parts.add(
					'QLinearSoftmax',
					[need(input), ...scales()],
					[codes(output)],
					{ axis: integer(node, 'axis', -1), opset: model.opset },
					MICROSOFT,
				);
				break;
			case 'concatenation': {
				const operands = unit.inputs.flatMap((name) => [need(name), ...scaleOf(name)]);
				like(node, 'QLinearConcat', [...scaleOf(output), ...operands], codes(output), MICROSOFT);
				break;
			}
			default: {
				const rest = node.input.slice(1);
				// Padding is of zeros, whose code is the zero point.
				const further = node.opType === 'Pad' ? [rest[0] ?? '', scaleOf(input)[1]] : rest;
				parts.nodes.push({ ...node, input: [need(input), ...further], output: node.output.map(codes) });
			}
		}
	}
}

/** An attribute of a convolution that says what its absence says. */
function isDefault({ name, i, ints }: OnnxAttribute): boolean {
	switch (name) {
		case 'kernel_shape':
			return true;
		case 'strides':
		case 'dilations':
			return ints?.every((value) => value === 1) === true;
		case 'pads':
			return ints?.every((value) => value === 0) === true;
		default:
			return name === 'group' && i === 1;
	}
}
