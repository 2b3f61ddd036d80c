/**
 * When a channel of the memory may issue which command after which. Everything is in cycles of the preset's clock, so that the simulation
 * adds integers. Names follow JEDEC's and Ramulator's, without the leading n.
 */

/** Bytes of one access: 256 bits. */
export const BURST_BYTES = 32;

export interface Timing {
	readonly name: string;
	/** Length of a cycle, ns. */
	readonly cycleNanoseconds: number;
	/** From opening a row to a multiply, a read and a write in it. */
	readonly rcdMultiply: number;
	readonly rcdRead: number;
	readonly rcdWrite: number;
	/** From closing to opening. */
	readonly rp: number;
	/** A row stays open at least. */
	readonly ras: number;
	/** From opening to opening, the same bank and different banks. */
	readonly rc: number;
	readonly rrd: number;
	/** From the last read or multiply to closing. */
	readonly rtp: number;
	/** From the end of a write's data to closing. */
	readonly wr: number;
	/** Between columns. */
	readonly ccd: number;
	/** From a command to its data: reads and writes of banks, reads of result registers, writes of the global buffer. */
	readonly cl: number;
	readonly cwl: number;
	readonly clRegister: number;
	readonly cwlBuffer: number;
	/** From the end of written data to a read. */
	readonly wtr: number;
	/** The bus rests so long between read data and write data. */
	readonly turnaround: number;
	/** Duration of a refresh of all banks, and how often one is due. */
	readonly rfc: number;
	readonly refi: number;
	/** Changing between work on banks and on registers and buffer (AiM's TMOD). */
	readonly modeChange: number;
	/** Results a bank keeps until they are read. */
	readonly resultRegisters: number;
	/** Results are read while the next ones are computed; otherwise a read takes a column's turn. */
	readonly readsOverlap: boolean;
}

/**
 * PIM-GPT's own: tRCD 12, tRP 12, tCCD 1, tWR 12, tRFC 455, tREFI 6825 ns. It names neither tRAS nor tRC (they never bind here), counts a
 * row as tRCD + tRP + a tCCD for each column (so a row may be closed one tCCD after its last column), and reads latched results
 * alongside.
 */
const paper: Timing = {
	name: 'paper',
	cycleNanoseconds: 1,
	rcdMultiply: 12,
	rcdRead: 12,
	rcdWrite: 12,
	rp: 12,
	ras: 13,
	rc: 25,
	rrd: 1,
	rtp: 1,
	wr: 12,
	ccd: 1,
	cl: 12,
	cwl: 0,
	clRegister: 0,
	cwlBuffer: 0,
	wtr: 0,
	turnaround: 0,
	rfc: 455,
	refi: 6825,
	modeChange: 0,
	resultRegisters: 1,
	readsOverlap: true,
};

/**
 * SK hynix AiM as in the open AiM simulator (github.com/arkhadem/aim_simulator, preset GDDR6_AiM_timing, from measurements of the chips):
 * tCK 0.5 ns; nMODCH 32; the turnaround is its 3 + nWPRE. CENT's mapping, which runs on it, lets 32 results wait in a bank.
 */
const aim: Timing = {
	name: 'aim',
	cycleNanoseconds: 0.5,
	rcdMultiply: 56,
	rcdRead: 36,
	rcdWrite: 28,
	rp: 32,
	ras: 54,
	rc: 89,
	rrd: 11,
	rtp: 12,
	wr: 33,
	ccd: 2,
	cl: 50,
	cwl: 6,
	clRegister: 0,
	cwlBuffer: 1,
	wtr: 11,
	turnaround: 4,
	rfc: 210,
	refi: 3333,
	modeChange: 32,
	resultRegisters: 32,
	readsOverlap: false,
};

export const timingPresets = { paper, aim } as const;

/** Cycles that 32 bytes take on a channel's bus, `pins` wide at a rate in Gb/s for each pin. At least one. */
export function burstCycles(timing: Timing, pins: number, gigabitsPerSecondPerPin: number): number {
	const nanoseconds = (8 * BURST_BYTES) / (pins * gigabitsPerSecondPerPin);
	return Math.max(1, Math.ceil(nanoseconds / timing.cycleNanoseconds - 1e-9));
}

/** Cycles of rows that are streamed whole: `rows` openings and closings around `columns` multiplies, without refresh. */
export function steadyStateCycles(timing: Timing, rows: number, columns: number): number {
	return rows * (timing.rcdMultiply - timing.ccd + timing.rtp + timing.rp) + columns * timing.ccd;
}

/** Share by which refresh lengthens a long stream: tREFI / (tREFI - tRFC). */
export function refreshFactor({ refi, rfc }: Timing): number {
	return refi / (refi - rfc);
}
