import { expect, test } from 'vitest';
import { Philox, philox4x32 } from './philox.ts';

test('known answers of Random123 (kat_vectors, philox4x32 with 10 rounds)', () => {
	const answer = (counter: number[], key: [number, number]): string => {
		const words = Uint32Array.from(counter);
		philox4x32(words, ...key);
		return [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');
	};
	expect(answer([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
	const ones = 0xffffffff;
	expect(answer([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
	expect(answer([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
		'd16cfe09 94fdcceb 5001e420 24126ea1',
	);
});

test('bits are found by number alone, in any order', () => {
	const forward = new Philox(5);
	const bits = Array.from({ length: 50 }, (_, index) => forward.uint32(index));
	const backward = new Philox(5);
	expect(Array.from({ length: 50 }, (_, index) => backward.uint32(49 - index)).reverse()).toEqual(bits);
	expect(new Philox(0).uint32(1)).toBe(0xe169c58d);
	// The counter goes on past 32 bits, and seeds past 32 bits differ.
	expect(new Philox(0).uint32(4 * 2 ** 32)).not.toBe(new Philox(0).uint32(0));
	expect(new Philox(2 ** 32).uint32(0)).not.toBe(new Philox(0).uint32(0));
	expect(() => new Philox(-1)).toThrow(RangeError);
});
