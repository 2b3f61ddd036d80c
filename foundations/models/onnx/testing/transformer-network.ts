/** An encoder layer as exporters write it: shapes computed in the graph, attention by heads, a mask, norms whole or in parts. */
import { GraphWriter, oneNumber } from './graph-writer.ts';

const WIDTH = 32;
const HEADS = 4;

/** Operator sets 9 to 22. Input: `tokens` [batch, sequence], whole numbers. */
export function transformerNetwork(opset: number): GraphWriter {
	const g = new GraphWriter(opset);
	const tokens = g.input('tokens', ['batch', 'sequence'], 'int64');
	const pick = (shape: string, at: number) => g.add('Gather', [shape, g.scalar(at, 'int64')], { attributes: { axis: 0 } });
	const unsqueezed = (x: string, axes: number[]) =>
		opset < 13 ? g.add('Unsqueeze', [x], { attributes: { axes } }) : g.add('Unsqueeze', [x, g.integers(axes)]);
	const mean = (x: string) =>
		opset < 18 ? g.add('ReduceMean', [x], { attributes: { axes: [-1] } }) : g.add('ReduceMean', [x, g.integers([-1])]);
	const norm = (x: string): string => {
		if (opset >= 17) return g.add('LayerNormalization', [x, g.weight([WIDTH]), g.weight([WIDTH])], { attributes: { axis: -1 } });
		const centred = g.add('Sub', [x, mean(x)]);
		const variance = mean(g.add('Pow', [centred, g.scalar(2)]));
		const scaled = g.add('Div', [centred, g.add('Sqrt', [g.add('Add', [variance, g.scalar(1e-5)])])]);
		return g.add('Add', [g.add('Mul', [scaled, g.weight([WIDTH])]), g.weight([WIDTH])]);
	};
	const linear = (x: string, rows: number, columns: number) =>
		g.add('Add', [g.add('MatMul', [x, g.weight([rows, columns])]), g.weight([columns])]);

	const shape = g.add('Shape', [tokens]);
	const batch = pick(shape, 0);
	const sequence = pick(shape, 1);
	let x = g.add('Gather', [g.weight([50, WIDTH]), tokens]);
	const positions =
		opset >= 11
			? g.add('Range', [g.scalar(0, 'int64'), sequence, g.scalar(1, 'int64')])
			: g.add(
					'Squeeze',
					[
						g.add('NonZero', [
							g.add('ConstantOfShape', [unsqueezed(sequence, [0])], { attributes: { value: { tensor: oneNumber(1) } } }),
						]),
					],
					{ attributes: { axes: [0] } },
				);
	x = norm(g.add('Add', [x, g.add('Gather', [g.weight([64, WIDTH]), positions])]));

	const heads = (y: string) => {
		const target = g.add('Concat', [unsqueezed(batch, [0]), g.integers([-1]), g.integers([HEADS, WIDTH / HEADS])], {
			attributes: { axis: 0 },
		});
		return g.add('Reshape', [y, target]);
	};
	const query = g.add('Transpose', [heads(linear(x, WIDTH, WIDTH))], { attributes: { perm: [0, 2, 1, 3] } });
	const key = g.add('Transpose', [heads(linear(x, WIDTH, WIDTH))], { attributes: { perm: [0, 2, 3, 1] } });
	const value = g.add('Transpose', [heads(linear(x, WIDTH, WIDTH))], { attributes: { perm: [0, 2, 1, 3] } });
	const scores = g.add('Div', [g.add('MatMul', [query, key]), g.scalar(Math.sqrt(WIDTH / HEADS))]);
	const square = g.add('Concat', [unsqueezed(sequence, [0]), unsqueezed(sequence, [0])], { attributes: { axis: 0 } });
	const ones = g.add('ConstantOfShape', [square]);
	const allowed = g.add('Cast', [opset >= 14 ? g.add('Trilu', [ones], { attributes: { upper: 0 } }) : ones], {
		attributes: { to: 9 },
	});
	const masked = g.add('Where', [allowed, scores, g.scalar(-10000)]);
	const weights = g.add('Softmax', [masked], { attributes: { axis: -1 } });
	const context = g.add('Transpose', [g.add('MatMul', [weights, value])], { attributes: { perm: [0, 2, 1, 3] } });
	const merged = g.add('Reshape', [
		context,
		g.add('Concat', [unsqueezed(batch, [0]), unsqueezed(sequence, [0]), g.integers([WIDTH])], { attributes: { axis: 0 } }),
	]);
	x = norm(g.add('Add', [x, linear(merged, WIDTH, WIDTH)]));
	const hidden = linear(x, WIDTH, 4 * WIDTH);
	const half = g.add('Mul', [g.add('Mul', [hidden, g.add('Add', [g.add('Erf', [hidden]), g.scalar(1)])]), g.scalar(0.5)]);
	x = norm(g.add('Add', [x, linear(half, 4 * WIDTH, WIDTH)]));
	const chosen = opset >= 13 ? g.add('Equal', [sequence, g.scalar(0, 'int64')]) : g.scalar(0, 'bool');
	const end = g.add('Where', [chosen, g.scalar(1, 'int64'), sequence]);
	if (opset >= 10) {
		const last = g.add('Slice', [x, g.integers([0]), unsqueezed(end, [0]), g.integers([1])]);
		x = g.add('Expand', [last, g.integers([2, 1, 1, 1])]);
	}
	g.add('Tanh', [
		g.add('ReduceMax', [x, ...(opset >= 18 ? [g.integers([1])] : [])], {
			attributes: { keepdims: 0, ...(opset < 18 ? { axes: [1] } : {}) },
		}),
	]);
	return g;
}
