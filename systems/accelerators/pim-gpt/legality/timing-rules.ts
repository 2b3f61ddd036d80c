/**
 * The memory's rules as a table of pairs, for the checker: after `before`, `after` comes no sooner than `cycles` later. It is written from the
 * standard's rules and Ramulator's table, and shares nothing with the simulator but the timing's figures.
 */
import type { Timing } from '../hardware/timing.ts';
import { command } from '../simulation/commands.ts';

export interface TimingRule {
	readonly name: string;
	readonly before: number;
	readonly after: number;
	readonly cycles: number;
	/** `same bank`: an all-bank command meets every bank. `channel`: whatever the banks. */
	readonly scope: 'same bank' | 'channel';
}

/** All rules of a timing on a bus where 32 bytes take `burst` cycles. */
export function timingRules(t: Timing, burst: number): TimingRule[] {
	const { ACT, PRE, MAC, RD, WR, WRGB, RDMAC, REF, MODE } = command;
	const rules: TimingRule[] = [];
	const bank = (name: string, before: number, after: number, cycles: number): void => {
		rules.push({ name, before, after, cycles, scope: 'same bank' });
	};
	const channel = (name: string, before: number, after: number, cycles: number): void => {
		rules.push({ name, before, after, cycles, scope: 'channel' });
	};
	bank('tRCD(MAC)', ACT, MAC, t.rcdMultiply);
	bank('tRCD(RD)', ACT, RD, t.rcdRead);
	bank('tRCD(WR)', ACT, WR, t.rcdWrite);
	bank('tRAS', ACT, PRE, t.ras);
	bank('tRC', ACT, ACT, t.rc);
	bank('tRP', PRE, ACT, t.rp);
	bank('tRTP', MAC, PRE, t.rtp);
	bank('tRTP', RD, PRE, t.rtp);
	bank('tWR', WR, PRE, t.cwl + burst + t.wr);
	bank('tWTR', WR, MAC, t.cwl + burst + t.wtr);
	channel('tRRD', ACT, ACT, t.rrd);
	channel('tRP before refresh', PRE, REF, t.rp);
	channel('tRFC', REF, ACT, t.rfc);
	channel('tRFC', REF, REF, t.rfc);
	channel('tCCD', MAC, MAC, t.ccd);
	channel('tCCD', MAC, RD, t.ccd);
	channel('tCCD', RD, MAC, t.ccd);
	channel('tCCD after the last multiply', MAC, WR, t.ccd);
	channel('buffer ready', WRGB, MAC, t.cwlBuffer + burst);
	channel('buffer in use', MAC, WRGB, 1);
	// The bus: reads after reads, writes after writes, and the change of direction.
	const reads = [
		[RD, t.cl],
		[RDMAC, t.clRegister],
	] as const;
	const writes = [
		[WR, t.cwl],
		[WRGB, t.cwlBuffer],
	] as const;
	for (const [before, latency] of reads) {
		for (const [after, next] of reads) channel('read bus', before, after, Math.max(t.ccd, latency + burst - next));
		for (const [after, next] of writes) channel('tRTW', before, after, latency + burst + t.turnaround - next);
	}
	for (const [before, latency] of writes) {
		for (const [after, next] of writes) channel('write bus', before, after, Math.max(t.ccd, latency + burst - next));
		for (const [after] of reads) channel('tWTR', before, after, latency + burst + t.wtr);
	}
	if (!t.readsOverlap) {
		channel('result ready', MAC, RDMAC, t.ccd);
		channel('tCCD', RDMAC, MAC, t.ccd);
	}
	if (t.modeChange > 0)
		for (const after of [ACT, PRE, MAC, RD, WR, WRGB, RDMAC, REF, MODE]) channel('tMOD', MODE, after, t.modeChange);
	return rules.filter(({ cycles }) => cycles > 0);
}
