/** Joules of what channels and ASIC did. */
import type { Hardware, MemoryShape } from '../hardware/hardware.ts';
import { BURST_BYTES } from '../hardware/timing.ts';
import type { ChannelCounts } from '../simulation/channel-state.ts';

/** Powers and energies of one channel. */
export interface MemoryEnergy {
	/** With a row open, and with none. */
	readonly activeWatts: number;
	readonly prechargedWatts: number;
	/** Opening and closing a row of one bank. */
	readonly activationJoules: number;
	/** 32 bytes out of banks or registers, and into banks. */
	readonly readJoules: number;
	readonly writeJoules: number;
	/** One column of all banks multiplied. */
	readonly multiplyJoules: number;
	readonly busJoulesPerBit: number;
	/** A refresh of all banks, beyond standby. */
	readonly refreshJoules: number;
}

/** mW of a channel and what they last for, as in CENT's power script for AiM (github.com/Yufeng98/CENT, cent_power_calculator.py). */
export interface PowerTable {
	readonly activeStandbyMilliwatts: number;
	readonly prechargeStandbyMilliwatts: number;
	readonly activateMilliwatts: number;
	readonly readMilliwatts: number;
	readonly writeMilliwatts: number;
	readonly refreshMilliwatts: number;
	readonly picojoulesPerBit: number;
}

/** A row's opening and closing lasts tRC, a 32-byte access 1.25 ns, and all banks' column 1 ns at three times a read's power. */
const ACTIVATION_NANOSECONDS = 44.5;
const ACCESS_NANOSECONDS = 1.25;
const COLUMN_NANOSECONDS = 1;
const READS_PER_MULTIPLY = 3;
/** Bytes of such a column: 32 of each of 16 banks. */
const COLUMN_BYTES = 16 * BURST_BYTES;

/** Bytes that all banks multiply with one command, over those of AiM's 16 banks of 16 multipliers: energy goes with them. */
function columnsPerMultiply({ banks, wordsPerColumn, bytesPerWord }: MemoryShape): number {
	return (banks * wordsPerColumn * bytesPerWord) / COLUMN_BYTES;
}

/** Energies from a table of powers. */
export function energyFromTable(table: PowerTable, { memory, timing }: Hardware): MemoryEnergy {
	const read = table.readMilliwatts * 1e-12;
	return {
		activeWatts: table.activeStandbyMilliwatts / 1e3,
		prechargedWatts: table.prechargeStandbyMilliwatts / 1e3,
		activationJoules: table.activateMilliwatts * ACTIVATION_NANOSECONDS * 1e-12,
		readJoules: read * ACCESS_NANOSECONDS,
		writeJoules: table.writeMilliwatts * ACCESS_NANOSECONDS * 1e-12,
		multiplyJoules: READS_PER_MULTIPLY * columnsPerMultiply(memory) * read * COLUMN_NANOSECONDS,
		busJoulesPerBit: table.picojoulesPerBit * 1e-12,
		refreshJoules: table.refreshMilliwatts * timing.rfc * timing.cycleNanoseconds * 1e-12,
	};
}

/** Currents of a data sheet, mA, and the supply. */
export interface Currents {
	readonly volts: number;
	readonly idd0: number;
	readonly idd2n: number;
	readonly idd3n: number;
	readonly idd4r: number;
	readonly idd4w: number;
	readonly idd5b: number;
	readonly picojoulesPerBit: number;
}

/**
 * Energies from currents as in DRAMPower: V (IDDx - IDD3N) t beyond standby; opening and closing is V (IDD0 tRC - IDD3N tRAS - IDD2N (tRC -
 * tRAS)), spread over one bank. A multiply of all banks counts as three reads of a column.
 */
export function energyFromCurrents(currents: Currents, { memory, timing, burst }: Hardware): MemoryEnergy {
	const { volts, idd0, idd2n, idd3n, idd4r, idd4w, idd5b } = currents;
	const seconds = (cycles: number): number => cycles * timing.cycleNanoseconds * 1e-9;
	const beyond = (milliamperes: number, cycles: number): number =>
		Math.max(0, volts * (milliamperes - idd3n) * 1e-3 * seconds(cycles));
	const activation = idd0 * timing.rc - idd3n * timing.ras - idd2n * (timing.rc - timing.ras);
	return {
		activeWatts: volts * idd3n * 1e-3,
		prechargedWatts: volts * idd2n * 1e-3,
		activationJoules: Math.max(0, volts * activation * 1e-3 * seconds(1)),
		readJoules: beyond(idd4r, burst),
		writeJoules: beyond(idd4w, burst),
		multiplyJoules: READS_PER_MULTIPLY * columnsPerMultiply(memory) * beyond(idd4r, timing.ccd),
		busJoulesPerBit: currents.picojoulesPerBit * 1e-12,
		refreshJoules: beyond(idd5b, timing.rfc),
	};
}

export const energyParts = [
	'standby',
	'opening and closing rows',
	'multiplying',
	'reads',
	'writes',
	'bus',
	'refresh',
	'ASIC',
] as const;
export type EnergyPart = (typeof energyParts)[number];

/** 32-byte transfers over the bus of a channel. */
export function busTransfers({ bufferWrites, registerReads, bankWrites, bankReads }: ChannelCounts): number {
	return bufferWrites + registerReads + bankWrites + bankReads;
}

/** Joules of all channels together, over `cycles`, in which the ASIC worked for `asicCycles`. */
export function spentEnergy(
	counts: ChannelCounts,
	cycles: number,
	asicCycles: number,
	energy: MemoryEnergy,
	{ memory, timing, asic }: Hardware,
): Record<EnergyPart, number> {
	const seconds = (n: number): number => n * timing.cycleNanoseconds * 1e-9;
	const all = memory.channels * cycles;
	// A row that is still open at the end was counted as closed.
	const open = Math.min(all, counts.openCycles);
	return {
		standby: energy.activeWatts * seconds(open) + energy.prechargedWatts * seconds(all - open),
		'opening and closing rows': energy.activationJoules * counts.activations,
		multiplying: energy.multiplyJoules * counts.multiplies,
		reads: energy.readJoules * (counts.registerReads + counts.bankReads),
		writes: energy.writeJoules * counts.bankWrites,
		bus: energy.busJoulesPerBit * 8 * BURST_BYTES * busTransfers(counts),
		refresh: energy.refreshJoules * counts.refreshes,
		ASIC: asic.activeWatts * seconds(asicCycles) + asic.leakageWatts * seconds(cycles),
	};
}
