/** Minimises a function of a few variables without derivatives (Nelder and Mead 1965, the usual coefficients). Deterministic. */
export function nelderMead(
	evaluate: (point: readonly number[]) => number,
	start: readonly number[],
	options: { readonly step: number; readonly iterations: number },
): { readonly point: readonly number[]; readonly value: number } {
	const dimensions = start.length;
	let simplex = [start, ...start.map((_, axis) => start.map((value, i) => (i === axis ? value + options.step : value)))].map(
		(point) => ({ point, value: evaluate(point) }),
	);
	for (let iteration = 0; iteration < options.iterations; iteration++) {
		simplex = simplex.sort((a, b) => a.value - b.value);
		const best = simplex[0] as { point: readonly number[]; value: number };
		const worst = simplex[dimensions] as { point: readonly number[]; value: number };
		const second = simplex[dimensions - 1] as { value: number };
		const centre = start.map((_, axis) => {
			let sum = 0;
			for (let i = 0; i < dimensions; i++) sum += simplex[i]?.point[axis] as number;
			return sum / dimensions;
		});
		const along = (factor: number) => {
			const point = centre.map((value, axis) => value + factor * ((worst.point[axis] as number) - value));
			return { point, value: evaluate(point) };
		};
		const reflected = along(-1);
		let next = reflected;
		if (reflected.value < best.value) {
			const expanded = along(-2);
			if (expanded.value < reflected.value) next = expanded;
		} else if (reflected.value >= second.value) {
			next = along(reflected.value < worst.value ? -0.5 : 0.5);
			if (next.value >= Math.min(reflected.value, worst.value)) {
				simplex = simplex.map((vertex, i) => {
					if (i === 0) return vertex;
					const point = vertex.point.map((value, axis) => ((best.point[axis] as number) + value) / 2);
					return { point, value: evaluate(point) };
				});
				continue;
			}
		}
		simplex[dimensions] = next;
	}
	simplex.sort((a, b) => a.value - b.value);
	return simplex[0] as { point: readonly number[]; value: number };
}
