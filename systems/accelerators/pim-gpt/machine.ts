/** The machine and its energies out of a run's inputs. */
import { InputError } from '@assay/contract';
import { energyFromCurrents, energyFromTable, type MemoryEnergy } from './energy/energy.ts';
import { describeHardware, type Hardware, standardMemory } from './hardware/hardware.ts';
import { type Timing, timingPresets } from './hardware/timing.ts';
import type { Inputs } from './inputs.ts';

/** Raises an `InputError` for figures that no memory can have. */
export function machineOf({ hardware, timing, asic }: Inputs): Hardware {
	const { channels, banks, rowsPerBank, multipliersPerBank, precision, pins, gigabitsPerSecondPerPin, refresh } = hardware;
	if (!Number.isInteger(Math.log2(multipliersPerBank))) {
		throw new InputError({
			path: ['hardware', 'multipliersPerBank'],
			found: String(multipliersPerBank),
			expected: 'a power of two from 4 to 64',
			nearest: String(2 ** Math.round(Math.log2(multipliersPerBank))),
		});
	}
	const perWord = precision === 'int8' ? 2 : 1;
	return describeHardware(
		{
			channels,
			banks,
			rowsPerBank,
			bytesPerWord: precision === 'int8' ? 1 : 2,
			wordsPerRow: standardMemory.wordsPerRow * perWord,
			bufferWords: standardMemory.bufferWords * perWord,
			wordsPerColumn: multipliersPerBank * perWord,
		},
		timingOf(timing),
		{
			adders: asic.adders,
			multipliers: asic.multipliers,
			gigahertz: asic.gigahertz,
			activeWatts: asic.activeMilliwatts / 1e3,
			leakageWatts: asic.leakageMilliwatts / 1e3,
		},
		{ pins, gigabitsPerSecondPerPin },
		refresh,
	);
}

/** A preset with the user's own figures in it. */
function timingOf(own: Inputs['timing']): Timing {
	const preset = timingPresets[own.preset];
	const cycles = (nanoseconds: number | undefined, standard: number): number =>
		nanoseconds === undefined ? standard : Math.ceil(nanoseconds / preset.cycleNanoseconds - 1e-9);
	const ccd = Math.max(1, cycles(own.tCCD, preset.ccd));
	const ras = cycles(own.tRAS, own.tRCD === undefined ? preset.ras : Math.max(preset.ras, cycles(own.tRCD, 0)));
	const rp = cycles(own.tRP, preset.rp);
	const timing: Timing = {
		...preset,
		name: Object.entries(own).some(([name, value]) => name !== 'preset' && value !== undefined)
			? `${preset.name}, with your own figures`
			: preset.name,
		rcdMultiply: cycles(own.tRCD, preset.rcdMultiply),
		rcdRead: cycles(own.tRCD, preset.rcdRead),
		rcdWrite: cycles(own.tRCD, preset.rcdWrite),
		rp,
		ccd,
		ras,
		rc: own.tRAS === undefined && own.tRP === undefined ? preset.rc : ras + rp,
		rtp: cycles(own.tRTP, preset.rtp),
		wr: cycles(own.tWR, preset.wr),
		rfc: cycles(own.tRFC, preset.rfc),
		refi: cycles(own.tREFI, preset.refi),
		resultRegisters: own.resultRegisters ?? preset.resultRegisters,
	};
	if (timing.refi <= timing.rfc) {
		const nanoseconds = (n: number): string => `${n * preset.cycleNanoseconds} ns`;
		throw new InputError({
			path: ['timing', own.tREFI === undefined ? 'tRFC' : 'tREFI'],
			found: own.tREFI === undefined ? nanoseconds(timing.rfc) : nanoseconds(timing.refi),
			expected: `tREFI (${nanoseconds(timing.refi)}) longer than tRFC (${nanoseconds(timing.rfc)})`,
		});
	}
	return timing;
}

/** What channels' work costs, as the inputs have it. */
export function energyOf({ energy }: Inputs, hardware: Hardware): MemoryEnergy {
	return energy.from === 'powers' ? energyFromTable(energy, hardware) : energyFromCurrents(energy, hardware);
}
