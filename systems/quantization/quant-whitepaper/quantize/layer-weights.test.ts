import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTflite, type TfliteTensor } from '@assay/models/tflite';
import { expect, test } from 'vitest';
import { quantizeLayer } from './layer-weights.ts';

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper');
const present = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!present) console.log('skipped: ASSAY_DATA has no quant-whitepaper');

const floats = ({ data }: TfliteTensor) => new Float32Array(new Uint8Array(data!).buffer);

/** [taps, outputs] to [outputs, taps]. */
const turned = (values: Float32Array, outputs: number) =>
	values.map(
		(_, place) => values[(place % (values.length / outputs)) * outputs + Math.floor(place / (values.length / outputs))]!,
	);

for (const { name, weights, exact, adjusted } of [
	{ name: 'resnet8_cifar10', weights: 77_360, exact: 77_358, adjusted: 0 },
	{ name: 'mobilenetv1_025_vww96', weights: 208_112, exact: 208_112, adjusted: 971 },
]) {
	test.skipIf(!present)(`${name}: weights, scales and biases are those of TensorFlow's converter`, () => {
		const read = (kind: string) => parseTflite(readFileSync(join(folder, `${name}_${kind}.tflite`)), kind);
		const [float, integer] = [read('float32'), read('int8')];
		const layers = (model: typeof float) =>
			model.nodes.filter(({ operation }) => ['convolution', 'depthwise-convolution', 'fully-connected'].includes(operation.kind));
		const counts = { weights: 0, same: 0, biases: 0, sameBiases: 0, coarsened: 0, worstScale: 0 };
		for (const [index, node] of layers(integer).entries()) {
			const twin = layers(float)[index]!;
			const [input, w, b] = node.inputs.map((number) => integer.tensors[number!]!);
			const [fw, fb] = twin.inputs.slice(1).map((number) => floats(float.tensors[number!]!));
			const isDepthwise = node.operation.kind === 'depthwise-convolution';
			const outputs = isDepthwise ? w!.shape[3]! : w!.shape[0]!;
			const ours = quantizeLayer(
				{ weights: isDepthwise ? turned(fw!, outputs) : fw!, bias: fb, outputs },
				input!.quantization!.scales[0]!,
				{ granularity: w!.quantization!.scales.length > 1 ? 'channel' : 'tensor', bits: 8, rounding: 'half-away' },
			);
			const theirs = new Int8Array(new Uint8Array(w!.data!).buffer);
			const arranged = isDepthwise ? turned(Float32Array.from(theirs), outputs) : Float32Array.from(theirs);
			const sums = new Int32Array(new Uint8Array(b!.data!).buffer);
			counts.weights += theirs.length;
			counts.same += arranged.filter((value, i) => value === ours.weights[i]).length;
			counts.coarsened += ours.coarsened.length;
			for (let output = 0; output < outputs; output++) {
				const scale = w!.quantization!.scales[w!.quantization!.scales.length > 1 ? output : 0]!;
				counts.worstScale = Math.max(counts.worstScale, Math.abs(ours.scales[output]! / scale - 1) * 2 ** 23);
				if (ours.coarsened.includes(output)) continue;
				counts.biases++;
				if (sums[output] === ours.bias[output]) counts.sameBiases++;
			}
		}
		expect(counts.weights).toBe(weights);
		expect(counts.same).toBeGreaterThanOrEqual(exact);
		expect(counts.coarsened).toBe(adjusted);
		expect(counts.sameBiases).toBe(counts.biases);
		// One unit in the last place of float32 is 2^-23 relative at most.
		expect(counts.worstScale).toBeLessThanOrEqual(1);
	});
}
