/**
 * Where a weight matrix lies. Output j belongs to channel j mod C and there to bank floor(j / C) mod B, so all banks own as many outputs to
 * within one and can be driven in lock-step. A bank's outputs lie one after the other and fill its rows whole (K = 768 does not
 * divide a row of 1,024). Inputs beyond the global buffer are cut into slices, and each slice of all outputs lies together.
 */
import { burstsOf, type Hardware, type MemoryShape, roundUp } from '../hardware/hardware.ts';

export interface Slice {
	/** First input. */
	readonly first: number;
	readonly words: number;
	/** Words it takes in a row: whole columns. */
	readonly padded: number;
}

/**
 * `slice by slice`: one slice of the vector is loaded and multiplied with all outputs, whose partial results the ASIC adds up.
 * `output by output`: an output is finished first, so the vector is loaded again for each.
 */
export type LoopOrder = 'slice by slice' | 'output by output';

export interface MatrixLayout {
	readonly inputs: number;
	readonly outputs: number;
	readonly slices: readonly Slice[];
	readonly order: LoopOrder;
	/** Most outputs a bank owns. */
	readonly outputsPerBank: number;
	/** Without concatenation each slice of an output starts a row. */
	readonly concatenated: boolean;
	readonly firstRow: number;
	/** Rows it takes in every bank. */
	readonly rows: number;
}

/** Inputs cut into slices that the buffer holds. */
function sliceInputs(inputs: number, { bufferWords, wordsPerColumn }: MemoryShape): Slice[] {
	const slices: Slice[] = [];
	for (let first = 0; first < inputs; first += bufferWords) {
		const words = Math.min(bufferWords, inputs - first);
		slices.push({ first, words, padded: roundUp(words, wordsPerColumn) });
	}
	return slices;
}

/** Lays a matrix out from `firstRow` on and picks the loop order whose loads of the vector and reads of results take less time. */
export function layOutMatrix(
	{ inputs, outputs }: { readonly inputs: number; readonly outputs: number },
	{ memory, timing, burst }: Hardware,
	{ concatenate, firstRow }: { readonly concatenate: boolean; readonly firstRow: number },
): MatrixLayout {
	const slices = sliceInputs(inputs, memory);
	const outputsPerBank = Math.ceil(outputs / (memory.channels * memory.banks));
	const words = slices.reduce((sum, { padded }) => sum + padded, 0);
	const rows = concatenate ? Math.ceil((outputsPerBank * words) / memory.wordsPerRow) : outputsPerBank * slices.length;
	const loads = burstsOf(memory, inputs) * burst;
	const read = timing.readsOverlap ? burst : Math.max(burst, timing.ccd);
	const bySlice = loads + outputsPerBank * slices.length * read;
	const byOutput = outputsPerBank * loads + outputsPerBank * read;
	const order = slices.length > 1 && byOutput < bySlice ? 'output by output' : 'slice by slice';
	return { inputs, outputs, slices, order, outputsPerBank, concatenated: concatenate, firstRow, rows };
}

/** Outputs that the fullest bank of a channel owns. */
export function outputsInChannel({ outputs }: MatrixLayout, { channels, banks }: MemoryShape, channel: number): number {
	return Math.max(0, Math.ceil((outputs - channel) / (channels * banks)));
}

/** The output that a bank owns as its `local`-th; at least `outputs` where it owns none. */
export function outputAt({ channels, banks }: MemoryShape, channel: number, bank: number, local: number): number {
	return (local * banks + bank) * channels + channel;
}

/** Address of a slice of an output in its bank, in words from the start of the layout's first row. */
export function sliceAddress(layout: MatrixLayout, memory: MemoryShape, local: number, slice: number): number {
	const { slices, outputsPerBank, concatenated } = layout;
	if (!concatenated) return (slice * outputsPerBank + local) * memory.wordsPerRow;
	let start = 0;
	for (let earlier = 0; earlier < slice; earlier++) start += outputsPerBank * (slices[earlier] as Slice).padded;
	return start + local * (slices[slice] as Slice).padded;
}
