/** A vector times a matrix in the banks, one channel's part. */
import type { MemoryShape } from '../hardware/hardware.ts';
import { type MatrixLayout, outputsInChannel, type Slice, sliceAddress } from '../mapping/matrix-layout.ts';
import { type CommandSink, multiplyWords } from './command-sink.ts';

/** Results are read as the outputs' local numbers; slice by slice they are partial and come once a slice. */
export function matrixVector(layout: MatrixLayout, memory: MemoryShape, channel: number, sink: CommandSink): void {
	const { slices, order, firstRow } = layout;
	const outputs = outputsInChannel(layout, memory, channel);
	if (outputs === 0) return;
	if (order === 'slice by slice') {
		for (let s = 0; s < slices.length; s++) {
			const { first, words, padded } = slices[s] as Slice;
			sink.loadVector(first, words);
			const start = sliceAddress(layout, memory, 0, s);
			const step = sliceAddress(layout, memory, 1, s) - start;
			for (let local = 0; local < outputs; local++) {
				multiplyWords(sink, memory, firstRow, start + local * step, padded, 0);
				sink.readResults(local);
			}
		}
		return;
	}
	for (let local = 0; local < outputs; local++) {
		for (let s = 0; s < slices.length; s++) {
			const { first, words, padded } = slices[s] as Slice;
			sink.loadVector(first, words);
			multiplyWords(sink, memory, firstRow, sliceAddress(layout, memory, local, s), padded, 0);
		}
		sink.readResults(local);
	}
}
