import { expect, test } from 'vitest';
import { mapModel } from '../mapping/model-map.ts';
import { describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import { CommandLog, command } from '../simulation/commands.ts';
import { TokenSimulation } from '../simulation/token.ts';
import { anyPreset, machine } from '../test-data.ts';
import { checkTiming } from './check-timing.ts';
import { timingRules } from './timing-rules.ts';

/** Commands of channel `watched` for tokens at several contexts, until there are `least`. */
function commands(preset: 'paper' | 'aim', least: number, watched = 0, small = true): CommandLog {
	const hardware = machine(preset);
	const decoder = describeDecoder(namedModel('gpt2'));
	const map = mapModel(small ? { ...decoder, layers: 1, vocabulary: 2000 } : decoder, hardware, {
		tokens: 1024,
		concatenate: true,
	});
	const log = new CommandLog();
	const simulation = new TokenSimulation(map, hardware, (channel) => (channel === watched ? { log } : {}));
	for (let context = 1; log.length < least; context += 37) simulation.token(((context - 1) % 1024) + 1);
	return log;
}

function copy(log: CommandLog, change: (cycle: number, position: number) => number): CommandLog {
	const changed = new CommandLog();
	const [cycle, kind, bank, row] = [log.cycle.view(), log.kind.view(), log.bank.view(), log.row.view()];
	for (let i = 0; i < log.length; i++)
		changed.push(change(cycle[i] as number, i), kind[i] as number, bank[i] as number, row[i] as number);
	return changed;
}

test.for(anyPreset)('%s: a million commands break no rule', (preset) => {
	const { commands: judged, violations, first } = checkTiming(commands(preset, 1_000_000, 3, false), machine(preset));
	expect(judged).toBeGreaterThanOrEqual(1_000_000);
	expect(first).toEqual([]);
	expect(violations).toBe(0);
});

test.for(anyPreset)('%s: for every rule that binds somewhere, one gap shortened by a cycle is found', (preset) => {
	const hardware = machine(preset);
	const log = commands(preset, 30_000);
	const cycles = log.cycle.view();
	const kinds = log.kind.view();
	const order = Array.from(cycles.keys()).sort((a, b) => (cycles[a] as number) - (cycles[b] as number) || a - b);
	const found = new Set<string>();
	for (const rule of timingRules(hardware.timing, hardware.burst)) {
		let before = Number.NEGATIVE_INFINITY;
		for (const position of order) {
			const cycle = cycles[position] as number;
			if (kinds[position] === rule.after && cycle - before === rule.cycles) {
				const earlier = copy(log, (other, at) => (at === position ? other - 1 : other));
				const check = checkTiming(earlier, hardware);
				expect(check.violations, `${rule.name} ${rule.before} ${rule.after}`).toBeGreaterThan(0);
				found.add(`${rule.before} ${rule.after}`);
				break;
			}
			if (kinds[position] === rule.before) before = cycle;
		}
	}
	const { ACT, PRE, MAC, WRGB, RDMAC, REF, WR, MODE } = command;
	for (const pair of [
		[ACT, MAC],
		[PRE, ACT],
		[MAC, PRE],
		[MAC, MAC],
		[REF, ACT],
		[WR, PRE],
		// On AiM a change of mode, longer than both, lies between buffer or registers and multiplies.
		...(preset === 'aim' ? [[MODE, ACT] as const, [RDMAC, RDMAC] as const] : [[WRGB, MAC] as const, [RDMAC, WRGB] as const]),
	])
		expect(found, `${pair}`).toContain(pair.join(' '));
});

test.for(anyPreset)('%s: a machine that is slower in one figure than the one simulated finds the stream illegal', (preset) => {
	const hardware = machine(preset);
	const log = commands(preset, 30_000);
	for (const name of ['rcdMultiply', 'rp', 'rtp', 'ccd', 'rfc', 'wr'] as const) {
		const slower = { ...hardware, timing: { ...hardware.timing, [name]: hardware.timing[name] + 1 } };
		expect(checkTiming(log, slower).violations, name).toBeGreaterThan(0);
	}
});

test('rows: a multiply in a closed or another row, an opening of an open one, a refresh with a row open, and none for too long', () => {
	const hardware = machine('paper');
	const judge = (...list: readonly (readonly [cycle: number, kind: number, row: number])[]): string[] => {
		const log = new CommandLog();
		for (const [cycle, kind, row] of list) log.push(cycle, kind, -1, row);
		return checkTiming(log, hardware).first.map(({ rule }) => rule);
	};
	const { ACT, MAC, REF } = command;
	expect(judge([0, ACT, 5], [12, MAC, 5])).toEqual([]);
	expect(judge([0, MAC, 5])).toContain('row state');
	expect(judge([0, ACT, 5], [12, MAC, 6])).toContain('row state');
	expect(judge([0, ACT, 5], [100, ACT, 6])).toContain('row state');
	expect(judge([0, ACT, 5], [100, REF, 0])).toContain('row state');
	expect(judge([9 * 6825 + 1, ACT, 5])).toEqual(['tREFI']);
	expect(judge([9 * 6825, REF, 0])).toEqual([]);
});
