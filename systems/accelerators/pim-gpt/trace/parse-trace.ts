/** Reads traces of the open AiM simulator: the instructions that a matrix-vector machine needs. Whatever else the file holds is named. */
import { InputError, nearestName, show } from '@assay/contract';
import type { MemoryShape } from '../hardware/hardware.ts';
import { MOST_TRACED_CHANNELS } from './export-trace.ts';

/** Largest file, and most instructions. */
export const MOST_TRACE_BYTES = 64 * 2 ** 20;
const MOST_INSTRUCTIONS = 2_000_000;

export type TraceInstruction =
	| { readonly kind: 'write buffer'; readonly channels: number; readonly bursts: number }
	| { readonly kind: 'multiply'; readonly channels: number; readonly columns: number; readonly row: number }
	| { readonly kind: 'read results' | 'write results'; readonly channels: number }
	| { readonly kind: 'read bank' | 'write bank'; readonly channels: number; readonly bank: number; readonly row: number }
	| { readonly kind: 'write all banks'; readonly channels: number; readonly row: number }
	/** A barrier over all channels. */
	| { readonly kind: 'wait' }
	/** Registers outside the memory: no time in it. */
	| { readonly kind: 'outside' };

type Field = 'opsize' | 'register' | 'mask' | 'bank' | 'row';

