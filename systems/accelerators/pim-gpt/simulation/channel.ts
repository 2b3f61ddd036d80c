/**
 * One channel in time. Each command is issued at the earliest cycle that the timing allows, in the order of the program; state is the row that
 * is open and the last cycle of each kind of command.
 *
 * The loop is flat and has no event queue under it: between two vectors that the ASIC hands out, a channel waits for nothing but its own
 * past, so a queue over all channels would only sort what is sorted, at ten times the cost. Channels meet where the ASIC needs all
 * results (token.ts). A run of columns in an open row is one step, which is exact, for nothing may come between.
 *
 * Refresh: due every tREFI, postponed to the next change of rows (JEDEC allows eight to wait) or done while the channel waits.
 */
import type { Spans } from '@assay/events';
import { burstsOf, type Hardware } from '../hardware/hardware.ts';
import type { CommandSink } from '../program/command-sink.ts';
import {
	addCounts,
	type ChannelCounts,
	type ChannelState,
	copyState,
	initialState,
	LONG_AGO,
	NO_ROW,
	noCounts,
	sameState,
} from './channel-state.ts';
import { allBanks, type CommandLog, command } from './commands.ts';

/** What the spans of a recording are. */
export const spanKinds = ['multiply', 'load vector', 'read results', 'write', 'read', 'refresh'] as const;
const span = { multiply: 0, load: 1, results: 2, write: 3, read: 4, refresh: 5 } as const;

export interface ChannelOptions {
	/** Multiplies alone: vectors are there, and results take no time. */
	readonly multipliesOnly?: boolean;
	readonly log?: CommandLog;
	readonly spans?: Spans;
	/** Track of the spans. */
	readonly track?: number;
}

export class ChannelTimeline implements CommandSink {
	readonly counts = noCounts();
	private readonly hardware: Hardware;
	private readonly multipliesOnly: boolean;
	private readonly log: CommandLog | undefined;
	private readonly spans: Spans | undefined;
	private readonly track: number;
	private readonly state: ChannelState;

	constructor(hardware: Hardware, options: ChannelOptions = {}) {
		this.hardware = hardware;
		this.multipliesOnly = options.multipliesOnly === true;
		this.log = options.log;
		this.spans = options.spans;
		this.track = options.track ?? 0;
		this.state = initialState(hardware.refresh ? hardware.timing.refi : Number.POSITIVE_INFINITY);
	}

	/** Nothing that follows is issued before `cycle`; refreshes that fall due until then are done meanwhile. */
	start(cycle: number): void {
		const s = this.state;
		s.floor = cycle;
		s.resultsReady = cycle;
		while (s.nextRefresh <= cycle) this.refresh();
		// What cannot delay anything any more is forgotten, so that channels with different pasts and one future are told to be alike.
		const { timing, burst } = this.hardware;
		const turn = Math.max(burst, timing.ccd);
		if (s.bankWriteEnd + timing.wtr <= cycle) s.bankWriteEnd = LONG_AGO;
		if (s.writeDataEnd + timing.wtr <= cycle) s.writeDataEnd = LONG_AGO;
		if (s.readDataEnd + timing.turnaround <= cycle) s.readDataEnd = LONG_AGO;
		if (s.vectorReady <= cycle) s.vectorReady = LONG_AGO;
		if (s.lastRegisterRead + turn <= cycle) s.lastRegisterRead = LONG_AGO;
		if (s.lastBankRead + turn <= cycle) s.lastBankRead = LONG_AGO;
		if (s.pre + timing.rp <= cycle) s.pre = LONG_AGO;
		if (s.ref + timing.rfc <= cycle) s.ref = LONG_AGO;
	}

	/** Whether the same program would take the same course in both. */
	isLike({ state, log, spans }: ChannelTimeline): boolean {
		if (this.log !== undefined || this.spans !== undefined || log !== undefined || spans !== undefined) return false;
		return sameState(this.state, state);
	}

	/** Takes over what a channel that was alike has done since its counts were `before`. */
	follow({ state, counts }: ChannelTimeline, before: ChannelCounts): void {
		copyState(this.state, state);
		addCounts(this.counts, counts, before);
	}

	/** Cycle in which everything told so far is done and all results are with the ASIC. */
	finish(): number {
		const s = this.state;
		this.readWaitingResults();
		return Math.max(s.floor, s.resultsReady, s.bankWriteEnd, s.vectorReady, s.lastMultiply);
	}

	/** Closes the open row; the cycle from which another may be opened. */
	close(): number {
		const s = this.state;
		if (s.openRow !== NO_ROW) this.precharge();
		return s.pre + this.hardware.timing.rp;
	}

