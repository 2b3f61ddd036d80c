/** The accelerator that is asked about and its twin for the baselines, with energies and areas. */
import { type Accelerator, cloud, cloudBaseline } from './accelerator.ts';
import { baselineAreas, type ComponentAreas, fusedAreas } from './area.ts';
import { baselineEnergies, type DesignEnergies, fusedEnergies } from './energy.ts';
import type { Inputs } from './inputs.ts';

export interface AcceleratorCard {
	readonly fused: Accelerator;
	readonly baseline: Accelerator;
	readonly fusedEnergies: DesignEnergies;
	readonly baselineEnergies: DesignEnergies;
	readonly fusedAreas: ComponentAreas;
	readonly baselineAreas: ComponentAreas;
	readonly includeRegisters: boolean;
}

/** The published evaluation's card. */
export const cloudCard: AcceleratorCard = {
	fused: cloud,
	baseline: cloudBaseline,
	fusedEnergies,
	baselineEnergies,
	fusedAreas,
	baselineAreas,
	includeRegisters: false,
};

/** The card of a run's inputs. */
export function cardOf({ accelerator, includeRegisters }: Pick<Inputs, 'accelerator' | 'includeRegisters'>): AcceleratorCard {
	const { side, megahertz, wordBytes, bufferMebibytes, baselineBufferMebibytes, gigabytesPerSecond, energy, area } = accelerator;
	const fused: Accelerator = {
		array: { rows: side, columns: side, clockHertz: megahertz * 1e6 },
		wordBytes,
		buffer: { bytes: bufferMebibytes * 2 ** 20, banks: cloud.buffer.banks },
		bytesPerSecond: gigabytesPerSecond * 1e9,
	};
	const logic = {
		'multiply-accumulate': energy.multiplyAccumulate,
		addition: energy.addition,
		maximum: energy.maximum,
		exponential: energy.exponential,
		division: energy.division,
		memory: energy.memory,
	};
	const { multiplyAccumulate, mebibyte } = area;
	return {
		fused,
		baseline: { ...fused, buffer: { bytes: baselineBufferMebibytes * 2 ** 20, banks: cloudBaseline.buffer.banks } },
		fusedEnergies: { ...fusedEnergies, ...logic, buffer: energy.buffer },
		baselineEnergies: { ...baselineEnergies, ...logic, buffer: energy.baselineBuffer },
		fusedAreas: { ...fusedAreas, multiplyAccumulate, mebibyte, registers2d: area.registers2d, registers1d: area.registers1d },
		baselineAreas: { ...baselineAreas, multiplyAccumulate, mebibyte },
		includeRegisters,
	};
}
