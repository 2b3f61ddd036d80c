import { InputError } from '@assay/contract';
import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfRows, type MemoryShape, memoryBytes, standardMemory } from '../hardware/hardware.ts';
import { type Decoder, describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import { scores, values } from '../program/attention.ts';
import type { CommandSink } from '../program/command-sink.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { readFunctions, readRow, writeKey, writeValue } from '../program/transfers.ts';
import { machine } from '../test-data.ts';
import { outputAt, outputsInChannel } from './matrix-layout.ts';
import { fewestChannels, longestSequence, mapModel, requireRoom } from './model-map.ts';

const options = { tokens: 1024, concatenate: true };

/** Every word that a program multiplies, writes or reads in a bank of a channel: `row:word`. */
class Touched implements CommandSink {
	readonly words: string[] = [];
	private readonly memory: MemoryShape;
	private readonly watched: number;
	constructor(memory: MemoryShape, watched: number) {
		this.memory = memory;
		this.watched = watched;
	}
	private touch(row: number, from: number, words: number): void {
		if (from + words > this.memory.wordsPerRow) throw new Error(`words ${from} to ${from + words} of row ${row}`);
		for (let i = 0; i < words; i++) this.words.push(`${row}:${from + i}`);
	}
	loadVector(): void {}
	readResults(): void {}
	multiply(row: number, column: number, columns: number): void {
		this.touch(row, column * this.memory.wordsPerColumn, columns * this.memory.wordsPerColumn);
	}
	readAllBanks(row: number, word: number, words: number): void {
		this.touch(row, word, words);
	}
	readBank(bank: number, row: number, word: number, words: number): void {
		if (bank === this.watched) this.touch(row, word, words);
	}
	writeBank(bank: number, row: number, word: number, words: number): void {
		if (bank === this.watched) this.touch(row, word, words);
	}
	writeAllBanks(row: number, word: number): void {
		this.touch(row, word, 1);
	}
}

const anyDecoder = fc
	.record({
		kvHeads: fc.integer({ min: 1, max: 3 }),
		group: fc.integer({ min: 1, max: 5 }),
		headDim: fc.integer({ min: 1, max: 40 }),
		hidden: fc.integer({ min: 1, max: 200 }),
		vocabulary: fc.integer({ min: 1, max: 300 }),
		channels: fc.integer({ min: 1, max: 5 }),
		banks: fc.constantFrom(4, 16),
		concatenate: fc.boolean(),
	})
	.map(({ kvHeads, group, headDim, hidden, vocabulary, channels, banks, concatenate }) => {
		const base = describeDecoder(namedModel('gpt2'));
		const heads = kvHeads * group;
		const decoder: Decoder = {
			...base,
			layers: 2,
			functionWords: 4000,
			hidden,
			heads,
			kvHeads,
			headDim,
			vocabulary,
			embeddingWidth: hidden,
			positions: 9,
			matrices: {
				'query-key-value': { inputs: hidden, outputs: (heads + 2 * kvHeads) * headDim },
				projection: { inputs: heads * headDim, outputs: hidden },
				'feed-forward up': { inputs: hidden, outputs: 3 * hidden },
				'feed-forward down': { inputs: 3 * hidden, outputs: hidden },
			},
		};
		const memory = { ...standardMemory, channels, banks, wordsPerRow: 64, bufferWords: 64 };
		return { decoder, hardware: { ...machine('paper'), memory }, concatenate };
	});

test('no two weights, keys or values share a word, everything lies in the rows it was given, and what is written is what is multiplied', () => {
	fc.assert(
		fc.property(anyDecoder, ({ decoder, hardware, concatenate }) => {
			const { memory } = hardware;
			const tokens = 70;
			const map = mapModel(decoder, hardware, { tokens, concatenate });
			const owners = new Map<string, string>();
			const claim = (owner: string, words: readonly string[], firstRow: number, rows: number): void => {
				for (const word of new Set(words)) {
					const row = Number(word.split(':')[0]);
					const other = owners.get(word) ?? owner;
					if (row < firstRow || row >= firstRow + rows || other !== owner) throw new Error(`${owner} at ${word}, also ${other}`);
					owners.set(word, owner);
				}
			};
			for (const [number, layer] of map.layers.entries()) {
				for (const [name, layout] of Object.entries(layer.matrices)) {
					const touched = new Touched(memory, 0);
					matrixVector(layout, memory, 0, touched);
					expect(new Set(touched.words).size).toBe(touched.words.length);
					// Every output that bank 0 owns, every input, whole columns.
					const padded = layout.slices.reduce((sum, slice) => sum + slice.padded, 0);
					expect(touched.words.length).toBe(outputsInChannel(layout, memory, 0) * padded);
					claim(`${number} ${name}`, touched.words, layout.firstRow, layout.rows);
				}
				const written = new Touched(memory, 0);
				const met = new Touched(memory, 0);
				for (let place = 0; place < tokens; place++) writeKey(layer.keys, memory, 0, place, written);
				scores(layer.keys, memory, 0, tokens, decoder.heads, met);
				expect([...new Set(met.words)].sort()).toEqual([...new Set(written.words)].sort());
				claim(`${number} keys`, met.words, layer.keys.firstRow, layer.keys.rows);
				const writtenValues = new Touched(memory, 0);
				const metValues = new Touched(memory, 0);
				for (let place = 0; place < tokens; place++) writeValue(layer.values, memory, 0, place, writtenValues);
				values(layer.values, memory, 0, tokens, metValues);
				const meets = new Set(metValues.words);
				expect(writtenValues.words.every((word) => meets.has(word))).toBe(true);
				const functions = new Touched(memory, 0);
				readFunctions(layer.functions, memory, functions);
				claim(`${number} functions`, functions.words, layer.functions.firstRow, layer.functions.rows);
				claim(`${number} values`, metValues.words, layer.values.firstRow, layer.values.rows);
			}
			const head = new Touched(memory, 0);
			matrixVector(map.head, memory, 0, head);
			claim('head', head.words, map.head.firstRow, map.head.rows);
			const row = new Touched(memory, 0);
			readRow(map.head, memory, 0, 0, row);
			const inHead = new Set(head.words);
			expect(row.words.every((word) => inHead.has(word))).toBe(true);
			expect(row.words.length).toBe(decoder.embeddingWidth);
		}),
		{ numRuns: 25, seed: 5 },
	);
});

test('outputs are dealt over channels, then banks, each to one', () => {
	const memory = standardMemory;
	const seen = new Set<number>();
	for (let channel = 0; channel < 8; channel++)
		for (let bank = 0; bank < 16; bank++)
			for (let local = 0; local < 3; local++) seen.add(outputAt(memory, channel, bank, local));
	expect(seen.size).toBe(3 * 128);
	expect(Math.max(...seen)).toBe(3 * 128 - 1);
	expect([outputAt(memory, 1, 0, 0), outputAt(memory, 0, 1, 0), outputAt(memory, 0, 0, 1)]).toEqual([1, 8, 128]);
});

test('GPT-3 XL with 8,192 tokens: weights and cache fit 4 GiB on paper, and in rows they do too or it is said by how much not', () => {
	const hardware = machine('paper');
	const decoder = describeDecoder(namedModel('gpt3-xl'));
	const bytes = 2 * (decoder.parameters + 2 * decoder.layers * decoder.hidden * 8192);
	expect(bytes).toBeLessThan(memoryBytes(standardMemory));
	const map = mapModel(decoder, hardware, { tokens: 8192, concatenate: true });
	const used = bytesOfRows(standardMemory, map.rows);
	expect(used).toBeGreaterThanOrEqual(bytes);
	// Rows that are begun and not filled are less than a hundredth.
	expect(used / bytes).toBeLessThan(1.01);
	expect(map.rows <= standardMemory.rowsPerBank).toBe(true);
	const longest = longestSequence(decoder, hardware, true);
	expect(longest).toBeGreaterThan(8192);
	expect(mapModel(decoder, hardware, { tokens: longest + 1, concatenate: true }).rows).toBeGreaterThan(16_384);
});

test('a model of 16 GiB is refused with the number of channels it needs, which hold it, and one fewer do not', () => {
	const hardware = machine('paper');
	const decoder = describeDecoder(resolveModel('llama-3-8b'));
	const map = mapModel(decoder, hardware, options);
	const channels = fewestChannels(decoder, hardware, options) ?? 0;
	expect(() => requireRoom(map, hardware, options)).toThrow(
		new RegExp(
			`llama-3-8b with room for 1024 tokens, 1\\d\\.\\d\\d GiB.*at most the 4.00 GiB of 8 channels; hardware.channels ${channels} would hold it`,
		),
	);
	const rows = (n: number): number =>
		mapModel(decoder, { ...hardware, memory: { ...standardMemory, channels: n } }, options).rows;
	expect(rows(channels)).toBeLessThanOrEqual(16_384);
	expect(rows(channels - 1)).toBeGreaterThan(16_384);
	expect(fewestChannels(decoder, hardware, options, 16)).toBeNull();
});

test('encoders, latent attention and experts are refused by name', () => {
	for (const name of ['bert-base', 'deepseek-v2-lite', 'mixtral-8x7b'])
		expect(() => describeDecoder(resolveModel(name))).toThrow(InputError);
});
