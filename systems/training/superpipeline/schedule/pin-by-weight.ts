/**
 * Which units to keep for ever when they are not equal: a small integer program, solved by HiGHS. As many bytes as possible stay,
 * under the cap, beside a ring with room for the q largest streamed units (whichever they are, so that any neighbours fit).
 *
 * The sum of the q largest streamed weights is at most r iff there are t and u_i >= 0 with q·t + Σ u_i <= r and
 * u_i >= w_i (1 - x_i) - t, where x_i = 1 for a unit that stays: so one constraint a unit is enough.
 */
import type { LegacyHighs } from 'highs';

/**
 * Units that stay, or null where not even a ring fits. `capBytes` is for weights alone, what is shared not included; `slots` is q.
 * O(2^N) at worst, milliseconds for a hundred units.
 */
export async function pinByWeight(weightBytes: Float64Array, slots: number, capBytes: number): Promise<Uint8Array | null> {
	// Its types say CommonJS while Node is given the module: the loader stands one level higher than they say.
	const load: unknown = (await import('highs')).default;
	if (typeof load !== 'function') throw new TypeError('the solver has no loader');
	const solver: LegacyHighs = await load();
	// In units of the largest weight, so that the solver's tolerances mean something.
	const largest = Math.max(...weightBytes);
	const weights = Array.from(weightBytes, (bytes) => bytes / largest);
	const sum = (name: string): string => weights.map((weight, i) => `${weight} ${name}${i}`).join(' + ');
	const spare = weights.map((_, i) => `u${i}`).join(' + ');
	const problem = [
		'Maximize',
		` obj: ${sum('x')}`,
		'Subject To',
		` cap: ${sum('x')} + ${slots} t + ${spare} <= ${capBytes / largest}`,
		...weights.map((weight, i) => ` c${i}: u${i} + t + ${weight} x${i} >= ${weight}`),
		'Bounds',
		' t >= 0',
		...weights.map((_, i) => ` u${i} >= 0`),
		'Binary',
		` ${weights.map((_, i) => `x${i}`).join(' ')}`,
		'End',
	].join('\n');
	const { Status: status, Columns: columns } = solver.solve(problem, { output_flag: false });
	if (status !== 'Optimal') return null;
	return Uint8Array.from(weights, (_, i) => Math.round(columns[`x${i}`]?.Primal ?? 0));
}
