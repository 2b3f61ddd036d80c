/**
 * The paper's segmenter for images of 128 x 128 and three channels: going down, two 3 x 3 convolutions a level with twice the width each
 * time; going up, two more on what the level above and the same level before bring together. Written <height, FN0>. Up-convolutions and the
 * last 1 x 1 layer are left out of the cost.
 */
import type { Backbone } from './backbone.ts';
import { chainOf, squareConvolution } from './task-network.ts';

const SIDE = 128;

export const uNet: Backbone = {
	name: 'U-Net',
	decisions: [
		{ name: 'height', options: [1, 2, 3, 4, 5] },
		{ name: 'FN0', options: [4, 8, 16, 32] },
	],
	build(values) {
		const [height = 1, width = 1] = values;
		const layers = [];
		let channels = 3;
		for (let level = 0; level < height; level++) {
			const own = width * 2 ** level;
			layers.push(squareConvolution(`down${level + 1}.1`, channels, own, SIDE >> level));
			layers.push(squareConvolution(`down${level + 1}.2`, own, own, SIDE >> level));
			channels = own;
		}
		for (let level = height - 2; level >= 0; level--) {
			const own = width * 2 ** level;
			layers.push(squareConvolution(`up${level + 1}.1`, 2 * own, own, SIDE >> level));
			layers.push(squareConvolution(`up${level + 1}.2`, own, own, SIDE >> level));
		}
		return chainOf(`U-Net <${values.join(', ')}>`, layers);
	},
	widths: () => [],
};