	loadVector(_first: number, words: number): void {
		const s = this.state;
		if (this.multipliesOnly) return;
		const { timing, burst } = this.hardware;
		this.enterRegisterMode();
		this.readWaitingResults();
		const bursts = burstsOf(this.hardware.memory, words);
		const step = Math.max(burst, timing.ccd);
		// The buffer is free once the last multiply has read it.
		const first = Math.max(
			s.floor,
			s.modeReady,
			s.lastMultiply + 1,
			s.writeDataEnd - timing.cwlBuffer,
			s.readDataEnd + timing.turnaround - timing.cwlBuffer,
		);
		const last = first + (bursts - 1) * step;
		s.writeDataEnd = last + timing.cwlBuffer + burst;
		s.vectorReady = s.writeDataEnd;
		this.issued(last);
		this.counts.bufferWrites += bursts;
		this.counts.loadCycles += s.writeDataEnd - first;
		this.spans?.record(this.track, span.load, first, s.writeDataEnd, bursts);
		if (this.log !== undefined) for (let i = 0; i < bursts; i++) this.log.push(first + i * step, command.WRGB, allBanks, 0);
	}

	multiply(row: number, _column: number, columns: number, _bufferColumn: number): void {
		const s = this.state;
		const { timing } = this.hardware;
		if (s.openRow !== row || s.openBank !== allBanks) {
			this.open(row, allBanks);
			this.counts.multiplyOpenings++;
		} else if (s.registerMode === 1) this.enterBankMode();
		const rest = (columns - 1) * timing.ccd;
		// A result register must be read before the next result falls into it.
		const registerFree = timing.readsOverlap ? s.lastRegisterRead - rest : s.lastRegisterRead + timing.ccd;
		const columnFree = Math.max(s.act + timing.rcdMultiply, s.lastMultiply + timing.ccd, s.lastBankRead + timing.ccd);
		const told = Math.max(s.floor, s.modeReady, s.vectorReady);
		const first = Math.max(told, columnFree, registerFree, s.bankWriteEnd + timing.wtr);
		const last = first + rest;
		s.lastMultiply = last;
		if (last > s.lastIssue) s.lastIssue = last;
		this.counts.multiplies += columns;
		this.counts.multiplyCycles += columns * timing.ccd;
		this.spans?.record(this.track, span.multiply, first, last + timing.ccd, columns);
		if (this.log !== undefined)
			for (let i = 0; i < columns; i++) this.log.push(first + i * timing.ccd, command.MAC, allBanks, row);
	}

	readResults(_result: number): void {
		const s = this.state;
		if (this.multipliesOnly) return;
		s.waitingResults++;
		if (s.waitingResults >= this.hardware.timing.resultRegisters) this.readWaitingResults();
	}

	/** Reads all result registers that hold something. */
	private readWaitingResults(): void {
		const s = this.state;
		if (s.waitingResults === 0) return;
		const reads = s.waitingResults;
		s.waitingResults = 0;
		this.readRegisters(reads);
	}

	/** So many reads of a register of each bank. */
	readRegisters(reads: number): void {
		const s = this.state;
		const { timing, burst } = this.hardware;
		this.enterRegisterMode();
		const step = Math.max(burst, timing.ccd);
		const first = Math.max(
			s.floor,
			s.modeReady,
			s.lastMultiply + timing.ccd,
			s.lastBankRead + timing.ccd,
			s.lastRegisterRead + step,
			s.readDataEnd - timing.clRegister,
			s.writeDataEnd + timing.wtr,
		);
		const last = first + (reads - 1) * step;
		s.lastRegisterRead = last;
		s.readDataEnd = last + timing.clRegister + burst;
		s.resultsReady = Math.max(s.resultsReady, s.readDataEnd);
		this.issued(last);
		this.counts.registerReads += reads;
		this.spans?.record(this.track, span.results, first, s.readDataEnd, reads);
		if (this.log !== undefined) for (let i = 0; i < reads; i++) this.log.push(first + i * step, command.RDMAC, allBanks, 0);
	}

	readBank(bank: number, row: number, _word: number, words: number): void {
		this.reach(row, bank);
		this.read(bank, row, burstsOf(this.hardware.memory, words));
	}

	readAllBanks(row: number, _word: number, words: number): void {
		const { memory } = this.hardware;
		this.reach(row, allBanks);
		this.read(allBanks, row, memory.banks * burstsOf(memory, words));
	}

	/** Reads of a bank's row, or of all banks' in turn. */
	private read(bank: number, row: number, bursts: number): void {
		const s = this.state;
		const { timing, burst, memory } = this.hardware;
		const step = Math.max(burst, timing.ccd);
		const first = Math.max(
			s.act + timing.rcdRead,
			s.lastBankRead + step,
			s.lastMultiply + timing.ccd,
			s.lastRegisterRead + step,
			s.readDataEnd - timing.cl,
			s.writeDataEnd + timing.wtr,
			s.floor,
			s.modeReady,
		);
		const last = first + (bursts - 1) * step;
		s.lastBankRead = last;
		s.closeBefore = Math.max(s.closeBefore, last + timing.rtp);
		s.readDataEnd = last + timing.cl + burst;
		s.resultsReady = Math.max(s.resultsReady, s.readDataEnd);
		this.issued(last);
		this.counts.bankReads += bursts;
		this.spans?.record(this.track, span.read, first, s.readDataEnd, bursts);
		if (this.log !== undefined)
			for (let i = 0; i < bursts; i++)
				this.log.push(first + i * step, command.RD, bank === allBanks ? i % memory.banks : bank, row);
	}

