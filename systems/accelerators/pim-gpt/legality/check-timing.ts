/**
 * An independent judge of command streams: it knows the rules as pairs (timing-rules.ts) and the state of rows, and nothing of the simulator that
 * made the stream.
 */
import type { Hardware } from '../hardware/hardware.ts';
import { allBanks, type CommandLog, command, commandNames } from '../simulation/commands.ts';
import { type TimingRule, timingRules } from './timing-rules.ts';

export interface Violation {
	readonly rule: string;
	/** The command that came too early or had no right to come: its position in the log. */
	readonly position: number;
	readonly cycle: number;
	readonly says: string;
}

export interface TimingCheck {
	readonly commands: number;
	readonly violations: number;
	/** The first of them. */
	readonly first: readonly Violation[];
}

const KEPT = 20;
/** Refreshes that JEDEC allows to wait; the next one must not be later than one period after them. */
const POSTPONABLE = 8;

/** Checks the commands of one channel, in order of time. O(commands * rules of a kind). */
export function checkTiming(log: CommandLog, { memory, timing, burst, refresh }: Hardware): TimingCheck {
	const kinds = commandNames.length;
	const byAfter: TimingRule[][] = Array.from({ length: kinds }, () => []);
	for (const rule of timingRules(timing, burst)) byAfter[rule.after]?.push(rule);
	// Last cycle of each kind in each bank, and in the channel (row `banks`).
	const banks = memory.banks;
	const last = new Float64Array((banks + 1) * kinds).fill(Number.NEGATIVE_INFINITY);
	const openRow = new Int32Array(banks).fill(-1);
	let lastRefresh = 0;
	let violations = 0;
	const first: Violation[] = [];
	const report = (rule: string, position: number, cycle: number, says: string): void => {
		violations++;
		if (first.length < KEPT) first.push({ rule, position, cycle, says });
	};
	const cycles = log.cycle.view();
	const kindOf = log.kind.view();
	const bankOf = log.bank.view();
	const rowOf = log.row.view();
	for (const position of inOrderOfTime(cycles)) {
		const cycle = cycles[position] as number;
		const kind = kindOf[position] as number;
		const bank = bankOf[position] as number;
		const row = rowOf[position] as number;
		const from = bank === allBanks ? 0 : bank;
		const to = bank === allBanks ? banks : bank + 1;
		for (const rule of byAfter[kind] as TimingRule[]) {
			let before = last[banks * kinds + rule.before] as number;
			if (rule.scope === 'same bank') {
				before = Number.NEGATIVE_INFINITY;
				for (let b = from; b < to; b++) before = Math.max(before, last[b * kinds + rule.before] as number);
			}
			if (cycle - before < rule.cycles)
				report(
					rule.name,
					position,
					cycle,
					`${commandNames[kind]} ${cycle - before} cycles after ${commandNames[rule.before]}, ${rule.cycles} needed`,
				);
		}
		for (let b = from; b < to; b++) {
			const open = openRow[b] as number;
			if (kind === command.ACT) {
				if (open >= 0) report('row state', position, cycle, `opens row ${row} of bank ${b} while row ${open} is open`);
				openRow[b] = row;
			} else if (kind === command.PRE) openRow[b] = -1;
			else if (kind === command.MAC || kind === command.RD || kind === command.WR) {
				if (open !== row)
					report('row state', position, cycle, `${commandNames[kind]} in row ${row} of bank ${b}, open is ${open}`);
			} else if (kind === command.REF && open >= 0)
				report('row state', position, cycle, `refresh while row ${open} of bank ${b} is open`);
			last[b * kinds + kind] = cycle;
		}
		last[banks * kinds + kind] = cycle;
		if (kind === command.REF) {
			checkRefresh(cycle, position);
			lastRefresh = cycle;
		}
	}
	if (refresh && cycles.length > 0)
		checkRefresh(
			cycles.reduce((a, b) => Math.max(a, b), 0),
			cycles.length - 1,
		);
	return { commands: cycles.length, violations, first };

	function checkRefresh(cycle: number, position: number): void {
		const most = (POSTPONABLE + 1) * timing.refi;
		if (cycle - lastRefresh > most)
			report('tREFI', position, cycle, `${cycle - lastRefresh} cycles without a refresh, at most ${most} are allowed`);
	}
}

/** Positions by time; equal times in the order of the log. By insertion, for logs are almost in order. */
function inOrderOfTime(cycles: Float64Array): Int32Array {
	const order = new Int32Array(cycles.length);
	for (let position = 0; position < order.length; position++) {
		const cycle = cycles[position] as number;
		let at = position;
		for (; at > 0 && (cycles[order[at - 1] as number] as number) > cycle; at--) order[at] = order[at - 1] as number;
		order[at] = position;
	}
	return order;
}
