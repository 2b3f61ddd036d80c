/** Signal to quantisation noise of a format on N(0, 1) data, in dB, by the midpoint rule over 12 deviations on either side. */
export function gaussianSqnr(quantize: (values: Float64Array) => Float64Array): number {
	const points = 400_000;
	const width = 24 / points;
	const values = Float64Array.from({ length: points }, (_, index) => -12 + (index + 0.5) * width);
	const rounded = quantize(values);
	let noise = 0;
	for (const [index, value] of values.entries())
		noise += Math.exp(-value * value * 0.5) * ((rounded[index] as number) - value) ** 2;
	return -10 * Math.log10((noise * width) / Math.sqrt(2 * Math.PI));
}
