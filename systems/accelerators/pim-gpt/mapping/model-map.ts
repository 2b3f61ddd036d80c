/** A whole model in memory: which rows of every bank hold what. The rows are the same in all banks, for they open together. */
import { InputError } from '@assay/contract';
import { bytesOfRows, type Hardware, memoryBytes } from '../hardware/hardware.ts';
import { type Decoder, type LayerMatrixName, layerMatrixNames } from '../model/decoder.ts';
import { type KeyLayout, layOutKeys, layOutValues, type ValueLayout } from './cache-layout.ts';
import { layOutMatrix, type MatrixLayout } from './matrix-layout.ts';

export interface LayerMap {
	readonly matrices: Readonly<Record<LayerMatrixName, MatrixLayout>>;
	readonly keys: KeyLayout;
	readonly values: ValueLayout;
	readonly functions: FunctionLayout;
}

/** Biases and norms of a layer, spread over all banks: the ASIC has no room for them and reads them for every token. */
export interface FunctionLayout {
	readonly wordsPerBank: number;
	readonly firstRow: number;
	readonly rows: number;
}

export interface ModelMap {
	readonly decoder: Decoder;
	/** Longest sequence there is room for. */
	readonly tokens: number;
	readonly layers: readonly LayerMap[];
	readonly head: MatrixLayout;
	/** Token embeddings: the head's own rows where they are tied. Stored as a matrix with an output a token. */
	readonly embedding: MatrixLayout;
	readonly positions: MatrixLayout | null;
	/** Where the embedding is not as wide as the model: into it, and back before the head. */
	readonly widening: { readonly into: MatrixLayout; readonly back: MatrixLayout } | null;
	/** Rows used in every bank. */
	readonly rows: number;
	/** Of them for keys and values. */
	readonly cacheRows: number;
}

export interface MapOptions {
	readonly tokens: number;
	readonly concatenate: boolean;
}

/** Places a model, however much memory it takes: see {@link requireRoom}. */
export function mapModel(decoder: Decoder, hardware: Hardware, { tokens, concatenate }: MapOptions): ModelMap {
	const { memory } = hardware;
	if (decoder.headDim > memory.bufferWords)
		throw new InputError({
			path: ['model'],
			found: `heads of ${decoder.headDim}`,
			expected: `at most the global buffer’s ${memory.bufferWords} words`,
		});
	let firstRow = 0;
	let cacheRows = 0;
	const take = <T extends { readonly rows: number }>(layout: T): T => {
		firstRow += layout.rows;
		return layout;
	};
	const matrix = (inputs: number, outputs: number): MatrixLayout =>
		take(layOutMatrix({ inputs, outputs }, hardware, { concatenate, firstRow }));
	const { hidden, embeddingWidth, vocabulary, window } = decoder;
	const head = matrix(embeddingWidth, vocabulary);
	const embedding = decoder.tied ? head : matrix(embeddingWidth, vocabulary);
	const positions = decoder.positions > 0 ? matrix(hidden, decoder.positions) : null;
	const widening =
		embeddingWidth === hidden ? null : { into: matrix(embeddingWidth, hidden), back: matrix(hidden, embeddingWidth) };
	const functionWords = Math.ceil(decoder.functionWords / (memory.channels * memory.banks));
	const layers = Array.from({ length: decoder.layers }, (_, layer): LayerMap => {
		const [a, b, c, d] = layerMatrixNames.map((name) => matrix(decoder.matrices[name].inputs, decoder.matrices[name].outputs));
		const kept = window !== null && layer < window.layers ? Math.min(tokens, window.tokens) : tokens;
		const keys = take(layOutKeys(decoder, memory, kept, firstRow));
		const values = take(layOutValues(decoder, memory, kept, firstRow));
		cacheRows += keys.rows + values.rows;
		const functions = take({ wordsPerBank: functionWords, firstRow, rows: Math.ceil(functionWords / memory.wordsPerRow) });
		return {
			matrices: {
				'query-key-value': a as MatrixLayout,
				projection: b as MatrixLayout,
				'feed-forward up': c as MatrixLayout,
				'feed-forward down': d as MatrixLayout,
			},
			keys,
			values,
			functions,
		};
	});
	return { decoder, tokens, layers, head, embedding, positions, widening, rows: firstRow, cacheRows };
}

/** Fewest channels that hold a model, by placing it anew; null beyond `most`. */
export function fewestChannels(decoder: Decoder, hardware: Hardware, options: MapOptions, most = 4096): number | null {
	const fits = (channels: number): boolean =>
		mapModel(decoder, { ...hardware, memory: { ...hardware.memory, channels } }, options).rows <= hardware.memory.rowsPerBank;
	let high = 1;
	while (!fits(high)) {
		if (high >= most) return null;
		high = Math.min(most, 2 * high);
	}
	let low = Math.floor(high / 2) + 1;
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (fits(middle)) high = middle;
		else low = middle + 1;
	}
	return high;
}

/** Longest sequence that a machine has room for beside the weights; 0 where not even one token fits. */
export function longestSequence(decoder: Decoder, hardware: Hardware, concatenate: boolean): number {
	const fits = (tokens: number): boolean =>
		mapModel(decoder, hardware, { tokens, concatenate }).rows <= hardware.memory.rowsPerBank;
	if (!fits(1)) return 0;
	let low = 1;
	let high = 2;
	while (high < 2 ** 26 && fits(high)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		if (fits(middle)) low = middle;
		else high = middle;
	}
	return low;
}

/** Raises an `InputError` that says by how much a model is too large and how many channels would hold it. */
export function requireRoom(map: ModelMap, hardware: Hardware, options: MapOptions): void {
	const { memory } = hardware;
	if (map.rows <= memory.rowsPerBank) return;
	const channels = fewestChannels(map.decoder, hardware, options);
	const longest = longestSequence(map.decoder, hardware, options.concatenate);
	const needed = bytesOfRows(memory, map.rows);
	const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
	throw new InputError({
		path: ['model'],
		found: `${map.decoder.name} with room for ${map.tokens} tokens, ${gibibytes(needed)} (${gibibytes(needed - memoryBytes(memory))} too much)`,
		expected: `at most the ${gibibytes(memoryBytes(memory))} of ${memory.channels} channels; ${
			channels === null ? 'no number of channels up to 4,096 holds it' : `hardware.channels ${channels} would hold it`
		}${longest > 0 ? `, and ${memory.channels} channels hold it with up to ${longest} tokens` : ''}`,
	});
}
