/** A convolutional network that uses every way an operator set has of saying things: attributes in early sets, inputs in later ones. */
import { GraphWriter } from './graph-writer.ts';

/** Operator sets 7 to 22. Input: `image` [batch, 3, height, width]. */
export function convolutionalNetwork(opset: number): GraphWriter {
	const g = new GraphWriter(opset);
	const image = g.input('image', ['batch', 3, 'height', 'width']);
	const norm = (x: string, channels: number) => {
		const w = [1, 2, 3, 4].map(() => g.weight([channels]));
		// Variances are squared away from zero elsewhere; only shapes count here.
		return g.add('BatchNormalization', [x, ...w]);
	};
	const conv = (x: string, dims: number[], attributes: Record<string, number | string | number[]>, bias = false) =>
		g.add('Conv', [x, g.weight(dims), ...(bias ? [g.weight([dims[0] as number])] : [])], { attributes });

	let x = conv(image, [8, 3, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }, true);
	x = g.add('Relu', [norm(x, 8)]);
	x = g.add('MaxPool', [x], {
		attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ...(opset >= 10 ? { ceil_mode: 1 } : {}) },
		outputs: opset >= 8 ? 2 : 1,
	});
	const same = conv(x, [8, 8, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] });
	const lower = conv(x, [8, 8, 4, 4], { auto_pad: 'SAME_LOWER', strides: [2, 2] });
	conv(x, [8, 8, 2, 3], { auto_pad: 'VALID' });
	const depthwise = conv(same, [8, 1, 3, 3], { group: 8, pads: [2, 1, 2, 1], dilations: [2, 1] });
	x = g.add('Concat', [same, lower, depthwise], { attributes: { axis: 1 } });
	x = g.add('LRN', [x], { attributes: { size: 3 } });
	const halves = opset >= 13 ? [g.integers([8, 16])] : [];
	const left = g.add('Split', [x, ...halves], { attributes: { axis: 1, ...(opset < 13 ? { split: [8, 16] } : {}) }, outputs: 2 });
	const up =
		opset < 9
			? g.add('Upsample', [left], { attributes: { scales: { floats: [1, 1, 2, 1.5] }, mode: 'nearest' } })
			: opset === 9
				? g.add('Upsample', [left, g.floats([1, 1, 2, 1.5])], { attributes: { mode: 'nearest' } })
				: opset === 10
					? g.add('Resize', [left, g.floats([1, 1, 2, 1.5])], { attributes: { mode: 'nearest' } })
					: g.add('Resize', [left, g.floats([]), g.floats([1, 1, 2, 1.5])], { attributes: { mode: 'nearest' } });
	if (opset >= 11)
		g.add('Resize', [left, g.floats([]), g.floats([]), g.integers([2, 8, 11, 13])], { attributes: { mode: 'nearest' } });
	if (opset >= 18)
		g.add('Resize', [left, '', '', g.integers([20, 31])], {
			attributes: { mode: 'nearest', axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
		});
	g.add('ConvTranspose', [up, g.weight([8, 4, 3, 3])], {
		attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 1 },
	});
	g.add('ConvTranspose', [up, g.weight([8, 2, 2, 2])], { attributes: { strides: [2, 2], group: 2 } });
	g.add('ConvTranspose', [left, g.weight([8, 4, 3, 3])], { attributes: { strides: [2, 2], output_shape: [9, 10] } });
	if (opset >= 11)
		g.add('ConvTranspose', [left, g.weight([8, 4, 3, 3])], { attributes: { strides: [2, 3], auto_pad: 'SAME_UPPER' } });
	const padded =
		opset < 11
			? g.add('Pad', [left], { attributes: { pads: [0, 0, 1, 2, 0, 0, 3, -1] } })
			: g.add('Pad', [left, g.integers([0, 0, 1, 2, 0, 0, 3, -1])]);
	if (opset >= 18) g.add('Pad', [left, g.integers([1, 2]), '', g.integers([-1])]);
	const part =
		opset < 10
			? g.add('Slice', [padded], { attributes: { starts: [1, -3], ends: [1000, -1], axes: [2, 3] } })
			: g.add('Slice', [padded, g.integers([-1, 0]), g.integers([-1000, 9]), g.integers([2, 3]), g.integers([-2, 2])]);
	g.add('AveragePool', [padded], {
		attributes: {
			kernel_shape: [2, 3],
			strides: [2, 2],
			pads: [1, 1, 0, 1],
			...(opset >= 10 ? { ceil_mode: 1 } : {}),
			count_include_pad: 1,
		},
	});
	g.add('AveragePool', [padded], { attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' } });
	g.add('GlobalMaxPool', [part]);
	g.add('PRelu', [left, g.weight([8, 1, 1])]);
	g.add('InstanceNormalization', [left, g.weight([8]), g.weight([8])]);
	if (opset >= 21) g.add('GroupNormalization', [left, g.weight([8]), g.weight([8])], { attributes: { num_groups: 2 } });
	g.add('DepthToSpace', [left], { attributes: { blocksize: 2 } });
	if (opset >= 9) g.add('MaxPool', [left], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
	const clipped =
		opset < 11
			? g.add('Clip', [left], { attributes: { min: { float: 0 }, max: { float: 6 } } })
			: g.add('Clip', [left, g.scalar(0), g.scalar(6)]);
	let head = g.add('GlobalAveragePool', [clipped]);
	head = opset < 13 ? g.add('Squeeze', [head], { attributes: { axes: [2, 3] } }) : g.add('Squeeze', [head, g.integers([2, 3])]);
	head = opset < 13 ? g.add('Unsqueeze', [head], { attributes: { axes: [2] } }) : g.add('Unsqueeze', [head, g.integers([-1])]);
	head = g.add('Dropout', [g.add('Flatten', [head], { attributes: { axis: 1 } })], { outputs: opset >= 12 ? 2 : 1 });
	head = g.add('Gemm', [head, g.weight([10, 8]), g.weight([10])], { attributes: { transB: 1 } });
	g.add('Softmax', [head]);
	return g;
}
