/** The same token on machines that differ in one part. */
import type { RunContext } from '@assay/contract';
import { secondsOf } from './close-up.ts';
import type { Hardware } from './hardware/hardware.ts';
import { burstCycles } from './hardware/timing.ts';
import type { Inputs } from './inputs.ts';
import { type MapOptions, mapModel } from './mapping/model-map.ts';
import type { Decoder } from './model/decoder.ts';
import type { SimulationOutput } from './outputs.ts';
import { TokenSimulation } from './simulation/token.ts';

const CLOCKS = [2, 1, 0.5, 0.2, 0.1];
const PIN_RATES = [32, 16, 8, 4, 2];
const CHANNEL_FACTORS = [0.5, 1, 2, 4, 8];
const MULTIPLIERS = [4, 8, 16, 32, 64];

/** Time of the token for each change; machines that the model does not fit are left out. */
export async function sensitivity(
	decoder: Decoder,
	hardware: Hardware,
	inputs: Inputs,
	options: MapOptions,
	ownSeconds: number,
	context: RunContext,
): Promise<SimulationOutput['sensitivity']> {
	const { memory, asic, timing } = hardware;
	const wordsPerMultiplier = 2 / memory.bytesPerWord;
	const { gigabitsPerSecondPerPin, multipliersPerBank, pins } = inputs.hardware;
	const changes: { parameter: string; value: number; own: number; hardware: Hardware }[] = [
		...CLOCKS.map((gigahertz) => ({
			parameter: 'ASIC clock (GHz)',
			value: gigahertz,
			own: asic.gigahertz,
			hardware: { ...hardware, asic: { ...asic, gigahertz } },
		})),
		...PIN_RATES.map((rate) => ({
			parameter: 'data rate of a pin (Gb/s)',
			value: rate,
			own: gigabitsPerSecondPerPin,
			hardware: { ...hardware, burst: burstCycles(timing, pins, rate) },
		})),
		...CHANNEL_FACTORS.map((factor) => Math.round(memory.channels * factor))
			.filter((channels) => channels >= 1)
			.map((channels) => ({
				parameter: 'channels',
				value: channels,
				own: memory.channels,
				hardware: { ...hardware, memory: { ...memory, channels } },
			})),
		...MULTIPLIERS.map((multipliers) => ({
			parameter: 'multipliers of a bank',
			value: multipliers,
			own: multipliersPerBank,
			hardware: { ...hardware, memory: { ...memory, wordsPerColumn: multipliers * wordsPerMultiplier } },
		})),
	];
	const points: SimulationOutput['sensitivity'] = [];
	for (const { parameter, value, own, hardware: changed } of changes) {
		await context.pause();
		const map = mapModel(decoder, changed, options);
		if (map.rows > memory.rowsPerBank) continue;
		const simulation = new TokenSimulation(map, changed);
		simulation.token(inputs.contextTokens);
		const seconds = secondsOf(simulation.cycle, changed);
		points.push({ parameter, value, relative: value / own, seconds, slowdown: seconds / ownSeconds });
	}
	return points;
}
