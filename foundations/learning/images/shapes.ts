/**
 * Generated images to learn from: ten classes of shapes, 32 x 32 in colour, of any size, place, turn and colour, on a gradient with clutter and noise.
 * A stand-in that needs no download; how well a network does on it says nothing of photographs.
 *
 * Shapes are signed distances, negative inside, so that edges are smooth to a fraction of a pixel.
 */
import type { Random } from '@assay/contract';

export const SHAPE_CLASSES = [
	'disc',
	'ring',
	'square',
	'frame',
	'triangle',
	'bar',
	'plus',
	'ellipse',
	'half disc',
	'star',
] as const;
export const IMAGE_SIDE = 32;
export const IMAGE_CHANNELS = 3;

export interface ImageSet {
	readonly count: number;
	/** Images one after the other, position by position, channels side by side; about -1 to 1. */
	readonly pixels: Float32Array;
	readonly labels: Int32Array;
}

/** Signed distance to each shape of radius about 1 around the origin. */
const DISTANCES: readonly ((x: number, y: number) => number)[] = [
	(x, y) => Math.hypot(x, y) - 1,
	(x, y) => Math.abs(Math.hypot(x, y) - 0.8) - 0.22,
	(x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85,
	(x, y) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.75) - 0.2,
	(x, y) => Math.max(y, Math.abs(x) * 0.866 - y * 0.5) - 0.5,
	(x, y) => Math.max(Math.abs(x) - 1.1, Math.abs(y) - 0.3),
	(x, y) => Math.min(Math.max(Math.abs(x) - 1, Math.abs(y) - 0.3), Math.max(Math.abs(x) - 0.3, Math.abs(y) - 1)),
	(x, y) => (Math.hypot(x / 1.15, y / 0.6) - 1) * 0.6,
	(x, y) => Math.max(Math.hypot(x, y) - 1, -y - 0.05),
	(x, y) => Math.hypot(x, y) - (0.65 + 0.35 * Math.cos(5 * Math.atan2(y, x))),
];

/** `count` images, classes in turn and shuffled. The same stream gives the same images. */
export function drawShapes(count: number, random: Random): ImageSet {
	const labels = random.fork('labels').shuffle(Int32Array.from({ length: count }, (_, index) => index % SHAPE_CLASSES.length));
	const pixels = new Float32Array(count * IMAGE_SIDE * IMAGE_SIDE * IMAGE_CHANNELS);
	const draws = random.fork('images');
	for (let image = 0; image < count; image++) drawImage(pixels, image, DISTANCES[labels[image] as number] as Distance, draws);
	return { count, pixels, labels };
}

const CLUTTER_LINES = 1;
/** Standard deviation of the noise of a pixel. */
const NOISE = 0.1;

type Distance = (x: number, y: number) => number;
type Colour = readonly [number, number, number];

function drawImage(pixels: Float32Array, image: number, distance: Distance, random: Random): void {
	const colour = (): Colour => [2 * random.uniform() - 1, 2 * random.uniform() - 1, 2 * random.uniform() - 1];
	const [background, slope] = [colour(), colour()];
	let foreground = colour();
	// A shape nobody could see is drawn again in another colour.
	while (foreground.every((value, channel) => Math.abs(value - (background[channel] as number)) < 1)) foreground = colour();
	const radius = 8 + 5 * random.uniform();
	const [centreX, centreY] = [12 + 8 * random.uniform(), 12 + 8 * random.uniform()];
	const turn = 2 * Math.PI * random.uniform();
	const [cosine, sine] = [Math.cos(turn) / radius, Math.sin(turn) / radius];
	const lines = Array.from({ length: CLUTTER_LINES }, () => ({
		colour: colour(),
		angle: Math.PI * random.uniform(),
		place: IMAGE_SIDE * (random.uniform() - 0.5),
	})).map(({ colour: of, angle, place }) => ({ of, x: Math.cos(angle), y: Math.sin(angle), place }));
	for (let row = 0; row < IMAGE_SIDE; row++) {
		for (let column = 0; column < IMAGE_SIDE; column++) {
			const [x, y] = [column + 0.5 - centreX, row + 0.5 - centreY];
			const share = coverage(distance(cosine * x + sine * y, cosine * y - sine * x) * radius);
			for (let channel = 0; channel < IMAGE_CHANNELS; channel++) {
				let value = (background[channel] as number) + 0.3 * (slope[channel] as number) * (row / IMAGE_SIDE - 0.5);
				for (const line of lines) {
					const off = Math.abs(line.x * (column - IMAGE_SIDE / 2) + line.y * (row - IMAGE_SIDE / 2) - line.place);
					value += coverage(off - 0.7) * ((line.of[channel] as number) - value);
				}
				value += share * ((foreground[channel] as number) - value) + NOISE * random.normal();
				pixels[((image * IMAGE_SIDE + row) * IMAGE_SIDE + column) * IMAGE_CHANNELS + channel] = value;
			}
		}
	}
}

/** Share of a pixel inside of an edge that is so many pixels away. */
function coverage(distance: number): number {
	return Math.min(1, Math.max(0, 0.5 - distance));
}
