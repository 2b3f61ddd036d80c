/** The commands of a channel, and a log of those that were issued. */
import { Integers, Reals } from '@assay/events';

/** All-bank commands have the bank `allBanks`; those of registers and buffer too. */
export const commandNames = ['ACT', 'PRE', 'MAC', 'RD', 'WR', 'WRGB', 'RDMAC', 'REF', 'MODE'] as const;

export const command = { ACT: 0, PRE: 1, MAC: 2, RD: 3, WR: 4, WRGB: 5, RDMAC: 6, REF: 7, MODE: 8 } as const;

export const allBanks = -1;

/** Commands in the order in which they were decided, which is not that of time: rows are closed with hindsight, as early as allowed. */
export class CommandLog {
	readonly cycle = new Reals(4096);
	readonly kind = new Integers(4096);
	readonly bank = new Integers(4096);
	readonly row = new Integers(4096);

	get length(): number {
		return this.kind.length;
	}

	push(cycle: number, kind: number, bank: number, row: number): void {
		this.cycle.push(cycle);
		this.kind.push(kind);
		this.bank.push(bank);
		this.row.push(row);
	}
}
