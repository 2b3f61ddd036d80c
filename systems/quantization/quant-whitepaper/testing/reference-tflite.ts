/** A float TensorFlow Lite network run from the definitions, images as [height, width, channels], one value at a time: nothing is shared with the converter. */
import type { FusedActivation, TfliteModel } from '@assay/models/tflite';

interface Tensor {
	readonly shape: readonly number[];
	readonly values: ArrayLike<number>;
}

const activate = (value: number, activation: FusedActivation): number => {
	if (activation === 'none') return value;
	if (activation === 'relu') return Math.max(0, value);
	if (activation === 'relu6') return Math.min(6, Math.max(0, value));
	throw new Error(activation);
};

/** The first output, for one image. */
export function runReference(model: TfliteModel, image: ArrayLike<number>): number[] {
	const tensors: (Tensor | undefined)[] = model.tensors.map(({ shape, data, elementType }) =>
		data === undefined || elementType !== 'float32'
			? undefined
			: { shape, values: new Float32Array(new Uint8Array(data).buffer) },
	);
	tensors[model.inputs[0]!] = { shape: model.tensors[model.inputs[0]!]!.shape, values: image };
	for (const { operation: o, inputs, outputs } of model.nodes) {
		const [x, w, b] = inputs.map((number) => tensors[number ?? -1]);
		const shape = model.tensors[outputs[0]!]!.shape;
		const values: number[] = [];
		const [, height = 1, width = 1, channels = 1] = x!.shape;
		const [, rows = 1, columns = 1, outs = 1] = shape;
		const at = (y: number, column: number, c: number) => x!.values[(y * width + column) * channels + c]!;
		/** Values of a window inside the image, with the tap of each. */
		const window = (
			row: number,
			column: number,
			tall: number,
			wide: number,
			visit: (y: number, x: number, tap: number) => void,
		) => {
			if (!('padding' in o)) throw new Error('no window');
			const before = (size: number, out: number, taps: number, stride: number) =>
				o.padding === 'valid' ? 0 : Math.floor(Math.max(0, (out - 1) * stride + taps - size) / 2);
			const [top, left] = [before(height, rows, tall, o.strideHeight), before(width, columns, wide, o.strideWidth)];
			for (let i = 0; i < tall; i++)
				for (let j = 0; j < wide; j++) {
					const [y, xx] = [row * o.strideHeight + i - top, column * o.strideWidth + j - left];
					if (y >= 0 && y < height && xx >= 0 && xx < width) visit(y, xx, i * wide + j);
				}
		};
		const eachPlace = (one: (row: number, column: number, out: number) => number) => {
			for (let row = 0; row < rows; row++)
				for (let column = 0; column < columns; column++) for (let out = 0; out < outs; out++) values.push(one(row, column, out));
		};
		switch (o.kind) {
			case 'convolution':
			case 'depthwise-convolution': {
				const [, tall = 1, wide = 1] = w!.shape;
				eachPlace((row, column, out) => {
					let sum = b!.values[out]!;
					window(row, column, tall, wide, (y, xx, tap) => {
						if (o.kind === 'depthwise-convolution') sum += at(y, xx, out) * w!.values[tap * outs + out]!;
						else for (let c = 0; c < channels; c++) sum += at(y, xx, c) * w!.values[(out * tall * wide + tap) * channels + c]!;
					});
					return activate(sum, o.activation);
				});
				break;
			}
			case 'average-pool':
				eachPlace((row, column, out) => {
					let [sum, count] = [0, 0];
					window(row, column, o.filterHeight, o.filterWidth, (y, xx) => {
						sum += at(y, xx, out);
						count++;
					});
					return activate(sum / count, o.activation);
				});
				break;
			case 'add':
				for (let i = 0; i < x!.values.length; i++) values.push(activate(x!.values[i]! + w!.values[i]!, o.activation));
				break;
			case 'fully-connected':
				for (let out = 0; out < w!.shape[0]!; out++) {
					let sum = b!.values[out]!;
					for (let i = 0; i < x!.values.length; i++) sum += x!.values[i]! * w!.values[out * x!.values.length + i]!;
					values.push(activate(sum, o.activation));
				}
				break;
			case 'softmax': {
				const powers = Array.from(x!.values, (value) => Math.exp(o.beta * value));
				const total = powers.reduce((sum, power) => sum + power, 0);
				values.push(...powers.map((power) => power / total));
				break;
			}
			case 'reshape':
				values.push(...Array.from(x!.values));
				break;
			default:
				throw new Error(o.kind);
		}
		tensors[outputs[0]!] = { shape, values };
	}
	return Array.from(tensors[model.outputs[0]!]!.values);
}
