/** Images made larger or smaller, or sampled at places. */
import { type ShapeRule, shapeText, unknown } from './operator.ts';

/** `⌊size · scale⌋` in 32-bit floats, as the runtime computes it. */
function scaledSize(size: number, scale: number): number {
	return Math.floor(Math.fround(size * Math.fround(scale)));
}

/** Before opset 9 the scales are an attribute. */
const upsample: ShapeRule = (operator) => {
	const data = operator.input(0);
	const scales = operator.floats('scales') ?? operator.known(1, 'scales');
	if (scales.length !== data.shape.length) throw operator.fail(`${scales.length} scales`, `${data.shape.length} scales`);
	return [
		unknown(
			data.elementType,
			data.shape.map((size, axis) => scaledSize(size, scales[axis] as number)),
		),
	];
};

const resize: ShapeRule = (operator) => {
	const data = operator.input(0);
	const rank = data.shape.length;
	const axes = (operator.ints('axes') ?? data.shape.map((_, axis) => axis)).map((axis) => operator.axis(axis, rank));
	const before11 = operator.opset < 11;
	const sizes = before11 ? null : operator.knownOptional(3, 'sizes');
	const shape = [...data.shape];
	if (sizes !== null) {
		if (sizes.length !== axes.length) throw operator.fail(`${sizes.length} sizes`, `${axes.length} sizes`);
		const ratios = axes.map((axis, i) => (sizes[i] as number) / (data.shape[axis] as number));
		const policy = operator.text('keep_aspect_ratio_policy', 'stretch');
		const ratio = policy === 'not_larger' ? Math.min(...ratios) : policy === 'not_smaller' ? Math.max(...ratios) : null;
		for (const [i, axis] of axes.entries())
			shape[axis] = ratio === null ? (sizes[i] as number) : Math.round(ratio * (data.shape[axis] as number));
		return [unknown(data.elementType, shape)];
	}
	const scales = operator.knownOptional(before11 ? 1 : 2, 'scales');
	if (scales === null) throw operator.fail('neither scales nor sizes', 'one of them');
	if (scales.length !== axes.length) throw operator.fail(`${scales.length} scales`, `${axes.length} scales`);
	// A region (tf_crop_and_resize) does not change the size where scales are given, in onnxruntime and in ONNX's own inference.
	for (const [i, axis] of axes.entries()) shape[axis] = scaledSize(data.shape[axis] as number, scales[i] as number);
	return [unknown(data.elementType, shape)];
};

const gridSample: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 3);
	const grid = operator.input(1);
	if (grid.shape.length !== data.shape.length)
		throw operator.fail(`a grid of shape ${shapeText(grid.shape)}`, `${data.shape.length} dimensions`);
	return [unknown(data.elementType, [...data.shape.slice(0, 2), ...grid.shape.slice(1, -1)])];
};

const affineGrid: ShapeRule = (operator) => {
	const size = operator.known(1, 'the size');
	return [unknown(operator.input(0).elementType, [size[0] ?? Number.NaN, ...size.slice(2), size.length - 2])];
};

const regions: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 4, 4);
	const rois = operator.inputOfRank(1, 2, 2);
	const pooled = operator.ints('pooled_shape') ?? [operator.int('output_height', 1), operator.int('output_width', 1)];
	return [unknown(data.elementType, [rois.shape[0] as number, data.shape[1] as number, ...pooled])];
};

export const resizeRules: Record<string, ShapeRule> = {
	Upsample: upsample,
	Resize: resize,
	GridSample: gridSample,
	AffineGrid: affineGrid,
	RoiAlign: regions,
	MaxRoiPool: regions,
};
