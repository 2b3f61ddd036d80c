/** The machine: channels of computing memory around one small chip. */
import type { Asic } from './asic.ts';
import { BURST_BYTES, burstCycles, type Timing } from './timing.ts';

export interface MemoryShape {
	readonly channels: number;
	readonly banks: number;
	readonly rowsPerBank: number;
	/** Of a weight, a key, a value and a component of a vector; results are 16 bits. */
	readonly bytesPerWord: 1 | 2;
	readonly wordsPerRow: number;
	/** Weights that a bank multiplies with one command. */
	readonly wordsPerColumn: number;
	/** Words of the global buffer that a channel's banks share. */
	readonly bufferWords: number;
}

export interface Hardware {
	readonly memory: MemoryShape;
	readonly timing: Timing;
	/** Cycles of 32 bytes on a channel's bus. */
	readonly burst: number;
	readonly asic: Asic;
	readonly refresh: boolean;
}

/** BF16 in rows of 2 KiB, 16,384 in a bank, and a buffer of one row, as in PIM-GPT and in AiM. */
export const standardMemory: MemoryShape = {
	channels: 8,
	banks: 16,
	rowsPerBank: 16_384,
	bytesPerWord: 2,
	wordsPerRow: 1024,
	wordsPerColumn: 16,
	bufferWords: 1024,
};

/** Bytes that all channels hold. */
export function memoryBytes(memory: MemoryShape): number {
	return bytesOfRows(memory, memory.rowsPerBank);
}

/** Bytes of `rows` rows in all banks. */
export function bytesOfRows({ channels, banks, wordsPerRow, bytesPerWord }: MemoryShape, rows: number): number {
	return channels * banks * rows * wordsPerRow * bytesPerWord;
}

/** Transfers of 32 bytes that so many words take. */
export function burstsOf({ bytesPerWord }: MemoryShape, words: number): number {
	return Math.ceil((words * bytesPerWord) / BURST_BYTES);
}

/** A machine with `timing` and a bus of `pins` pins at `gigabitsPerSecondPerPin` for each channel. */
export function describeHardware(
	memory: MemoryShape,
	timing: Timing,
	asic: Asic,
	bus: { readonly pins: number; readonly gigabitsPerSecondPerPin: number },
	refresh = true,
): Hardware {
	return { memory, timing, burst: burstCycles(timing, bus.pins, bus.gigabitsPerSecondPerPin), asic, refresh };
}

/** Smallest multiple of `step` that is at least `value`. */
export function roundUp(value: number, step: number): number {
	return Math.ceil(value / step) * step;
}