	writeBank(bank: number, row: number, _word: number, words: number): void {
		this.reach(row, bank);
		this.write(bank, row, burstsOf(this.hardware.memory, words));
	}

	/** One transfer brings a word for each bank, as AiM's WR_ABK does. */
	writeAllBanks(row: number, _word: number): void {
		this.reach(row, allBanks);
		this.write(allBanks, row, 1);
	}

	private write(bank: number, row: number, bursts: number): void {
		const s = this.state;
		const { timing, burst } = this.hardware;
		const step = Math.max(burst, timing.ccd);
		const first = Math.max(
			s.act + timing.rcdWrite,
			s.writeDataEnd - timing.cwl,
			s.readDataEnd + timing.turnaround - timing.cwl,
			s.lastMultiply + timing.ccd,
			s.floor,
			s.modeReady,
		);
		const last = first + (bursts - 1) * step;
		s.writeDataEnd = last + timing.cwl + burst;
		s.bankWriteEnd = s.writeDataEnd;
		s.closeBefore = Math.max(s.closeBefore, s.writeDataEnd + timing.wr);
		this.issued(last);
		this.counts.bankWrites += bursts;
		this.spans?.record(this.track, span.write, first, s.writeDataEnd, bursts);
		if (this.log === undefined) return;
		for (let i = 0; i < bursts; i++) this.log.push(first + i * step, command.WR, bank, row);
	}

	private reach(row: number, bank: number): void {
		const s = this.state;
		if (s.openRow !== row || s.openBank !== bank) this.open(row, bank);
		else if (s.registerMode === 1) this.enterBankMode();
	}

	private open(row: number, bank: number): void {
		const s = this.state;
		const { timing, memory } = this.hardware;
		if (s.registerMode === 1) this.enterBankMode();
		if (s.openRow !== NO_ROW) this.precharge();
		let act = this.earliestOpening();
		while (s.nextRefresh <= act) {
			this.refresh();
			act = this.earliestOpening();
		}
		s.act = act;
		s.openRow = row;
		s.openBank = bank;
		s.closeBefore = act + timing.ras;
		this.issued(act);
		this.counts.activations += bank === allBanks ? memory.banks : 1;
		this.log?.push(act, command.ACT, bank, row);
	}

	private earliestOpening(): number {
		const s = this.state;
		const { timing } = this.hardware;
		return Math.max(s.pre + timing.rp, s.act + timing.rc, s.ref + timing.rfc, s.floor, s.modeReady);
	}

	private precharge(): void {
		const s = this.state;
		const { timing } = this.hardware;
		s.pre = Math.max(s.closeBefore, s.lastMultiply + timing.rtp, s.modeReady);
		this.issued(s.pre);
		this.counts.openCycles += s.pre - s.act;
		this.log?.push(s.pre, command.PRE, s.openBank, s.openRow);
		s.openRow = NO_ROW;
	}

	private refresh(): void {
		const s = this.state;
		const { timing } = this.hardware;
		if (s.openRow !== NO_ROW) this.precharge();
		const cycle = Math.max(s.pre + timing.rp, s.ref + timing.rfc, s.nextRefresh, s.modeReady);
		s.ref = cycle;
		s.nextRefresh += timing.refi;
		this.issued(cycle);
		this.counts.refreshes++;
		this.spans?.record(this.track, span.refresh, cycle, cycle + timing.rfc, 1);
		this.log?.push(cycle, command.REF, allBanks, 0);
	}

	private enterRegisterMode(): void {
		const s = this.state;
		if (s.registerMode === 0) this.changeMode(true);
	}

	private enterBankMode(): void {
		this.changeMode(false);
	}

	private changeMode(registerMode: boolean): void {
		const s = this.state;
		s.registerMode = registerMode ? 1 : 0;
		const { modeChange } = this.hardware.timing;
		if (modeChange === 0) return;
		const cycle = Math.max(s.lastIssue + 1, s.floor);
		s.modeReady = cycle + modeChange;
		this.issued(cycle);
		this.counts.modeChanges++;
		this.log?.push(cycle, command.MODE, allBanks, 0);
	}

	private issued(cycle: number): void {
		const s = this.state;
		if (cycle > s.lastIssue) s.lastIssue = cycle;
	}
}
