/** Named parts of a contiguous run of floats, and a hand-out of places in a kernel memory. */
import type { Address } from './kernels/kernels.ts';

/** Where each part starts, in floats from the run's start, and how long it is. Parts lie side by side without gaps. */
export interface Layout<Name extends string> {
	readonly parts: Readonly<Record<Name, { readonly offset: number; readonly length: number }>>;
	readonly length: number;
}

/** Lays parts of the given lengths (in floats) one after the other. */
export function layOut<Name extends string>(lengths: Readonly<Record<Name, number>>): Layout<Name> {
	let length = 0;
	const parts: Partial<Record<Name, { offset: number; length: number }>> = {};
	for (const name in lengths) {
		parts[name] = { offset: length, length: lengths[name] };
		length += lengths[name];
	}
	return { parts: parts as Layout<Name>['parts'], length };
}

/** Byte addresses of all parts of a run that starts at `start`. */
export function addresses<Name extends string>(layout: Layout<Name>, start: Address): Record<Name, Address> {
	const places: Partial<Record<Name, Address>> = {};
	for (const name in layout.parts) places[name] = start + 4 * layout.parts[name].offset;
	return places as Record<Name, Address>;
}

/** Hands out places in a memory one after the other; the memory grows as needed. Nothing is given back. */
export class Arena {
	readonly memory: WebAssembly.Memory;
	/** First byte that is still free. */
	used: Address;

	constructor(memory: WebAssembly.Memory, start: Address = 0) {
		this.memory = memory;
		this.used = start;
	}

	/** A place for so many bytes, aligned to a power of two (64 unless told). Raises a RangeError when the memory cannot grow further. */
	bytes(count: number, alignment = 64): Address {
		const start = Math.ceil(this.used / alignment) * alignment;
		const missing = start + count - this.memory.buffer.byteLength;
		if (missing > 0) this.memory.grow(Math.ceil(missing / 65_536));
		this.used = start + count;
		return start;
	}

	/** A place for so many floats. */
	floats(count: number, alignment = 64): Address {
		return this.bytes(4 * count, alignment);
	}

	/** The floats at a place. Views of a plain (not shared) memory end when it grows. */
	view(start: Address, count: number): Float32Array {
		return new Float32Array(this.memory.buffer, start, count);
	}
}
