/**
 * Lines of text to calibrate networks with that read, where the user brings no pictures: block letters of one colour on smooth ground of another, with
 * noise, in many sizes, widths and slants. What such networks see in use differs in fonts and languages; the contrast, strokes and spacing are alike.
 */
import type { Random } from '@assay/contract';
import type { Picture } from './read-image.ts';
import { LETTER_HEIGHT, LETTER_WIDTH, LETTERS, type Point, strokesOf } from './stroke-letters.ts';

const MOST_LETTERS = 14;
const LEAST_LETTERS = 3;
/** Share of letters that are gaps between words. */
const GAPS = 0.12;
/** Least difference of ink and ground, of 1. */
const LEAST_CONTRAST = 0.35;

/** Where a line of text stands in a picture, in pixels. */
interface Line {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

/** One line as text readers are fed: cut out, as high as the picture; shorter ones are filled up with grey on the right, as PP-OCR does. */
export function drawTextLine(height: number, width: number, random: Random): Picture {
	const letters = drawnLetters(random);
	const tall = height * (0.55 + 0.35 * random.uniform());
	const wide = ((tall * letters.length) / LETTER_HEIGHT) * LETTER_WIDTH * (0.9 + 0.6 * random.uniform());
	const margin = 0.15 * height;
	const used = Math.min(width, Math.round(wide + 2 * margin));
	const ground = drawGround(height, used, random);
	const line = { left: margin, top: (height - tall) * random.uniform(), width: used - 2 * margin, height: tall };
	drawLetters(ground, letters, line, random);
	const colours = new Float32Array(height * width * 3).fill(0.5);
	for (let row = 0; row < height; row++)
		colours.set(ground.colours.subarray(3 * row * used, 3 * (row + 1) * used), 3 * row * width);
	return { height, width, colours };
}

/** A page, or a sign, with several lines one below the other. */
export function drawTextPage(height: number, width: number, random: Random): Picture {
	const page = drawGround(height, width, random);
	let top = height * 0.1 * random.uniform();
	while (top < 0.85 * height) {
		const tall = height * (0.08 + 0.2 * random.uniform());
		const left = width * (0.03 + 0.3 * random.uniform());
		const letters = drawnLetters(random);
		const wide = Math.min(width - left - 2, letters.length * tall * 0.75);
		drawLetters(page, letters, { left, top, width: wide, height: Math.min(tall, height - top - 2) }, random);
		top += tall * (1.4 + random.uniform());
	}
	return page;
}

/** The picture upside down. */
export function turnedOver({ height, width, colours }: Picture): Picture {
	const turned = new Float32Array(colours.length);
	const pixels = height * width;
	for (let pixel = 0; pixel < pixels; pixel++) turned.set(colours.subarray(3 * pixel, 3 * pixel + 3), 3 * (pixels - 1 - pixel));
	return { height, width, colours: turned };
}

function drawnLetters(random: Random): string[] {
	const count = LEAST_LETTERS + random.integer(MOST_LETTERS - LEAST_LETTERS + 1);
	return Array.from({ length: count }, (_, at) =>
		at > 0 && at < count - 1 && random.uniform() < GAPS ? ' ' : (LETTERS[random.integer(LETTERS.length)] as string),
	);
}

/** A colour that changes evenly from corner to corner, with some noise. */
function drawGround(height: number, width: number, random: Random): Picture {
	const colours = new Float32Array(height * width * 3);
	const noise = 0.03 * random.uniform();
	const [start, down, across] = [0, 1, 2].map(() => [0, 1, 2].map(() => random.uniform())) as [number[], number[], number[]];
	let at = 0;
	for (let row = 0; row < height; row++)
		for (let column = 0; column < width; column++) {
			const speckle = noise * random.normal();
			for (let channel = 0; channel < 3; channel++) {
				const slope = ((down[channel] as number) - 0.5) * (row / height) + ((across[channel] as number) - 0.5) * (column / width);
				colours[at++] = Math.min(1, Math.max(0, (start[channel] as number) + 0.3 * slope + speckle));
			}
		}
	return { height, width, colours };
}

/** A colour that stands out from the ground's mean. */
function inkFor({ colours }: Picture, random: Random): number[] {
	const mean = [0, 1, 2].map((channel) => {
		let sum = 0;
		for (let i = channel; i < colours.length; i += 3) sum += colours[i] as number;
		return (3 * sum) / colours.length;
	});
	const isDark = mean.reduce((a, b) => a + b, 0) / 3 > 0.5 === random.uniform() < 0.95;
	return mean.map((value) => {
		const contrast = LEAST_CONTRAST + (0.9 - LEAST_CONTRAST) * random.uniform();
		return Math.min(1, Math.max(0, isDark ? value - contrast : value + contrast));
	});
}

function drawLetters(picture: Picture, letters: readonly string[], line: Line, random: Random): void {
	const ink = inkFor(picture, random);
	const each = line.width / letters.length;
	const [wide, tall] = [(0.75 * each) / LETTER_WIDTH, line.height / LETTER_HEIGHT];
	const slant = 0.15 * (random.uniform() - 0.3);
	const half = Math.max(0.5, (0.06 + 0.1 * random.uniform()) * Math.min(each, line.height) * 0.8);
	for (const [index, letter] of letters.entries()) {
		const place = ({ across, down }: Point): Point => ({
			across: line.left + index * each + across * wide + slant * (LETTER_HEIGHT - down) * tall,
			down: line.top + half + down * (tall - (2 * half) / LETTER_HEIGHT),
		});
		for (const stroke of strokesOf(letter))
			for (let at = 1; at < stroke.length; at++)
				drawSegment(picture, place(stroke[at - 1] as Point), place(stroke[at] as Point), half, ink);
	}
}

/** A line with round ends, softened over a pixel. `half`: half its width, in pixels. */
function drawSegment({ height, width, colours }: Picture, from: Point, to: Point, half: number, ink: readonly number[]): void {
	const [dx, dy] = [to.across - from.across, to.down - from.down];
	const squared = dx * dx + dy * dy || 1;
	const reach = half + 1;
	const first = Math.max(0, Math.floor(Math.min(from.down, to.down) - reach));
	const last = Math.min(height - 1, Math.ceil(Math.max(from.down, to.down) + reach));
	const left = Math.max(0, Math.floor(Math.min(from.across, to.across) - reach));
	const right = Math.min(width - 1, Math.ceil(Math.max(from.across, to.across) + reach));
	for (let row = first; row <= last; row++)
		for (let column = left; column <= right; column++) {
			const [u, v] = [column + 0.5 - from.across, row + 0.5 - from.down];
			const along = Math.min(1, Math.max(0, (u * dx + v * dy) / squared));
			const away = Math.hypot(u - along * dx, v - along * dy);
			const cover = Math.min(1, Math.max(0, half + 0.5 - away));
			if (cover === 0) continue;
			for (let channel = 0; channel < 3; channel++) {
				const place = 3 * (row * width + column) + channel;
				colours[place] = (1 - cover) * (colours[place] as number) + cover * (ink[channel] as number);
			}
		}
}
