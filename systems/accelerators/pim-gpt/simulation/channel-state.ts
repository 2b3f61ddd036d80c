/** What a channel remembers and counts. Copies name every field: they are made millions of times. */
import { allBanks } from './commands.ts';

/** A cycle before all others. */
export const LONG_AGO = -1e9;
/** No row is open. */
export const NO_ROW = -1;

/** What a channel did, in numbers. Cycles are the timing's. */
export interface ChannelCounts {
	/** All-bank multiplies; a column of every bank each. */
	multiplies: number;
	/** Openings of a row in all banks for multiplies. */
	multiplyOpenings: number;
	/** Rows opened, bank by bank. */
	activations: number;
	/** 32-byte transfers over the bus: into buffer, out of registers, into banks, out of banks. */
	bufferWrites: number;
	registerReads: number;
	bankWrites: number;
	bankReads: number;
	refreshes: number;
	modeChanges: number;
	/** Cycles with an open row. */
	openCycles: number;
	/** Cycles that loads of the buffer took. */
	loadCycles: number;
	/** Cycles with columns being multiplied. */
	multiplyCycles: number;
}

export const noCounts = (): ChannelCounts => ({
	multiplies: 0,
	multiplyOpenings: 0,
	activations: 0,
	bufferWrites: 0,
	registerReads: 0,
	bankWrites: 0,
	bankReads: 0,
	refreshes: 0,
	modeChanges: 0,
	openCycles: 0,
	loadCycles: 0,
	multiplyCycles: 0,
});

export function copyCounts(target: ChannelCounts, source: ChannelCounts): void {
	target.multiplies = source.multiplies;
	target.multiplyOpenings = source.multiplyOpenings;
	target.activations = source.activations;
	target.bufferWrites = source.bufferWrites;
	target.registerReads = source.registerReads;
	target.bankWrites = source.bankWrites;
	target.bankReads = source.bankReads;
	target.refreshes = source.refreshes;
	target.modeChanges = source.modeChanges;
	target.openCycles = source.openCycles;
	target.loadCycles = source.loadCycles;
	target.multiplyCycles = source.multiplyCycles;
}

/** Adds what happened from `before` to `after`. */
export function addCounts(target: ChannelCounts, after: ChannelCounts, before: ChannelCounts): void {
	target.multiplies += after.multiplies - before.multiplies;
	target.multiplyOpenings += after.multiplyOpenings - before.multiplyOpenings;
	target.activations += after.activations - before.activations;
	target.bufferWrites += after.bufferWrites - before.bufferWrites;
	target.registerReads += after.registerReads - before.registerReads;
	target.bankWrites += after.bankWrites - before.bankWrites;
	target.bankReads += after.bankReads - before.bankReads;
	target.refreshes += after.refreshes - before.refreshes;
	target.modeChanges += after.modeChanges - before.modeChanges;
	target.openCycles += after.openCycles - before.openCycles;
	target.loadCycles += after.loadCycles - before.loadCycles;
	target.multiplyCycles += after.multiplyCycles - before.multiplyCycles;
}

/** Last cycles of each kind, and what is open. */
export interface ChannelState {
	floor: number;
	openRow: number;
	openBank: number;
	act: number;
	pre: number;
	ref: number;
	lastMultiply: number;
	lastBankRead: number;
	lastRegisterRead: number;
	lastIssue: number;
	modeReady: number;
	readDataEnd: number;
	writeDataEnd: number;
	bankWriteEnd: number;
	vectorReady: number;
	resultsReady: number;
	/** The row may not be closed before. */
	closeBefore: number;
	/** 1 where registers and buffer are in work, 0 where banks are. */
	registerMode: number;
	waitingResults: number;
	nextRefresh: number;
}

export const initialState = (nextRefresh: number): ChannelState => ({
	floor: 0,
	openRow: NO_ROW,
	openBank: allBanks,
	act: LONG_AGO,
	pre: LONG_AGO,
	ref: LONG_AGO,
	lastMultiply: LONG_AGO,
	lastBankRead: LONG_AGO,
	lastRegisterRead: LONG_AGO,
	lastIssue: LONG_AGO,
	modeReady: LONG_AGO,
	readDataEnd: LONG_AGO,
	writeDataEnd: LONG_AGO,
	bankWriteEnd: LONG_AGO,
	vectorReady: LONG_AGO,
	resultsReady: 0,
	closeBefore: LONG_AGO,
	registerMode: 0,
	waitingResults: 0,
	nextRefresh,
});

export function copyState(target: ChannelState, source: ChannelState): void {
	target.floor = source.floor;
	target.openRow = source.openRow;
	target.openBank = source.openBank;
	target.act = source.act;
	target.pre = source.pre;
	target.ref = source.ref;
	target.lastMultiply = source.lastMultiply;
	target.lastBankRead = source.lastBankRead;
	target.lastRegisterRead = source.lastRegisterRead;
	target.lastIssue = source.lastIssue;
	target.modeReady = source.modeReady;
	target.readDataEnd = source.readDataEnd;
	target.writeDataEnd = source.writeDataEnd;
	target.bankWriteEnd = source.bankWriteEnd;
	target.vectorReady = source.vectorReady;
	target.resultsReady = source.resultsReady;
	target.closeBefore = source.closeBefore;
	target.registerMode = source.registerMode;
	target.waitingResults = source.waitingResults;
	target.nextRefresh = source.nextRefresh;
}

export function sameState(a: ChannelState, b: ChannelState): boolean {
	return (
		a.floor === b.floor &&
		a.openRow === b.openRow &&
		a.openBank === b.openBank &&
		a.act === b.act &&
		a.pre === b.pre &&
		a.ref === b.ref &&
		a.lastMultiply === b.lastMultiply &&
		a.lastBankRead === b.lastBankRead &&
		a.lastRegisterRead === b.lastRegisterRead &&
		a.lastIssue === b.lastIssue &&
		a.modeReady === b.modeReady &&
		a.readDataEnd === b.readDataEnd &&
		a.writeDataEnd === b.writeDataEnd &&
		a.bankWriteEnd === b.bankWriteEnd &&
		a.vectorReady === b.vectorReady &&
		a.resultsReady === b.resultsReady &&
		a.closeBefore === b.closeBefore &&
		a.registerMode === b.registerMode &&
		a.waitingResults === b.waitingResults &&
		a.nextRefresh === b.nextRefresh
	);
}
