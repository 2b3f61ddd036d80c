/** x relu6(x + 3) / 6, as exporters spell it out, and x times a hard sigmoid, as one operator: a function of one value, which a table can hold. */
import { type OnnxNode, onnxNode } from '@assay/models/onnx';
import { real } from './attributes.ts';
import { type FloatModel, readersOf, scalarOf, withoutDeadParts } from './float-model.ts';

export function fuseHardSwish(model: FloatModel): FloatModel {
	const writers = new Map(model.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
	const readers = readersOf(model);
	const alone = (name: string) => readers.get(name)?.length === 1;
	/** The other input of an operator of two, where the one is a number. */
	const beside = (node: OnnxNode | undefined, opType: string, value: number): string | undefined => {
		if (node?.opType !== opType) return undefined;
		const [a = '', b = ''] = node.input;
		if (scalarOf(model, b) === value) return a;
		return opType !== 'Div' && scalarOf(model, a) === value ? b : undefined;
	};
	/** x, of relu6(x + 3). */
	const clipped = (name: string): string | undefined => {
		const node = writers.get(name);
		if (node?.opType !== 'Clip' || scalarOf(model, node.input[1]) !== 0 || scalarOf(model, node.input[2]) !== 6) return undefined;
		return alone(name) ? beside(writers.get(node.input[0] ?? ''), 'Add', 3) : undefined;
	};
	/** x, of a hard sigmoid with slope 1/6. */
	const sigmoid = (name: string): string | undefined => {
		const node = writers.get(name);
		if (node?.opType !== 'HardSigmoid' || !alone(name)) return undefined;
		const isSixth = Math.abs(real(node, 'alpha', 0.2) - 1 / 6) < 1e-4 && Math.abs(real(node, 'beta', 0.5) - 0.5) < 1e-6;
		return isSixth ? node.input[0] : undefined;
	};
	const product = (node: OnnxNode | undefined, other: (name: string) => string | undefined): string | undefined => {
		if (node?.opType !== 'Mul') return undefined;
		const [a = '', b = ''] = node.input;
		return other(b) === a ? a : other(a) === b ? b : undefined;
	};
	const nodes = model.nodes.map((node) => {
		const inner = beside(node, 'Div', 6);
		const x = inner !== undefined && alone(inner) ? product(writers.get(inner), clipped) : product(node, sigmoid);
		return x === undefined ? node : onnxNode('HardSwish', [x], node.output);
	});
	return withoutDeadParts({ ...model, nodes });
}
