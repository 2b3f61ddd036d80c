/**
 * One token after the other through all channels and the ASIC.
 *
 * A product starts when its vector is there, in all channels at once, and ends with the last channel's last result. What the ASIC does
 * to each result on its own follows the reads in a pipeline: biases, partial sums and the largest logit cost the fill of the pipeline alone,
 * activations and residual adds what of their passes does not fit between the first and the last final result. Norms and softmax need whole
 * vectors and take their passes. Layers do not overlap. A new value is written, and the layer's biases and norms are read, once the scores are
 * out, while the ASIC computes the softmax. The ASIC is one unit that is reserved until a function is done.
 */
import type { Spans } from '@assay/events';
import * as asicCycles from '../hardware/asic.ts';
import type { Hardware } from '../hardware/hardware.ts';
import { blocksOfChannel, type ValueLayout } from '../mapping/cache-layout.ts';
import { type MatrixLayout, outputsInChannel } from '../mapping/matrix-layout.ts';
import type { LayerMap, ModelMap } from '../mapping/model-map.ts';
import { attendedTokens, type Decoder } from '../model/decoder.ts';
import { keysInChannel, scores, values } from '../program/attention.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { readFunctions, readRow, writeKey, writeValue } from '../program/transfers.ts';
import { type ChannelOptions, ChannelTimeline } from './channel.ts';
import { addCounts, type ChannelCounts, copyCounts, noCounts } from './channel-state.ts';
import { type Operation, operations } from './operations.ts';

/** Cycles of each operation on the way of the token, in the order of `operations`. */
export type OperationCycles = Float64Array;

/** What is written down of a token that is looked at closely. */
export interface Recording {
	/** Operations by lane (channels, then the ASIC) of one layer; kinds are positions in `operations`. */
	readonly lanes: Spans;
	readonly layer: number;
}

export class TokenSimulation {
	readonly channels: readonly ChannelTimeline[];
	/** Cycle in which the last token was done. */
	cycle = 0;
	/** Cycles of the memory's clock in which the ASIC worked. */
	asicCycles = 0;
	private readonly hardware: Hardware;
	private readonly map: ModelMap;
	private spent: OperationCycles = new Float64Array(operations.length);
	private recording: Recording | undefined;
	private layer = -1;
	/** For each channel the one that is simulated in its stead. */
	private readonly leader: Int32Array;
	private readonly before = noCounts();
	/** When the last channel had written the new value, and read the layer's biases and norms. */
	private valuesWritten = 0;
	private parametersRead = 0;
	/** Cycles from the first to the last final result of the last product. */
	private resultWindow = 0;

	/** `options` go to the channels, told apart by their number. */
	constructor(map: ModelMap, hardware: Hardware, options: (channel: number) => ChannelOptions = () => ({})) {
		this.map = map;
		this.hardware = hardware;
		this.leader = new Int32Array(hardware.memory.channels);
		this.channels = Array.from(
			{ length: hardware.memory.channels },
			(_, track) => new ChannelTimeline(hardware, { track, ...options(track) }),
		);
	}

	/** Generates the token that attends to `context` tokens, itself included; what each operation took. */
	token(context: number, recording?: Recording): OperationCycles {
		this.spent = new Float64Array(operations.length);
		this.recording = recording;
		this.layer = -1;
		const { decoder, layers } = this.map;
		this.embed(context);
		for (const [number, layer] of layers.entries()) {
			this.layer = number;
			this.runLayer(layer, attendedTokens(decoder, number, context), (context - 1) % layer.keys.tokens);
		}
		this.layer = -1;
		if (decoder.finalNorm) this.norm();
		if (this.map.widening !== null) this.product('head', this.map.widening.back);
		this.product('head', this.map.head);
		return this.spent;
	}

	private embed(context: number): void {
		const { decoder, embedding, positions, widening } = this.map;
		const { memory, asic } = this.hardware;
		// Which token it is does not change the time; any row of the table will do.
		this.memory(
			'embedding',
			(number) => number,
			(channel, number) => {
				readRow(embedding, memory, number, 0, channel);
				if (positions !== null) readRow(positions, memory, number, Math.min(context - 1, decoder.positions - 1), channel);
			},
		);
		if (widening !== null) this.product('embedding', widening.into);
		if (positions !== null) this.onAsic('embedding', asicCycles.additionCycles(asic, decoder.hidden));
		if (decoder.embeddingNorm) this.norm();
	}

