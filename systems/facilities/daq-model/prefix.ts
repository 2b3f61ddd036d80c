/** Units with the prefixes people read them in: 2.046e7 W is 20.46 MW. */

const prefixes = [
	[1e15, 'P'],
	[1e12, 'T'],
	[1e9, 'G'],
	[1e6, 'M'],
	[1e3, 'k'],
	[1, ''],
	[1e-3, 'm'],
	[1e-6, 'µ'],
	[1e-9, 'n'],
	[1e-12, 'p'],
] as const;

/** A value in the largest prefixed unit that leaves at least 1 before the point. */
export function withPrefix(value: number, unit: string): { value: number; unit: string } {
	const size = Math.abs(value);
	const found = size === 0 ? undefined : prefixes.find(([limit]) => size >= limit);
	const [factor, prefix] = found ?? (size === 0 ? [1, ''] : [1e-12, 'p']);
	return { value: value / factor, unit: `${prefix}${unit}` };
}

/** The same as text, to four significant digits. */
export function formatWithPrefix(value: number, unit: string): string {
	const scaled = withPrefix(value, unit);
	return `${Number(scaled.value.toPrecision(4))} ${scaled.unit}`;
}
