/** A number for a sentence: four digits, thousands set apart, no exponent up to a billion. */
export function figure(value: number): string {
	const magnitude = Math.abs(value);
	if (magnitude >= 1000 && magnitude < 1e9) return Math.round(value).toLocaleString('en');
	return String(Number(value.toPrecision(4)));
}