/** Fields of each AiM instruction, as its simulator has them; null: known there and not simulated here. */
const FIELDS: Readonly<Record<string, readonly Field[] | null>> = {
	WR_GB: ['opsize', 'register', 'mask'],
	MAC_ABK: ['opsize', 'mask', 'row'],
	RD_MAC: ['register', 'mask'],
	WR_BIAS: ['register', 'mask'],
	WR_SBK: ['register', 'mask', 'bank', 'row'],
	RD_SBK: ['register', 'mask', 'bank', 'row'],
	WR_ABK: ['register', 'mask', 'row'],
	EWADD: ['opsize', 'register', 'register'],
	SYNC: [],
	EOC: [],
	RD_AF: null,
	AF: null,
	MAC_SBK: null,
	EWMUL: null,
	COPY_BKGB: null,
	COPY_GBBK: null,
};
const NUMBER = /^(?:0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/;

/** Lines between two pauses. */
const CHUNK = 4096;

/** Parses a trace. Raises an `InputError` that names the line, or says that no instruction was found. Reading ends at EOC. */
export async function parseTrace(
	text: string,
	name: string,
	memory: MemoryShape,
	pause: () => Promise<void>,
): Promise<TraceInstruction[]> {
	const columns = memory.wordsPerRow / memory.wordsPerColumn;
	const most: Record<Field, number> = {
		opsize: columns,
		register: 2 ** 32 - 1,
		mask: 2 ** 32 - 1,
		bank: memory.banks - 1,
		row: memory.rowsPerBank - 1,
	};
	const instructions: TraceInstruction[] = [];
	let number = 0;
	for (const line of linesOf(text)) {
		number++;
		if (number % CHUNK === 0) await pause();
		const tokens = line.trim().split(/\s+/);
		if (tokens[0] === '' || tokens[0]?.startsWith('#')) continue;
		if (instructions.length >= MOST_INSTRUCTIONS)
			throw fail('one more instruction', `at most ${MOST_INSTRUCTIONS.toLocaleString('en-US')}`);
		const instruction = tokens[0] === 'AiM' ? aim(tokens.slice(1)) : access(tokens);
		if (instruction === 'end') break;
		instructions.push(instruction);
	}
	if (instructions.length > 0) return instructions;
	throw new InputError({
		path: [name],
		found: `no instruction in ${number} lines`,
		expected: 'instructions of the AiM simulator',
	});

	function fail(found: string, expected: string, nearest?: string): InputError {
		return new InputError({ path: [name, `line ${number}`], found, expected, nearest });
	}

	function value(field: string, token: string | undefined, limit: number): number {
		const parsed = token !== undefined && NUMBER.test(token) ? Number(token) : Number.NaN;
		const least = field === 'opsize' || field === 'mask' ? 1 : 0;
		if (!(parsed >= least && parsed <= limit))
			throw fail(`${field} ${show(token)}`, `an integer from ${least} to ${limit}, decimal or 0x`);
		return parsed;
	}

	function channelsOf(mask: number): number {
		const channels = Math.min(memory.channels, MOST_TRACED_CHANNELS);
		// All 32 bits stand for all channels, however many there are.
		if (mask === 0xffffffff) return channels === 32 ? mask : 2 ** channels - 1;
		if (mask >= 2 ** channels) throw fail(`mask 0x${mask.toString(16)}`, `channels below ${channels}: hardware.channels`);
		return mask;
	}

	function aim(tokens: readonly string[]): TraceInstruction | 'end' {
		const opcode = (tokens[0] ?? '').replace(/^ISR_/, '');
		const fields = Object.hasOwn(FIELDS, opcode) ? FIELDS[opcode] : undefined;
		const known = Object.keys(FIELDS).filter((key) => FIELDS[key] !== null);
		if (fields === undefined) throw fail(show(tokens[0]), `one of ${known.join(', ')}`, nearestName(opcode, known));
		if (fields === null) throw fail(opcode, `one of ${known.join(', ')}: ${opcode} is not simulated`);
		if (tokens.length - 1 !== fields.length)
			throw fail(`${tokens.length - 1} fields`, `${fields.length} after ${opcode}: ${fields.join(', ') || 'none'}`);
		const at = (field: Field): number => value(field, tokens[1 + fields.indexOf(field)], most[field]);
		for (const [index, field] of fields.entries()) value(field, tokens[1 + index], most[field]);
		switch (opcode) {
			case 'WR_GB':
				return { kind: 'write buffer', channels: channelsOf(at('mask')), bursts: at('opsize') };
			case 'MAC_ABK':
				return { kind: 'multiply', channels: channelsOf(at('mask')), columns: at('opsize'), row: at('row') };
			case 'RD_MAC':
				return { kind: 'read results', channels: channelsOf(at('mask')) };
			case 'WR_BIAS':
				return { kind: 'write results', channels: channelsOf(at('mask')) };
			case 'WR_SBK':
				return { kind: 'write bank', channels: channelsOf(at('mask')), bank: at('bank'), row: at('row') };
			case 'RD_SBK':
				return { kind: 'read bank', channels: channelsOf(at('mask')), bank: at('bank'), row: at('row') };
			case 'WR_ABK':
				return { kind: 'write all banks', channels: channelsOf(at('mask')), row: at('row') };
			case 'SYNC':
				return { kind: 'wait' };
			case 'EOC':
				return 'end';
			default:
				return { kind: 'outside' };
		}
	}

	/** `R|W MEM channel bank row`, `R|W GPR register`, `W CFR register value`. */
	function access(tokens: readonly string[]): TraceInstruction {
		const [type, place, ...rest] = tokens;
		if (type !== 'R' && type !== 'W') throw fail(show(type), 'AiM, R, W or a comment after #');
		const sizes: Readonly<Record<string, number>> = { MEM: 3, GPR: 1, CFR: 2 };
		const size = place !== undefined && Object.hasOwn(sizes, place) ? sizes[place] : undefined;
		if (size === undefined) throw fail(show(place), 'MEM, GPR or CFR');
		if (rest.length !== size) throw fail(`${rest.length} fields`, `${size} after ${place}`);
		if (place !== 'MEM') {
			for (const token of rest) value('register', token, most.register);
			return { kind: 'outside' };
		}
		const channel = value('channel', rest[0], Math.min(memory.channels, MOST_TRACED_CHANNELS) - 1);
		const bank = value('bank', rest[1], most.bank);
		const row = value('row', rest[2], most.row);
		return { kind: type === 'R' ? 'read bank' : 'write bank', channels: 2 ** channel, bank, row };
	}
}

function* linesOf(text: string): Generator<string> {
	let from = 0;
	while (from < text.length) {
		const end = text.indexOf('\n', from);
		yield text.slice(from, end < 0 ? text.length : end);
		if (end < 0) return;
		from = end + 1;
	}
}