	/** `place` is where the new token's key and value go, in a ring where there is a window. */
	private runLayer(layer: LayerMap, tokens: number, place: number): void {
		const { decoder } = this.map;
		const { memory, asic } = this.hardware;
		const { heads, kvHeads, headDim, hidden } = decoder;
		if (decoder.normsPerLayer > 0) this.norm();
		this.product('query-key-value', layer.matrices['query-key-value']);
		if (decoder.rotary) this.onAsic('rotary embedding', asicCycles.rotaryCycles(asic, (heads + kvHeads) * headDim));
		const written = this.cycle;
		this.memory(
			'key write',
			(number) => (place % memory.channels === number ? 1 : 0),
			(channel, number) => writeKey(layer.keys, memory, number, place, channel),
			true,
		);
		this.memory(
			'scores',
			(number) => keysInChannel(tokens, memory, number),
			(channel, number) => scores(layer.keys, memory, number, tokens, heads, channel),
		);
		this.transferDuringSoftmax(layer, place, written);
		this.onAsic('softmax', asicCycles.softmaxCycles(asic, heads, tokens));
		this.finishTransfers();
		this.memory(
			'values',
			(number) => valueShare(layer.values, number),
			(channel, number) => values(layer.values, memory, number, tokens, channel),
		);
		this.streamed('values');
		this.product('projection', layer.matrices.projection);
		this.onResults('residual adds', asicCycles.additionCycles(asic, hidden));
		for (let norm = 1; norm < decoder.normsPerLayer; norm++) this.norm();
		this.product('feed-forward up', layer.matrices['feed-forward up']);
		// A gate's outputs come before what they gate: only with the second half the function can begin.
		this.onResults('activation', activationCycles(decoder, this.hardware), decoder.gated ? 0.5 : 1);
		this.product('feed-forward down', layer.matrices['feed-forward down']);
		this.onResults('residual adds', asicCycles.additionCycles(asic, hidden));
	}

	/**
	 * Tells every channel its part of an operation and waits for the last of them, unless it goes on while they work. Equal `share`s mean equal
	 * programs but for what no cycle depends on.
	 */
	private memory(
		operation: Operation,
		share: (number: number) => number,
		program: (channel: ChannelTimeline, number: number) => void,
		withoutWaiting = false,
	): void {
		const { channels, leader, before } = this;
		const start = this.cycle;
		for (const channel of channels) channel.start(start);
		// Channels that are alike and have as large a share take the same course; one of them is simulated.
		for (let number = 0; number < channels.length; number++) {
			leader[number] = number;
			for (let other = 0; other < number; other++) {
				if (leader[other] !== other || share(other) !== share(number)) continue;
				if (!(channels[number] as ChannelTimeline).isLike(channels[other] as ChannelTimeline)) continue;
				leader[number] = other;
				break;
			}
		}
		let end = start;
		for (let number = 0; number < channels.length; number++) {
			if (leader[number] !== number) continue;
			const channel = channels[number] as ChannelTimeline;
			copyCounts(before, channel.counts);
			program(channel, number);
			const done = channel.finish();
			for (let other = number; other < channels.length; other++) {
				if (leader[other] !== number) continue;
				if (other !== number) (channels[other] as ChannelTimeline).follow(channel, before);
				if (done > start) this.note(other, operation, start, done);
			}
			if (done > end) end = done;
		}
		this.pass(operation, withoutWaiting ? start : end);
	}

	private product(operation: Operation, layout: MatrixLayout): void {
		const { memory } = this.hardware;
		const start = this.cycle;
		this.memory(
			operation,
			(number) => outputsInChannel(layout, memory, number),
			(channel, number) => matrixVector(layout, memory, number, channel),
		);
		this.resultWindow = (this.cycle - start) * finalShare(layout);
		this.streamed(operation);
	}

	/** The tail of what the ASIC does to results while they come in. */
	private streamed(operation: Operation): void {
		this.onAsic(operation, asicCycles.streamedTailCycles());
	}

