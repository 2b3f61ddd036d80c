/** Errors of one head's keys in block floating point, by block size and order. */
import { type BlockFloatingPointOptions, blockFloatingPoint, type Conversions, packBlockFloatingPoint } from '@assay/numerics';
import { blockCodec, type KeyCodec } from '../bfp/key-codec.ts';
import { HEAD_ORDERS, type HeadOrder } from '../ksort/channel-order.ts';
import { gatherRows } from '../ksort/rotary.ts';
import { cachedKeys, type KeyErrors, keyErrors } from '../metrics/key-errors.ts';
import { type HeadSample, headOrder } from './head-sample.ts';

export type KeyFormat = Omit<BlockFloatingPointOptions, 'blockSize'>;

/** What keys are stored in, and what queries meet them in; null: float32. */
export interface HeadCodecs {
	readonly keys: KeyCodec;
	readonly queries: KeyCodec | null;
}

export interface SizedErrors {
	readonly blockSize: number;
	readonly order: HeadOrder;
	readonly errors: KeyErrors;
}

/** The orders that a head can have: pairs only where their number is even. */
function possibleOrders({ rotary: { width }, sharedOrder }: Pick<HeadSample, 'rotary' | 'sharedOrder'>): readonly HeadOrder[] {
	const hasPairs = width > 0 && (width / 2) % 2 === 0;
	return HEAD_ORDERS.filter((order) => (order !== 'pair' || hasPairs) && (order !== 'shared' || sharedOrder !== undefined));
}

/** Every size with every order. Two heads of the same sizes share the codecs made by `codecsOf`. */
export async function analyzeHead(
	sample: HeadSample,
	codecs: ReadonlyMap<number, HeadCodecs>,
	pause: () => Promise<void>,
): Promise<SizedErrors[]> {
	const found: SizedErrors[] = [];
	for (const order of possibleOrders(sample)) {
		const channels = headOrder(sample, order);
		for (const [blockSize, codec] of codecs) {
			const queries = storedQueries(sample, channels, codec);
			found.push({ blockSize, order, errors: keyErrors(sample, cachedKeys(sample.keys, channels, codec.keys), queries) });
			await pause();
		}
	}
	return found;
}

/** Queries as they meet keys whose places hold the channels of `order`. */
export function storedQueries({ queries }: Pick<HeadSample, 'queries'>, order: Int32Array, codecs: HeadCodecs): Float32Array {
	return codecs.queries === null ? queries : cachedKeys(queries, order, codecs.queries);
}

/** Codecs by block size; queries have mantissas of `queryBits`, or are float32 without. */
export function codecsOf(
	format: KeyFormat,
	queryBits: number | undefined,
	blockSizes: readonly number[],
	conversions: Conversions,
): Map<number, HeadCodecs> {
	return new Map(
		blockSizes.map((blockSize) => {
			const codec = (mantissaBits: number) => blockCodec({ ...format, mantissaBits, blockSize }, conversions);
			return [blockSize, { keys: codec(format.mantissaBits), queries: queryBits === undefined ? null : codec(queryBits) }];
		}),
	);
}

/** A head's keys as a cache holds them: for each token its blocks in the order of the places. */
export function packKeys(sample: HeadSample, order: Int32Array, format: BlockFloatingPointOptions) {
	const stored = new Float32Array(sample.keys.length);
	gatherRows(sample.keys, order, stored);
	const blocks = blockFloatingPoint(format);
	const encoded = blocks.encode(stored);
	return { exponents: encoded.exponents, bytes: packBlockFloatingPoint(blocks, encoded) };
}
