/**
 * How far predictions can be trusted. Nobody has built PIM-GPT, and no measurement of a whole token on AiM is published; what can be predicted anew
 * are simulations of others, by another program with another mapping.
 */
import { type Calibration, type CalibrationError, calibrationError } from '@assay/contract';
import { resolveModel } from '@assay/models';
import { secondsOf } from './close-up.ts';
import { paperAsic } from './hardware/asic.ts';
import { describeHardware, standardMemory } from './hardware/hardware.ts';
import { timingPresets } from './hardware/timing.ts';
import { mapModel } from './mapping/model-map.ts';
import { describeDecoder } from './model/decoder.ts';
import { type PublishedBlock, publishedBlocks } from './published-blocks.ts';
import { type Operation, operations } from './simulation/operations.ts';
import { TokenSimulation } from './simulation/token.ts';

/** What the memory does in a block; functions outside are not part of the published times. */
const IN_MEMORY: readonly Operation[] = [
	'query-key-value',
	'key write',
	'scores',
	'value write',
	'values',
	'projection',
	'feed-forward up',
	'feed-forward down',
];

/** Time of one block in memory on AiM, with an ASIC that takes no time. */
function predictBlock({ model, channels, context }: PublishedBlock): number {
	const decoder = { ...describeDecoder(resolveModel(model)), layers: 1 };
	const hardware = describeHardware(
		{ ...standardMemory, channels },
		timingPresets.aim,
		{ ...paperAsic, gigahertz: 1e6 },
		{ pins: 16, gigabitsPerSecondPerPin: 16 },
	);
	const simulation = new TokenSimulation(mapModel(decoder, hardware, { tokens: 4096, concatenate: true }), hardware);
	const spent = simulation.token(context);
	const cycles = IN_MEMORY.reduce((sum, operation) => sum + (spent[operations.indexOf(operation)] as number), 0);
	return 1e6 * secondsOf(cycles, hardware);
}

async function errors(blocks: readonly PublishedBlock[], pause: () => Promise<void>): Promise<CalibrationError> {
	const predicted: number[] = [];
	for (const block of blocks) {
		predicted.push(predictBlock(block));
		await pause();
	}
	return calibrationError(
		predicted,
		blocks.map(({ microseconds }) => microseconds),
	);
}

export const calibration: Calibration = {
	checks: [
		{
			against:
				'times of a Llama 2 block (7B to 70B, 8 to 32 channels, 128 to 4,096 tokens) on AiM, published by CENT: simulated, not measured, with a mapping that also computes softmax in memory',
			measure: async ({ pause }) => errors(publishedBlocks, pause),
		},
		{
			against: 'the six of them with 128 tokens, where weights decide and not attention',
			measure: async ({ pause }) =>
				errors(
					publishedBlocks.filter(({ context }) => context === 128),
					pause,
				),
		},
	],
};
