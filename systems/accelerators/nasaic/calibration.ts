/** How far the cost model can be trusted: against MAESTRO, which is a model too; nobody has measured these chips. */
import { type Calibration, calibrationError } from '@assay/contract';
import { BUILT_IN_MAPPINGS } from './cost/built-in-mappings.ts';
import { layerCost } from './cost/layer-cost.ts';
import { squareConvolution } from './networks/task-network.ts';

/**
 * Cycles that MAESTRO gives (maestro-project/maestro, commit 4eb08d1, hop latency 1, no limit off chip): dataflow, elements, bandwidth, output
 * and input channels and output side of a 3 x 3 convolution.
 */
const MAESTRO_CYCLES = [
	['dla', 64, 8, 64, 3, 32, 1048583],
	['dla', 64, 8, 256, 256, 8, 10027152],
	['dla', 64, 8, 32, 16, 64, 5898276],
	['dla', 64, 8, 16, 32, 128, 21233736],
	['dla', 64, 32, 64, 3, 32, 720898],
	['dla', 64, 32, 256, 256, 8, 2949156],
	['dla', 64, 32, 32, 16, 64, 2359305],
	['dla', 64, 32, 16, 32, 128, 7077906],
	['dla', 576, 8, 64, 3, 32, 131196],
	['dla', 576, 8, 256, 256, 8, 1198341],
	['dla', 576, 8, 32, 16, 64, 737739],
	['dla', 576, 8, 16, 32, 128, 2654739],
	['dla', 576, 32, 64, 3, 32, 90121],
	['dla', 576, 32, 256, 256, 8, 348921],
	['dla', 576, 32, 32, 16, 64, 295008],
	['dla', 576, 32, 16, 32, 128, 884862],
	['dla', 4096, 8, 64, 3, 32, 16604],
	['dla', 4096, 8, 256, 256, 8, 229041],
	['dla', 4096, 8, 32, 16, 64, 184914],
	['dla', 4096, 8, 16, 32, 128, 1327716],
	['dla', 4096, 32, 64, 3, 32, 11319],
	['dla', 4096, 32, 256, 256, 8, 64071],
	['dla', 4096, 32, 32, 16, 64, 73877],
	['dla', 4096, 32, 16, 32, 128, 442521],
	['shi', 64, 8, 64, 3, 32, 76448],
	['shi', 64, 8, 256, 256, 8, 1310752],
	['shi', 64, 8, 32, 16, 64, 805920],
	['shi', 64, 8, 16, 32, 128, 3189792],
	['shi', 64, 32, 64, 3, 32, 36872],
	['shi', 64, 32, 256, 256, 8, 786440],
	['shi', 64, 32, 32, 16, 64, 393224],
	['shi', 64, 32, 16, 32, 128, 1572872],
	['shi', 576, 8, 64, 3, 32, 62958],
	['shi', 576, 8, 256, 256, 8, 1310752],
	['shi', 576, 8, 32, 16, 64, 730214],
	['shi', 576, 8, 16, 32, 128, 3104636],
	['shi', 576, 32, 64, 3, 32, 16159],
	['shi', 576, 32, 256, 256, 8, 786440],
	['shi', 576, 32, 32, 16, 64, 182681],
	['shi', 576, 32, 16, 32, 128, 776670],
	['shi', 4096, 8, 64, 3, 32, 62958],
	['shi', 4096, 8, 256, 256, 8, 1310752],
	['shi', 4096, 8, 32, 16, 64, 730214],
	['shi', 4096, 8, 16, 32, 128, 3032390],
	['shi', 4096, 32, 64, 3, 32, 16159],
	['shi', 4096, 32, 256, 256, 8, 786440],
	['shi', 4096, 32, 32, 16, 64, 182681],
	['shi', 4096, 32, 16, 32, 128, 758229],
	['rs', 64, 8, 64, 3, 32, 59758],
	['rs', 64, 8, 256, 256, 8, 2553890],
	['rs', 64, 8, 32, 16, 64, 721166],
	['rs', 64, 8, 16, 32, 128, 2305470],
	['rs', 64, 32, 64, 3, 32, 43028],
	['rs', 64, 32, 256, 256, 8, 1849353],
	['rs', 64, 32, 32, 16, 64, 516116],
	['rs', 64, 32, 16, 32, 128, 1655828],
	['rs', 576, 8, 64, 3, 32, 36755],
	['rs', 576, 8, 256, 256, 8, 2553890],
	['rs', 576, 8, 32, 16, 64, 442543],
	['rs', 576, 8, 16, 32, 128, 1622196],
	['rs', 576, 32, 64, 3, 32, 21533],
	['rs', 576, 32, 256, 256, 8, 1849353],
	['rs', 576, 32, 32, 16, 64, 129080],
	['rs', 576, 32, 16, 32, 128, 405654],
	['rs', 4096, 8, 64, 3, 32, 36755],
	['rs', 4096, 8, 256, 256, 8, 2553890],
	['rs', 4096, 8, 32, 16, 64, 442543],
	['rs', 4096, 8, 16, 32, 128, 1622196],
	['rs', 4096, 32, 64, 3, 32, 21533],
	['rs', 4096, 32, 256, 256, 8, 1849353],
	['rs', 4096, 32, 32, 16, 64, 129080],
	['rs', 4096, 32, 16, 32, 128, 405654],
] as const;

export const calibration: Calibration = {
	checks: [
		{
			against: `${MAESTRO_CYCLES.length} latencies of convolutions on three dataflows by the simulator MAESTRO, which are predictions of another model and not measurements`,
			measure: async () =>
				calibrationError(
					MAESTRO_CYCLES.map(([dataflow, elements, bandwidth, outputs, inputs, side]) => {
						const layer = squareConvolution('reference', inputs, outputs, side);
						return (
							layerCost(layer, { mapping: BUILT_IN_MAPPINGS[dataflow], elements, bandwidth }, 'maestro')?.cycles ?? Number.NaN
						);
					}),
					MAESTRO_CYCLES.map((row) => row[6]),
				),
		},
	],
};
