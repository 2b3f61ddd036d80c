/**
 * Number formats side by side: what each can represent, how finely, and what becomes of given values in it. The panels are for pages
 * and terminals alike.
 */
import type { Panel, Row } from '@assay/contract';
import type { BlockFormat } from './block-format.ts';
import type { ScalarFormat } from './scalar-format.ts';
import { valuesOf } from './scalar-format.ts';

/** Formats of more bits have too many values to draw. */
const MOST_DRAWN_BITS = 8;

/** Raises nothing; values are finite. `valuesName` says what they are, in the middle of a sentence. */
export function formatPanels(
	formats: readonly (ScalarFormat | BlockFormat)[],
	values: Float32Array,
	valuesName: string,
): readonly Panel[] {
	const panels: Panel[] = [comparison(formats, values, valuesName)];
	const drawn = formats.filter((format) => elementOf(format).bits <= MOST_DRAWN_BITS);
	if (drawn.length > 0) panels.push(numberLine(drawn));
	const scalar = formats.filter((format) => format.kind === 'scalar');
	if (scalar.length > 0) panels.push(precision(scalar));
	panels.push(errorByMagnitude(formats, values, valuesName));
	return panels;
}

function elementOf(format: ScalarFormat | BlockFormat): ScalarFormat {
	return format.kind === 'scalar' ? format : format.element;
}

function stored(format: ScalarFormat | BlockFormat, values: Float32Array, scale = 1): Float32Array {
	const out = values.map((value) => value / scale);
	format.quantize(out, out);
	return out.map((value) => value * scale);
}

/** Signal to quantisation noise in decibels; null where nothing is lost or nothing is there. */
function signalToNoise(values: Float32Array, approximate: Float32Array): number | null {
	let signal = 0;
	let noise = 0;
	for (const [i, value] of values.entries()) {
		signal += value * value;
		noise += (value - (approximate[i] as number)) ** 2;
	}
	return signal > 0 && noise > 0 && Number.isFinite(noise) ? 10 * Math.log10(signal / noise) : null;
}

function comparison(formats: readonly (ScalarFormat | BlockFormat)[], values: Float32Array, valuesName: string): Panel {
	const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	const rows = formats.map((format): Row => {
		const asTheyAre = stored(format, values);
		let [clipped, vanished, counted] = [0, 0, 0];
		for (const [i, value] of values.entries()) {
			if (value === 0) continue;
			counted++;
			if (asTheyAre[i] === 0) vanished++;
			else if (format.kind === 'scalar' && Math.abs(value) > format.largest) clipped++;
		}
		const share = (count: number) => (counted === 0 ? null : (100 * count) / counted);
		const element = elementOf(format);
		return {
			format: format.name,
			bits: format.bitsPerValue,
			block: format.kind === 'block' && Number.isFinite(format.blockSize) ? format.blockSize : null,
			largest: element.largest,
			smallest: element.smallest,
			asTheyAre: signalToNoise(values, asTheyAre),
			scaled:
				format.kind === 'scalar' && largest > 0 ? signalToNoise(values, stored(format, values, largest / format.largest)) : null,
			clipped: share(clipped),
			vanished: share(vanished),
		};
	});
	return {
		kind: 'table',
		title: 'Formats',
		note:
			`Signal to noise is that of ${valuesName}, as they are and divided so that the largest of them is the format’s largest. ` +
			'Formats with blocks scale each block themselves: their largest and smallest values are those of an element.',
		columns: [
			{ key: 'format', label: 'Format' },
			{ key: 'bits', label: 'Bits a value' },
			{ key: 'block', label: 'Block' },
			{ key: 'largest', label: 'Largest' },
			{ key: 'smallest', label: 'Smallest' },
			{ key: 'asTheyAre', label: 'Signal to noise', unit: 'dB' },
			{ key: 'scaled', label: 'Scaled', unit: 'dB' },
			{ key: 'clipped', label: 'Clipped', unit: '%', digits: 3 },
			{ key: 'vanished', label: 'Become 0', unit: '%', digits: 3 },
		],
		rows,
	};
}

function numberLine(formats: readonly (ScalarFormat | BlockFormat)[]): Panel {
	const data = formats.flatMap((format) => {
		const element = elementOf(format);
		// A code that is read and never written, such as the lowest of a symmetric format, is no value that it can store.
		const written = [...valuesOf(element)].filter((value) => element.decode(element.encode(value)) === value);
		return written.map((value) => ({ format: format.name, value: value / element.largest }));
	});
	return {
		kind: 'plot',
		title: 'Every value that there is',
		note: 'Each dot is a value that the format can store, as a share of its largest. Floats crowd around zero, integers are spread evenly.',
		x: { label: 'value, as a share of the largest' },
		y: { label: 'format', scale: 'band' },
		marks: [{ mark: 'dot', data, x: 'value', y: 'format', color: 'format' }],
	};
}

/** Binary orders of magnitude that are looked at to either side of 1, and points in each. */
const ORDERS = 24;
const POINTS_PER_ORDER = 4;

function precision(formats: readonly ScalarFormat[]): Panel {
	const data = formats.flatMap((format) => {
		const rows: Row[] = [];
		for (let point = -ORDERS * POINTS_PER_ORDER; point <= ORDERS * POINTS_PER_ORDER; point++) {
			const magnitude = 2 ** (point / POINTS_PER_ORDER);
			if (magnitude < format.smallest || magnitude >= format.largest) continue;
			const code = format.encode(magnitude, 'toward-zero');
			const step = format.decode(code + 1) - format.decode(code);
			if (step > 0) rows.push({ format: format.name, magnitude, error: (100 * step) / 2 / magnitude });
		}
		return rows;
	});
	return {
		kind: 'plot',
		title: 'How finely each rounds',
		note: 'Half the distance between neighbours, relative to the number rounded. Floats are flat until they run out of exponents; posits are finest around 1; fixed steps grow coarse towards zero.',
		x: { label: 'magnitude', scale: 'log' },
		y: { label: 'largest relative error', unit: '%', scale: 'log' },
		color: { label: 'format' },
		marks: [{ mark: 'line', data, x: 'magnitude', y: 'error', color: 'format' }],
	};
}

function errorByMagnitude(formats: readonly (ScalarFormat | BlockFormat)[], values: Float32Array, valuesName: string): Panel {
	const data = formats.flatMap((format) => {
		const approximate = stored(format, values);
		const orders = new Map<number, { signal: number; noise: number }>();
		for (const [i, value] of values.entries()) {
			if (value === 0) continue;
			const order = Math.floor(Math.log2(Math.abs(value)));
			const sums = orders.get(order) ?? { signal: 0, noise: 0 };
			sums.signal += value * value;
			sums.noise += (value - (approximate[i] as number)) ** 2;
			orders.set(order, sums);
		}
		return [...orders]
			.sort(([a], [b]) => a - b)
			.map(([order, { signal, noise }]) => ({
				format: format.name,
				magnitude: 2 ** (order + 0.5),
				error: 100 * Math.sqrt(noise / signal),
			}))
			.filter(({ error }) => error > 0 && Number.isFinite(error));
	});
	return {
		kind: 'plot',
		title: 'Error by the size of the values',
		note: `Root mean square of the error of ${valuesName}, relative to the values, in each binary order of magnitude: 100 % means that they vanish.`,
		x: { label: 'magnitude', scale: 'log' },
		y: { label: 'relative error', unit: '%', scale: 'log' },
		color: { label: 'format' },
		marks: [{ mark: 'line', data, x: 'magnitude', y: 'error', color: 'format' }],
	};
}
