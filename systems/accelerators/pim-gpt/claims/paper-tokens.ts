/** Tokens of the paper's eight models on its machine, as the claims need them. */
import { lookClosely } from '../close-up.ts';
import { energyFromTable, type PowerTable } from '../energy/energy.ts';
import { paperAsic } from '../hardware/asic.ts';
import { describeHardware, type Hardware, standardMemory } from '../hardware/hardware.ts';
import { timingPresets } from '../hardware/timing.ts';
import { mapModel } from '../mapping/model-map.ts';
import { describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import type { SimulationOutput } from '../outputs.ts';

/** The inputs' own defaults. */
const powers: PowerTable = {
	activeStandbyMilliwatts: 263.75,
	prechargeStandbyMilliwatts: 183.15,
	activateMilliwatts: 66.3,
	readMilliwatts: 438.15,
	writeMilliwatts: 553.15,
	refreshMilliwatts: 168.75,
	picojoulesPerBit: 5.5,
};

/** The paper's sequences are 1,024 tokens; this is their middle. */
export const MIDDLE_CONTEXT = 512;
const TOKENS = 1024;

/** The paper's machine, with an ASIC clock and a data rate of a pin. */
export function paperMachine(gigahertz = 1, gigabitsPerSecondPerPin = 16): Hardware {
	return describeHardware(
		standardMemory,
		timingPresets.paper,
		{ ...paperAsic, gigahertz },
		{ pins: 16, gigabitsPerSecondPerPin },
	);
}

/** The token in the middle of a sequence. */
export function middleToken(model: string, hardware = paperMachine()): Pick<SimulationOutput, 'token' | 'movement'> {
	const map = mapModel(describeDecoder(namedModel(model)), hardware, { tokens: TOKENS, concatenate: true });
	return lookClosely(map, hardware, MIDDLE_CONTEXT, energyFromTable(powers, hardware));
}
