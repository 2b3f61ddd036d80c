/** Whether 8 bits would pay off for somebody who serves a convolutional network on a CPU or a small device. */
import type { Advise } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Agreement from which on we call a quantized network usable. */
const USABLE = 0.98;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'serve' && subject.goal !== 'edge')
			return { reason: 'a network in 8 bits is for serving it, on a CPU or a small device' };
		const { modelFile } = subject;
		if (modelFile === undefined || !/\.(onnx|tflite)$/i.test(modelFile))
			return { reason: 'it needs the weights: a convolutional network as .onnx or .tflite' };
		return { inputs: { model: { file: modelFile }, study: { speed: true } } };
	},
	assess({ sizes, quantized, speed, samples, network }) {
		if (network.layers === 0) return { reason: 'none of its layers runs in integers' };
		const smallest = Math.min(sizes.quantized, sizes.integer ?? sizes.quantized);
		const [float, ...others] = speed.filter(({ what }) => what.startsWith('onnxruntime'));
		const usable = others.filter(({ agreement }) => agreement === null || agreement >= quantized.agreement - 0.02);
		const best = Math.min(...usable.map(({ seconds }) => seconds));
		const isTimed = float !== undefined && usable.length > 0 && best > 0 && float.seconds > 0;
		if (!(smallest > 0 && sizes.given > 0)) return { reason: 'the run gives no sizes' };
		return {
			gain: { memory: sizes.given / smallest, ...(isTimed ? { latency: float.seconds / best } : {}) },
			against: 'the same file in float, in onnxruntime on one thread of this machine',
			costs: {
				quality: `${(100 * quantized.agreement).toFixed(1)} % of its decisions stay as they were, on ${samples.origin}${quantized.agreement < USABLE ? '; look at the layers that cause the loss and try the repairs' : ''}`,
				effort: 'none but a few dozen samples of your own to take the ranges from',
			},
			unchecked: 'accuracy on your own data, unless you bring samples with labels; other processors than this one',
		};
	},
};
