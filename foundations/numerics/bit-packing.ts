/** Fields of any width, one after the other from the lowest bit of the first byte on (little-endian). */

/** Bytes that `count` fields of `width` bits take. */
export function packedBytes(count: number, width: number): number {
	return Math.ceil((count * width) / 8);
}

/** Packs the low `width` (1 to 32) bits of each code; signed codes are packed as two's complement. Bits left over in the last byte are 0. */
export function packBits(codes: ArrayLike<number>, width: number): Uint8Array<ArrayBuffer> {
	checkWidth(width);
	const bytes = new Uint8Array(packedBytes(codes.length, width));
	let at = 0;
	let held = 0;
	let filled = 0;
	const put = (bits: number, count: number): void => {
		held |= bits << filled;
		filled += count;
		while (filled >= 8) {
			bytes[at++] = held;
			held >>>= 8;
			filled -= 8;
		}
	};
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i] as number;
		// At most 7 bits are held, so that 16 more always fit.
		if (width <= 16) put(code & (2 ** width - 1), width);
		else {
			put(code & 0xffff, 16);
			put((code >>> 16) & (2 ** (width - 16) - 1), width - 16);
		}
	}
	if (filled > 0) bytes[at] = held;
	return bytes;
}

/** Reads `count` unsigned fields of `width` (1 to 32) bits. */
export function unpackBits(bytes: Uint8Array, width: number, count: number): Uint32Array<ArrayBuffer> {
	checkWidth(width);
	if (packedBytes(count, width) > bytes.length) {
		throw new RangeError(`${count} fields of ${width} bits take ${packedBytes(count, width)} bytes, not ${bytes.length}`);
	}
	const codes = new Uint32Array(count);
	let at = 0;
	let held = 0;
	let filled = 0;
	const take = (wanted: number): number => {
		while (filled < wanted) {
			held |= (bytes[at++] as number) << filled;
			filled += 8;
		}
		const field = held & (2 ** wanted - 1);
		held >>>= wanted;
		filled -= wanted;
		return field;
	};
	for (let i = 0; i < count; i++) {
		if (width <= 16) codes[i] = take(width);
		else {
			const low = take(16);
			codes[i] = low + take(width - 16) * 65536;
		}
	}
	return codes;
}

/** Reads `count` two's complement fields of `width` (1 to 32) bits. */
export function unpackSignedBits(bytes: Uint8Array, width: number, count: number): Int32Array<ArrayBuffer> {
	const codes = new Int32Array(unpackBits(bytes, width, count).buffer);
	const unused = 32 - width;
	for (let i = 0; i < count; i++) codes[i] = ((codes[i] as number) << unused) >> unused;
	return codes;
}

function checkWidth(width: number): void {
	if (!(Number.isInteger(width) && width >= 1 && width <= 32)) throw new RangeError(`a field has 1 to 32 bits, not ${width}`);
}
