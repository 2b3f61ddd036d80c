/** The roofline: what a machine attains at most, by how many operations each byte from memory is used for (Williams et al., CACM 52(4), 2009). */
import type { Mark, PlotPanel, Row } from '@assay/contract';

export interface Roofline {
	/** Peak, operations/s. */
	readonly peakPerSecond: number;
	/** Memory bandwidth, bytes/s. */
	readonly bytesPerSecond: number;
}

/** Something that runs on the machine. */
export interface RooflinePoint {
	readonly label: string;
	/** Points of a series share a colour. */
	readonly series: string;
	readonly operations: number;
	/** Moved between memory and the chip. */
	readonly bytes: number;
	/** How long it takes. */
	readonly seconds: number;
}

/** Operations per second that an intensity (operations per byte) allows. */
export function attainablePerSecond({ peakPerSecond, bytesPerSecond }: Roofline, intensity: number): number {
	return Math.min(peakPerSecond, intensity * bytesPerSecond);
}

/** Operations per byte at which the roof becomes flat: below, memory is the limit. */
export function ridgeIntensity({ peakPerSecond, bytesPerSecond }: Roofline): number {
	return peakPerSecond / bytesPerSecond;
}

/** Points under their roof, both axes logarithmic. `operation` is the unit of work: `MAC`, `FLOP`. Points without work or bytes are left out. */
export function rooflinePanel(
	title: string,
	note: string,
	roof: Roofline,
	points: readonly RooflinePoint[],
	operation: string,
): PlotPanel {
	const shown = points.filter(({ operations, bytes, seconds }) => operations > 0 && bytes > 0 && seconds > 0);
	const ridge = ridgeIntensity(roof);
	const intensities = shown.map(({ operations, bytes }) => operations / bytes);
	const ends = [Math.min(ridge / 4, ...intensities), ridge, Math.max(ridge * 4, ...intensities)];
	const roofRows = ends.map(
		(intensity): Row => ({ intensity, rate: attainablePerSecond(roof, intensity) / 1e9, series: 'roof' }),
	);
	const pointRows = shown.map(
		({ label, series, operations, bytes, seconds }): Row => ({
			intensity: operations / bytes,
			rate: operations / seconds / 1e9,
			series,
			label,
		}),
	);
	const marks: Mark[] = [
		{ mark: 'line', data: roofRows, x: 'intensity', y: 'rate', color: 'series' },
		{ mark: 'dot', data: pointRows, x: 'intensity', y: 'rate', color: 'series' },
	];
	return {
		kind: 'plot',
		title,
		note,
		x: { label: 'Intensity', unit: `${operation}/B`, scale: 'log' },
		y: { label: 'Rate', unit: `G${operation}/s`, scale: 'log' },
		color: { label: 'Series' },
		marks,
	};
}
