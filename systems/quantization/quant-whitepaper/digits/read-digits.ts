/** Handwritten digits: 10,000 of MNIST, as the package mnist ships them, parted once and for all into some to learn from and some to test on. */
import { readFile } from 'node:fs/promises';
import { createRandom, InputError } from '@assay/contract';
import type { ImageSet } from '@assay/learning';
import { z } from 'zod';

export const DIGIT_SIDE = 28;
export const DIGIT_CLASSES = 10;
const TEST_IMAGES = 2000;

export interface Digits {
	readonly training: ImageSet;
	readonly test: ImageSet;
}

const fileSchema = z.object({ data: z.array(z.number().min(0).max(1)) });

/** Pixels from 0 to 1. */
export async function readDigits(): Promise<Digits> {
	const size = DIGIT_SIDE * DIGIT_SIDE;
	const images: { readonly pixels: readonly number[]; readonly label: number }[] = [];
	for (let label = 0; label < DIGIT_CLASSES; label++) {
		const path = new URL(`digits/${label}.json`, import.meta.resolve('mnist'));
		const { data } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
		if (data.length % size !== 0 && Math.floor(data.length / size) === 0)
			throw new InputError({ path: ['mnist', label], found: `${data.length} pixels`, expected: `images of ${size}` });
		for (let start = 0; start + size <= data.length; start += size)
			images.push({ pixels: data.slice(start, start + size), label });
	}
	const order = createRandom('digits').shuffle(Int32Array.from({ length: images.length }, (_, index) => index));
	const part = (from: number, to: number): ImageSet => {
		const pixels = new Float32Array((to - from) * size);
		const labels = new Int32Array(to - from);
		for (let i = from; i < to; i++) {
			const image = images[order[i] as number];
			pixels.set(image?.pixels ?? [], (i - from) * size);
			labels[i - from] = image?.label ?? 0;
		}
		return { count: to - from, pixels, labels };
	};
	return { test: part(0, TEST_IMAGES), training: part(TEST_IMAGES, images.length) };
}

/** Images one by one. */
export function imagesOf({ pixels }: { readonly pixels: Float32Array }, from: number, to: number): Float32Array[] {
	const size = DIGIT_SIDE * DIGIT_SIDE;
	return Array.from({ length: to - from }, (_, index) => pixels.slice((from + index) * size, (from + index + 1) * size));
}
