/** What a user can say. */
import { choice, count, dataReference, flag, quantity, text } from '@assay/contract';
import { z } from 'zod';
import { CALIBRATION_METHODS } from './calibrate/range-of.ts';
import { BUILT_IN_MODELS } from './model/built-in-models.ts';

const model = z
	.strictObject({
		name: choice(BUILT_IN_MODELS, {
			default: 'text-direction',
			help: 'A network that is at hand: three of PP-OCR (which way up a line of text is, where text is, what it says), or digits, a small MobileNet trained here on MNIST.',
		}),
		file: dataReference({
			help: 'Your own float network: .onnx, .tflite, or the model.json of TensorFlow.js. Wins over the name.',
			mediaTypes: ['application/octet-stream', 'application/json'],
		}).optional(),
		weights: z
			.array(dataReference({ help: 'A file of weights.', mediaTypes: ['application/octet-stream'] }))
			.max(10_000)
			.default([])
			.meta({ description: 'All files of weights that a model.json of TensorFlow.js names, in any order.' }),
		dimensions: text({
			default: '',
			help: 'Sizes that the file leaves open: height=224, width=224 by name, or x=1x3x224x224 by input. An open batch is 1.',
			maxLength: 2000,
		}),
	})
	.prefault({});

const samples = z
	.strictObject({
		file: dataReference({
			help: 'Your samples as one array: .npy, .csv (a sample a row) or idx. Values are what the network is fed, after any scaling.',
			mediaTypes: ['application/octet-stream', 'text/csv'],
		}).optional(),
		images: z
			.array(dataReference({ help: 'A picture.', mediaTypes: ['image/png', 'image/jpeg'] }))
			.max(10_000)
			.default([])
			.meta({
				description: 'Your samples as PNG or JPEG pictures; resized to the network’s input and scaled by mean and deviation.',
			}),
		labels: dataReference({
			help: 'Class number of each sample, in the same order: .csv, .npy or idx. For accuracy; without them only agreement with the float network is known.',
			mediaTypes: ['application/octet-stream', 'text/csv'],
		}).optional(),
		most: count({
			unit: 'samples',
			min: 1,
			max: 10_000,
			default: 32,
			help: 'Samples that are used, or drawn where you bring none.',
		}),
		calibrate: count({
			unit: 'samples',
			min: 1,
			max: 10_000,
			default: 12,
			help: 'Of them, the first ones: they give the ranges; the rest measure. Where all are needed, the same ones do both.',
		}),
		means: text({
			default: '0.5',
			help: 'Of colours from 0 to 1, subtracted from pictures: one number, or one a channel, parted by commas.',
		}),
		deviations: text({ default: '0.5', help: 'What pictures are then divided by, likewise.' }),
		order: choice(['rgb', 'bgr'], { default: 'rgb', help: 'Order of the channels of pictures.' }),
	})
	.prefault({});

const ranges = z
	.strictObject({
		method: choice(CALIBRATION_METHODS, {
			default: 'min-max',
			help: 'How the range of each tensor is found from the samples.',
		}),
		percentile: quantity({
			unit: '%',
			min: 50,
			max: 100,
			default: 99.999,
			help: 'Values that stay within, for the method percentile.',
		}),
	})
	.prefault({});

const policy = z
	.strictObject({
		scheme: choice(['static', 'dynamic', 'weights-only'], {
			default: 'static',
			help: 'Weights and activations in 8 bits; fully connected layers with ranges found as they run; or weights alone.',
		}),
		granularity: choice(['channel', 'tensor'], {
			default: 'channel',
			help: 'A scale for each output channel of weights, or one for a layer.',
		}),
		weightBits: count({
			unit: 'bits',
			min: 2,
			max: 8,
			default: 8,
			help: 'Of weights. Fewer than 8 are stored in 8, as the kernels need them.',
		}),
		rounding: choice(['onnxruntime', 'tflite'], {
			default: 'onnxruntime',
			help: 'Ties to even and float factors, or ties away from zero and fixed-point factors.',
		}),
	})
	.prefault({});

const repairs = z
	.strictObject({
		equalise: flag({ default: false, help: 'Evens the ranges of neighbouring layers first (cross-layer equalisation).' }),
		correctBiases: flag({ default: false, help: 'Takes the mean error of rounded weights back in the biases.' }),
		keepFloat: text({
			default: '',
			help: 'Layers that stay float, by the names of the report, parted by commas.',
			maxLength: 5000,
		}),
		target: quantity({
			unit: '%',
			min: 0,
			max: 100,
			default: 0,
			help: 'Of decisions that should stay as in float: further layers are kept in float, the ones that lose most first, until so many do on the samples that give the ranges. 0: none.',
		}),
	})
	.prefault({});

const training = z
	.strictObject({
		steps: count({
			unit: 'batches',
			min: 0,
			max: 100_000,
			default: 0,
			help: 'Trains the network on the grid of its integers for so many batches, on the samples that give the ranges: their labels, or else the float network’s own answers. 0: not at all.',
		}),
		batch: count({ unit: 'samples', min: 1, max: 1024, default: 8, help: 'Samples of a batch.' }),
		rate: quantity({
			unit: '1',
			min: 1e-7,
			max: 1,
			default: 0.001,
			help: 'Learning rate of the first step; it falls to 0 along a cosine.',
		}),
	})
	.prefault({});

const study = z
	.strictObject({
		layers: flag({ default: true, help: 'Quantizes each layer alone to find out which one loses, and why.' }),
		repairs: flag({ default: true, help: 'Tries each repair and measures its gain.' }),
		bits: flag({ default: false, help: 'Tries 2 to 8 bits of weights, with a scale a channel and a scale a layer.' }),
		speed: flag({
			default: false,
			help: 'Times the network before and after on this machine; figures then differ from run to run.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({ model, samples, ranges, policy, repairs, training, study });

export type Inputs = z.output<typeof inputs>;
