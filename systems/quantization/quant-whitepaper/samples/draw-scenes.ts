/**
 * Pictures to calibrate with where the user brings none: smooth light, rough ground at several scales (its power falls with the square of the
 * frequency, as that of photographs does), surfaces with edges, and strokes like those of writing. They spread activations over ranges like those of
 * photographs; they are no photographs.
 */
import type { Random } from '@assay/contract';
import type { Picture } from './read-image.ts';

const OCTAVES = 5;
const SURFACES = 4;
const STROKES = 10;

export function drawScene(height: number, width: number, random: Random): Picture {
	const colours = new Float32Array(height * width * 3);
	const tint = () => [random.uniform(), random.uniform(), random.uniform()] as const;
	const base = tint();
	for (let channel = 0; channel < 3; channel++) {
		for (let octave = 0; octave < OCTAVES; octave++)
			addNoise(colours, channel, height, width, 2 ** (octave + 1), 0.5 ** (octave + 1), random);
		for (let pixel = 0; pixel < height * width; pixel++)
			colours[3 * pixel + channel] = (base[channel] as number) + 0.6 * (colours[3 * pixel + channel] as number);
	}
	for (let surface = 0; surface < SURFACES; surface++) {
		const [y, x, half, wide] = [
			random.uniform() * height,
			random.uniform() * width,
			(0.05 + 0.2 * random.uniform()) * height,
			(0.05 + 0.2 * random.uniform()) * width,
		];
		const isRound = random.uniform() < 0.5;
		const colour = tint();
		const opacity = 0.4 + 0.6 * random.uniform();
		paint(colours, height, width, colour, opacity, (row, column) => {
			const [v, u] = [Math.abs(row - y) / half, Math.abs(column - x) / wide];
			return isRound ? u * u + v * v < 1 : u < 1 && v < 1;
		});
	}
	const ink = tint();
	const line = height * (0.3 + 0.4 * random.uniform());
	const size = Math.max(3, 0.15 * height);
	for (let stroke = 0; stroke < STROKES; stroke++) {
		const start = [line + size * (random.uniform() - 0.5), (stroke + random.uniform()) * (width / STROKES)] as const;
		const turn = Math.PI * random.uniform();
		const [dy, dx] = [Math.sin(turn), Math.cos(turn)];
		paint(colours, height, width, ink, 0.9, (row, column) => {
			const [v, u] = [row - start[0], column - start[1]];
			const along = u * dx + v * dy;
			return along > 0 && along < size && Math.abs(u * dy - v * dx) < Math.max(0.7, size / 12);
		});
	}
	for (let i = 0; i < colours.length; i++) colours[i] = Math.min(1, Math.max(0, (colours[i] as number) + 0.01 * random.normal()));
	return { height, width, colours };
}

/** Noise that is smooth between the points of a grid. */
function addNoise(
	colours: Float32Array,
	channel: number,
	height: number,
	width: number,
	cells: number,
	strength: number,
	random: Random,
): void {
	const grid = Float32Array.from({ length: (cells + 1) ** 2 }, () => random.normal());
	for (let row = 0; row < height; row++) {
		const y = (row / height) * cells;
		const top = Math.floor(y);
		const down = y - top;
		for (let column = 0; column < width; column++) {
			const x = (column / width) * cells;
			const left = Math.floor(x);
			const across = x - left;
			const at = (i: number, j: number) => grid[(top + i) * (cells + 1) + left + j] as number;
			const above = at(0, 0) + across * (at(0, 1) - at(0, 0));
			const below = at(1, 0) + across * (at(1, 1) - at(1, 0));
			const place = 3 * (row * width + column) + channel;
			colours[place] = (colours[place] as number) + strength * (above + down * (below - above));
		}
	}
}

function paint(
	colours: Float32Array,
	height: number,
	width: number,
	colour: readonly number[],
	opacity: number,
	isInside: (row: number, column: number) => boolean,
): void {
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			if (!isInside(row, column)) continue;
			const place = 3 * (row * width + column);
			for (let channel = 0; channel < 3; channel++)
				colours[place + channel] = (1 - opacity) * (colours[place + channel] as number) + opacity * (colour[channel] as number);
		}
	}
}
