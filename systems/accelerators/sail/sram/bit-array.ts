/**
 * An SRAM array that computes bit by bit: rows are word lines, columns are lanes. In a cycle two rows are activated together, a one-bit full
 * adder under each bit line adds what they hold and the lane's carry latch, and the sum is written to a row. A second latch in each lane holds a
 * bit that can stand in for a row or decide whether the lane writes (Eckert et al., Neural Cache, ISCA 2018). Numbers stand upright: bit i of a
 * value in row base + i. Every operation here takes one cycle and counts it.
 */

/** What is added to a row: another row by its number, a constant, the held bit. */
export const ZERO = -1;
export const HELD = -2;

export class BitArray {
	readonly rows: number;
	readonly lanes: number;
	/** Operations so far. */
	cycles = 0;
	private readonly words: number;
	private readonly cells: Uint32Array;
	private readonly carry: Uint32Array;
	private readonly held: Uint32Array;
	private readonly zeros: Uint32Array;

	/** `lanes` is a multiple of 32. */
	constructor(rows: number, lanes: number) {
		this.rows = rows;
		this.lanes = lanes;
		this.words = lanes / 32;
		this.cells = new Uint32Array(rows * this.words);
		this.carry = new Uint32Array(this.words);
		this.held = new Uint32Array(this.words);
		this.zeros = new Uint32Array(this.words);
	}

	/** Starts an addition (carry 0) or a subtraction (carry 1); what the last one carried out is held. */
	begin(carryIn: 0 | 1): void {
		this.cycles++;
		this.held.set(this.carry);
		this.carry.fill(carryIn === 1 ? 0xffffffff : 0);
	}

	/** Clears both latches. */
	clearLatches(): void {
		this.cycles++;
		this.held.fill(0);
		this.carry.fill(0);
	}

	/** target = row + operand + carry, one bit; the operand may be inverted. */
	addBit(target: number, row: number, operand: number, isInverted = false): void {
		this.cycles++;
		const { cells, carry, words } = this;
		const mask = isInverted ? 0xffffffff : 0;
		const to = target * words;
		const first = row === ZERO ? this.zeros : cells;
		const from = row === ZERO ? 0 : row * words;
		const second = operand === ZERO ? this.zeros : operand === HELD ? this.held : cells;
		const at = operand < 0 ? 0 : operand * words;
		for (let word = 0; word < words; word++) {
			const a = first[from + word] as number;
			const b = (second[at + word] as number) ^ mask;
			const c = carry[word] as number;
			const half = a ^ b;
			cells[to + word] = half ^ c;
			carry[word] = (a & b) | (half & c);
		}
	}

	/** target = held bit XOR row + carry: a negation where the held bit is set and the carry came in with it. */
	negateBit(target: number, row: number): void {
		this.cycles++;
		const { cells, carry, held, words } = this;
		for (let word = 0; word < words; word++) {
			const a = (cells[row * words + word] as number) ^ (held[word] as number);
			const c = carry[word] as number;
			cells[target * words + word] = a ^ c;
			carry[word] = a & c;
		}
	}

	/** target = row; the row's bit is held and becomes the carry. */
	copyAndHold(target: number, row: number): void {
		this.cycles++;
		const { cells, carry, held, words } = this;
		for (let word = 0; word < words; word++) {
			const a = cells[row * words + word] as number;
			cells[target * words + word] = a;
			held[word] = a;
			carry[word] = a;
		}
	}

	/** The held bit becomes whether a row is set, or stays set: held = (fresh ? 0 : held) OR row. */
	orHeld(row: number, isFresh: boolean): void {
		this.cycles++;
		const { cells, held, words } = this;
		for (let word = 0; word < words; word++) {
			held[word] = (isFresh ? 0 : (held[word] as number)) | (cells[row * words + word] as number);
		}
	}

	/** The carry becomes held AND row. */
	carryFromHeld(row: number): void {
		this.cycles++;
		const { cells, carry, held, words } = this;
		for (let word = 0; word < words; word++) carry[word] = (held[word] as number) & (cells[row * words + word] as number);
	}

	/** Writes the held bit, inverted, to a row. */
	writeHeldInverted(target: number): void {
		this.cycles++;
		const { cells, held, words } = this;
		for (let word = 0; word < words; word++) cells[target * words + word] = ~(held[word] as number);
	}

	/** Where the held bit is clear, target = row; {@link ZERO} writes zeros. */
	copyUnlessHeld(target: number, row: number): void {
		this.cycles++;
		const { cells, held, words } = this;
		for (let word = 0; word < words; word++) {
			const keep = held[word] as number;
			const source = row === ZERO ? 0 : (cells[row * words + word] as number);
			cells[target * words + word] = ((cells[target * words + word] as number) & keep) | (source & ~keep);
		}
	}

	/** Where the held bit is set, target = row XOR 1 + constant + carry, one bit; else 0. */
	addInvertedConstantIfHeld(target: number, row: number, constant: 0 | 1): void {
		this.cycles++;
		const { cells, carry, held, words } = this;
		const b = constant === 1 ? 0xffffffff : 0;
		for (let word = 0; word < words; word++) {
			const a = ~(row === ZERO ? 0 : (cells[row * words + word] as number));
			const c = carry[word] as number;
			const half = a ^ b;
			cells[target * words + word] = (half ^ c) & (held[word] as number);
			carry[word] = (a & b) | (half & c);
		}
	}

	/** Sets `bits` rows from `base` on to zeros, as a fill does before a computation; counts nothing. */
	fillZeros(base: number, bits: number): void {
		this.cells.fill(0, base * this.words, (base + bits) * this.words);
	}

	/** Writes upright numbers of at most 32 bits, one a lane, as the transposing fill path does; counts nothing. */
	write(base: number, bits: number, values: ArrayLike<number>): void {
		const { cells, words } = this;
		const lanes = Math.min(values.length, this.lanes);
		for (let bit = 0; bit < bits; bit++) {
			for (let word = 0; word < words; word++) {
				let cell = 0;
				const last = Math.min(32, lanes - 32 * word);
				for (let lane = 0; lane < last; lane++) cell |= (((values[32 * word + lane] as number) >>> bit) & 1) << lane;
				cells[(base + bit) * words + word] = cell;
			}
		}
	}

	/** Reads upright numbers in two's complement, or without sign; counts nothing. */
	read(base: number, bits: number, isSigned: boolean): Float64Array {
		const { cells, words } = this;
		const values = new Float64Array(this.lanes);
		for (let bit = 0; bit < bits; bit++) {
			const weight = isSigned && bit === bits - 1 ? -(2 ** bit) : 2 ** bit;
			for (let word = 0; word < words; word++) {
				// Set bits alone, lowest first.
				for (let rest = cells[(base + bit) * words + word] as number; rest !== 0; rest &= rest - 1) {
					const lane = 32 * word + 31 - Math.clz32(rest & -rest);
					values[lane] = (values[lane] as number) + weight;
				}
			}
		}
		return values;
	}
}
