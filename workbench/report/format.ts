/** Numbers as people read them. */
import type { Column, Value } from '@assay/contract';

/** A number with `digits` significant digits: plain from 0.001 to 10 million with thousands separated, scientific beyond. */
export function formatNumber(value: number, digits = 4): string {
	if (value === 0) return '0';
	if (!Number.isFinite(value)) return String(value);
	const size = Math.abs(value);
	if (size >= 1e7 || size < 1e-3)
		return value
			.toExponential(Math.max(0, digits - 1))
			.replace(/\.?0+e/, 'e')
			.replace('e+', 'e');
	if (Number.isInteger(value)) return value.toLocaleString('en-US');
	const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
	return value.toLocaleString('en-US', { maximumFractionDigits: decimals, minimumFractionDigits: 0 });
}

export function formatValue(value: Value | undefined, column?: Pick<Column, 'digits'>): string {
	if (value === null || value === undefined) return '–';
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	return typeof value === 'number' ? formatNumber(value, column?.digits) : value;
}

/** `label (unit)`; pure numbers show no unit. */
export function labelWithUnit(label: string, unit: string | undefined): string {
	return unit === undefined || unit === '1' || unit === '' ? label : `${label} (${unit})`;
}

/** A length of time in the one or two units people would say: `850 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`, `3 h`. */
export function formatDuration(seconds: number): string {
	if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
	if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
	const two = (small: number, [big, unit, smallUnit]: readonly [number, string, string]): string =>
		`${Math.floor(small / big)} ${unit}${small % big === 0 ? '' : ` ${small % big} ${smallUnit}`}`;
	const whole = Math.round(seconds);
	return whole < 3600 ? two(whole, [60, 'min', 's']) : two(Math.round(whole / 60), [60, 'h', 'min']);
}

/** Bytes in binary units, as file sizes are read. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
	return `${formatNumber(bytes / 1024 ** power, 3)} ${units[power]}`;
}
