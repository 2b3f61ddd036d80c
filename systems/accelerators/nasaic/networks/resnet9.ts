/**
 * The paper's classifier for images of 32 x 32: a stem of FN0 filters, then three stages of a 3 x 3 convolution, 2 x 2 pooling and SK
 * residual convolutions. Written <FN0, FN1, SK1, FN2, SK2, FN3, SK3>; the fully connected layer, pooling and additions cost nothing.
 */
import type { Backbone } from './backbone.ts';
import { chainOf, squareConvolution } from './task-network.ts';

export const resnet9: Backbone = {
	name: 'ResNet9',
	decisions: [
		{ name: 'FN0', options: [8, 16, 32, 64] },
		{ name: 'FN1', options: [32, 64, 128, 256] },
		{ name: 'SK1', options: [0, 1, 2] },
		{ name: 'FN2', options: [64, 128, 256, 512] },
		{ name: 'SK2', options: [0, 1, 2] },
		{ name: 'FN3', options: [64, 128, 256, 512] },
		{ name: 'SK3', options: [0, 1, 2] },
	],
	build(values) {
		const [stem = 1, ...stages] = values;
		const layers = [squareConvolution('stem', 3, stem, 32)];
		let channels = stem;
		for (let stage = 0; stage < 3; stage++) {
			const width = stages[2 * stage] ?? 1;
			const side = 32 >> stage;
			layers.push(squareConvolution(`stage${stage + 1}.conv`, channels, width, side));
			for (let i = 0; i < (stages[2 * stage + 1] ?? 0); i++)
				layers.push(squareConvolution(`stage${stage + 1}.res${i + 1}`, width, width, side / 2));
			channels = width;
		}
		return chainOf(`ResNet9 <${values.join(', ')}>`, layers);
	},
	widths: ([stem = 1, first = 1, , second = 1, , third = 1]) => [stem, first, second, third],
};