	/** Follows the scores in every channel's own time: the new value, known since `ready`, then the layer's biases and norms. */
	private transferDuringSoftmax(layer: LayerMap, place: number, ready: number): void {
		this.valuesWritten = 0;
		this.parametersRead = 0;
		for (let number = 0; number < this.channels.length; number++) {
			const channel = this.channels[number] as ChannelTimeline;
			const start = Math.max(ready, channel.finish());
			channel.start(start);
			writeValue(layer.values, this.hardware.memory, number, place, channel);
			const written = channel.finish();
			readFunctions(layer.functions, this.hardware.memory, channel);
			const read = channel.finish();
			if (written > start) this.note(number, 'value write', start, written);
			if (read > written) this.note(number, 'parameter read', written, read);
			this.valuesWritten = Math.max(this.valuesWritten, written);
			this.parametersRead = Math.max(this.parametersRead, read);
		}
	}

	/** Waits for what took longer than the softmax took. */
	private finishTransfers(): void {
		this.pass('value write', Math.max(this.cycle, this.valuesWritten));
		this.pass('parameter read', Math.max(this.cycle, this.parametersRead));
	}

	private norm(): void {
		const { decoder } = this.map;
		const { asic } = this.hardware;
		this.onAsic('norms', (decoder.rmsNorm ? asicCycles.rmsNormCycles : asicCycles.layerNormCycles)(asic, decoder.hidden));
	}

	/** Reserves the ASIC for so many of its cycles. */
	private onAsic(operation: Operation, cycles: number): void {
		const taken = this.memoryCycles(cycles);
		this.note(this.hardware.memory.channels, operation, this.cycle, this.cycle + taken);
		this.asicCycles += taken;
		this.pass(operation, this.cycle + taken);
	}

	/** A function of each result of the last product on its own, from the last `share` of them on: it runs while they come in. */
	private onResults(operation: Operation, cycles: number, share = 1): void {
		const taken = this.memoryCycles(cycles);
		const start = this.cycle - Math.floor(this.resultWindow * share);
		const end = Math.max(start + taken, this.cycle + this.memoryCycles(asicCycles.streamedTailCycles()));
		this.note(this.hardware.memory.channels, operation, end - taken, end);
		this.asicCycles += taken;
		this.pass(operation, end);
	}

	/** The ASIC's cycles in those of the memory. */
	private memoryCycles(cycles: number): number {
		const { asic, timing } = this.hardware;
		return Math.ceil(cycles / asic.gigahertz / timing.cycleNanoseconds);
	}

	private pass(operation: Operation, until: number): void {
		const index = operations.indexOf(operation);
		this.spent[index] = (this.spent[index] as number) + (until - this.cycle);
		this.cycle = until;
	}

	private note(lane: number, operation: Operation, start: number, end: number): void {
		if (this.recording === undefined || this.recording.layer !== this.layer) return;
		this.recording.lanes.record(lane, operations.indexOf(operation), start, end, 0);
	}
}

/** Share of a product's time in which its final results come: all of it, or its last slice where slices are added up one by one. */
function finalShare({ slices, order }: MatrixLayout): number {
	const words = slices.reduce((sum, { padded }) => sum + padded, 0);
	return order === 'slice by slice' ? (slices.at(-1)?.padded ?? 0) / words : 1;
}

/** Channels with as many blocks that part into heads at the same places do the same. */
function valueShare(layout: ValueLayout, channel: number): number {
	const { first, count } = blocksOfChannel(layout, channel);
	return count === 0 ? -1 : count * layout.blocksPerHead + (first % layout.blocksPerHead);
}

function activationCycles({ gated, feedForwardWidth }: Decoder, { asic }: Hardware): number {
	return gated ? asicCycles.gatedSiluCycles(asic, feedForwardWidth) : asicCycles.geluCycles(asic, feedForwardWidth);
}

/** The counts of several channels together. */
export function sumCounts(channels: readonly { readonly counts: ChannelCounts }[]): ChannelCounts {
	const total = noCounts();
	const nothing = noCounts();
	for (const { counts } of channels) addCounts(total, counts, nothing);
	return total;
}
