/**
 * A token's commands as a trace for the open AiM simulator (github.com/arkhadem/aim_simulator): an instruction a line, channels by mask. That
 * syntax has no start column, so a run in the middle of a row is told by its row and length, which is what its time depends on. Where the
 * ASIC works, the trace has a barrier.
 */
import type { Hardware } from '../hardware/hardware.ts';
import { burstsOf, type MemoryShape } from '../hardware/hardware.ts';
import type { LayerMap, ModelMap } from '../mapping/model-map.ts';
import { layerMatrixNames } from '../model/decoder.ts';
import { scores, values } from '../program/attention.ts';
import type { CommandSink } from '../program/command-sink.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { readFunctions, readRow, writeKey, writeValue } from '../program/transfers.ts';

/** A mask in the trace is 32 bits. */
export const MOST_TRACED_CHANNELS = 32;

/** An instruction for one channel at a time. */
const ALL_BANK_WRITE = 'AiM WR_ABK 0';

/** One channel's instructions, parted where the mask belongs. */
class TraceSink implements CommandSink {
	readonly before: string[] = [];
	readonly after: string[] = [];
	private readonly memory: MemoryShape;
	private readonly registers: number;
	private waiting = 0;

	constructor({ memory, timing }: Hardware) {
		this.memory = memory;
		this.registers = timing.resultRegisters;
	}

	private push(before: string, after = ''): void {
		this.before.push(before);
		this.after.push(after);
	}

	/** Reads the results that wait; at the latest when an operation ends. */
	flush(): void {
		for (; this.waiting > 0; this.waiting--) this.push('AiM RD_MAC 0');
	}

	loadVector(_first: number, words: number): void {
		this.flush();
		this.push(`AiM WR_GB ${burstsOf(this.memory, words)} 0`);
	}

	multiply(row: number, _column: number, columns: number, _bufferColumn: number): void {
		this.push(`AiM MAC_ABK ${columns}`, ` ${row}`);
	}

	readResults(_result: number): void {
		if (++this.waiting >= this.registers) this.flush();
	}

	readBank(bank: number, row: number, _word: number, words: number): void {
		for (let i = burstsOf(this.memory, words); i > 0; i--) this.push('AiM RD_SBK 0', ` ${bank} ${row}`);
	}

	readAllBanks(row: number, word: number, words: number): void {
		for (let bank = 0; bank < this.memory.banks; bank++) this.readBank(bank, row, word, words);
	}

	writeBank(bank: number, row: number, _word: number, words: number): void {
		for (let i = burstsOf(this.memory, words); i > 0; i--) this.push('AiM WR_SBK 0', ` ${bank} ${row}`);
	}

	writeAllBanks(row: number, _word: number): void {
		this.push(ALL_BANK_WRITE, ` ${row}`);
	}
}

/** Merges the channels' instructions: what several do next is one line, and each channel keeps its order. */
function merge(sinks: readonly TraceSink[]): string[] {
	const at = new Uint32Array(sinks.length);
	const lines: string[] = [];
	for (;;) {
		const first = sinks.findIndex((sink, channel) => (at[channel] as number) < sink.before.length);
		if (first < 0) return lines;
		const leader = sinks[first] as TraceSink;
		const before = leader.before[at[first] as number];
		const after = leader.after[at[first] as number];
		let mask = 0;
		for (const [channel, sink] of sinks.entries()) {
			const position = at[channel] as number;
			if (sink.before[position] !== before || sink.after[position] !== after) continue;
			mask = (mask | (1 << channel)) >>> 0;
			at[channel] = position + 1;
			if (before === ALL_BANK_WRITE) break;
		}
		lines.push(`${before} 0x${mask.toString(16)}${after}`);
	}
}

/**
 * The trace of a token with `context` tokens, itself included: of its first layer, or of all. At most 32 channels. Lines end with a newline,
 * the last instruction is EOC.
 */
export function* exportTrace(map: ModelMap, hardware: Hardware, context: number, part: 'layer' | 'token'): Generator<string> {
	const { memory } = hardware;
	const { decoder } = map;
	if (memory.channels > MOST_TRACED_CHANNELS) throw new RangeError(`a mask has 32 bits, not ${memory.channels}`);
	const operation = (title: string, program: (channel: number, sink: CommandSink) => void): string => {
		const sinks = Array.from({ length: memory.channels }, () => new TraceSink(hardware));
		for (const [channel, sink] of sinks.entries()) {
			program(channel, sink);
			sink.flush();
		}
		return `# ${title}\n${merge(sinks)
			.map((line) => `${line}\n`)
			.join('')}AiM SYNC\n`;
	};
	const layers = part === 'layer' ? map.layers.slice(0, 1) : map.layers;
	if (part === 'token') yield operation('embedding', (channel, sink) => readRow(map.embedding, memory, channel, 0, sink));
	for (const [number, layer] of layers.entries()) yield* layerTrace(number, layer);
	if (part === 'token') yield operation('head', (channel, sink) => matrixVector(map.head, memory, channel, sink));
	yield 'AiM EOC\n';

	function* layerTrace(number: number, layer: LayerMap): Generator<string> {
		const tokens = Math.min(context, layer.keys.tokens);
		const place = (context - 1) % layer.keys.tokens;
		const product = (name: (typeof layerMatrixNames)[number]): string =>
			operation(`layer ${number}: ${name}`, (channel, sink) => matrixVector(layer.matrices[name], memory, channel, sink));
		yield product('query-key-value');
		yield operation(`layer ${number}: scores`, (channel, sink) => {
			writeKey(layer.keys, memory, channel, place, sink);
			scores(layer.keys, memory, channel, tokens, decoder.heads, sink);
			writeValue(layer.values, memory, channel, place, sink);
			readFunctions(layer.functions, memory, sink);
		});
		yield operation(`layer ${number}: values`, (channel, sink) => values(layer.values, memory, channel, tokens, sink));
		for (const name of layerMatrixNames.slice(1)) yield product(name);
	}
}
