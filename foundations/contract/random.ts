/**
 * Seeded randomness. The same seed gives the same numbers on every machine and in every version of a library, which
 * is why the generator is written here: sfc32 (Doty-Humphrey's "small fast counter", 128 bits of state, passes
 * PractRand) over 32-bit integer arithmetic. Independent streams come from `fork(name)`, so that adding a draw in one
 * part of a system changes nothing in another.
 */
export interface Random {
	/** Uniform on [0, 1) with 53 random bits. */
	uniform(): number;
	/** Uniform integer on [0, 2^32). */
	uint32(): number;
	/** Uniform integer on [0, bound), without modulo bias; `bound` from 1 to 2^32. */
	integer(bound: number): number;
	/** Standard normal deviate (polar method). */
	normal(): number;
	/** Exponential deviate of the given mean. */
	exponential(mean: number): number;
	/** Gamma deviate of the given shape and scale, both > 0 (Marsaglia and Tsang 2000). */
	gamma(shape: number, scale: number): number;
	/** Shuffles in place (Fisher-Yates) and returns the same array. */
	shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
	/** An independent stream that depends only on this stream's seed and the name, not on what was drawn so far. */
	fork(name: string | number): Random;
}

/** A generator from an integer or text seed. */
export function createRandom(seed: number | string): Random {
	return new Sfc32(hashText(`assay:${seed}`));
}

/** 128-bit hash of a text as four 32-bit words (cyrb-style multiply and xor, finalised by murmur3's mixer). */
function hashText(text: string): Uint32Array {
	const words = Uint32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef);
	const multipliers = [597399067, 2869860233, 951274213, 2716044179] as const;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		for (let w = 0; w < 4; w++) {
			const next = words[(w + 1) & 3] as number;
			words[w] = next ^ Math.imul((words[w] as number) ^ code, multipliers[w] as number);
		}
	}
	for (let w = 0; w < 4; w++) {
		let h = words[w] as number;
		h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
		h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
		words[w] = h ^ (h >>> 16);
	}
	return words;
}

class Sfc32 implements Random {
	private readonly seed: Uint32Array;
	private a: number;
	private b: number;
	private c: number;
	private counter: number;
	private spareNormal: number | undefined;

	constructor(seed: Uint32Array) {
		this.seed = seed;
		this.a = seed[0] as number;
		this.b = seed[1] as number;
		this.c = seed[2] as number;
		this.counter = (seed[3] as number) | 1;
		for (let i = 0; i < 15; i++) this.uint32();
	}

	uint32(): number {
		const result = (((this.a + this.b) | 0) + this.counter) | 0;
		this.counter = (this.counter + 1) | 0;
		this.a = this.b ^ (this.b >>> 9);
		this.b = (this.c + (this.c << 3)) | 0;
		this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
		return result >>> 0;
	}

	uniform(): number {
		const high = this.uint32() >>> 5;
		const low = this.uint32() >>> 6;
		return (high * 67108864 + low) / 9007199254740992;
	}

	integer(bound: number): number {
		if (!(Number.isInteger(bound) && bound >= 1 && bound <= 4294967296)) {
			throw new RangeError(`integer(bound): bound must be an integer from 1 to 2^32, found ${bound}`);
		}
		const limit = 4294967296 - (4294967296 % bound);
		let draw = this.uint32();
		while (draw >= limit) draw = this.uint32();
		return draw % bound;
	}

	normal(): number {
		if (this.spareNormal !== undefined) {
			const spare = this.spareNormal;
			this.spareNormal = undefined;
			return spare;
		}
		let x: number;
		let y: number;
		let square: number;
		do {
			x = 2 * this.uniform() - 1;
			y = 2 * this.uniform() - 1;
			square = x * x + y * y;
		} while (square >= 1 || square === 0);
		const factor = Math.sqrt((-2 * Math.log(square)) / square);
		this.spareNormal = y * factor;
		return x * factor;
	}

	exponential(mean: number): number {
		return -mean * Math.log1p(-this.uniform());
	}

	gamma(shape: number, scale: number): number {
		if (shape < 1) return this.gamma(shape + 1, scale) * (1 - this.uniform()) ** (1 / shape);
		const d = shape - 1 / 3;
		const c = 1 / Math.sqrt(9 * d);
		for (;;) {
			const x = this.normal();
			const v = (1 + c * x) ** 3;
			if (v <= 0) continue;
			const u = 1 - this.uniform();
			if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
		}
	}

	shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
		for (let i = items.length - 1; i > 0; i--) {
			const j = this.integer(i + 1);
			const held = items[i];
			items[i] = items[j];
			items[j] = held;
		}
		return items;
	}

	fork(name: string | number): Random {
		return new Sfc32(hashText(`${this.seed.join(',')}/${name}`));
	}
}
