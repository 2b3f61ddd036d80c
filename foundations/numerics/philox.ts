/**
 * Philox4x32-10: random bits as a function of a counter, so that the bits of element i depend on nothing but the seed and i, whatever the
 * order, the pieces or the threads an array is worked through in. Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011).
 */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

export class Philox {
	/** Words of the block computed last. */
	private readonly words = new Uint32Array(4);
	private readonly key0: number;
	private readonly key1: number;
	private block = -1;

	/** `seed`: an integer from 0 to 2^53 - 1, the key's low and high word. */
	constructor(seed: number) {
		if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
		this.key0 = seed >>> 0;
		this.key1 = Math.floor(seed / 4294967296);
	}

	/** Bits number `index` of the stream, an integer from 0 to 2^32 - 1; word `index mod 4` of the block that counts to `floor(index / 4)`. */
	uint32(index: number): number {
		const block = Math.floor(index / 4);
		if (block !== this.block) {
			this.words[0] = block >>> 0;
			this.words[1] = Math.floor(block / 4294967296);
			this.words[2] = 0;
			this.words[3] = 0;
			philox4x32(this.words, this.key0, this.key1);
			this.block = block;
		}
		return this.words[index % 4] as number;
	}
}

/** Replaces a counter of four words by four random words under a key of two. */
export function philox4x32(words: Uint32Array, key0: number, key1: number): void {
	let c0 = words[0] as number;
	let c1 = words[1] as number;
	let c2 = words[2] as number;
	let c3 = words[3] as number;
	for (let round = 0; round < ROUNDS; round++) {
		const high0 = highProduct(MULTIPLIER_0, c0);
		const high1 = highProduct(MULTIPLIER_1, c2);
		const low0 = Math.imul(MULTIPLIER_0, c0);
		c0 = high1 ^ c1 ^ key0;
		c1 = Math.imul(MULTIPLIER_1, c2);
		c2 = high0 ^ c3 ^ key1;
		c3 = low0;
		key0 = (key0 + WEYL_0) | 0;
		key1 = (key1 + WEYL_1) | 0;
	}
	words[0] = c0;
	words[1] = c1;
	words[2] = c2;
	words[3] = c3;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function highProduct(a: number, b: number): number {
	const aLow = a & 0xffff;
	const aHigh = a >>> 16;
	const bLow = b & 0xffff;
	const bHigh = b >>> 16;
	const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
	return (aHigh * bHigh + Math.floor(middle / 65536) + (aLow * bHigh + (middle & 0xffff)) / 65536) | 0;
}
