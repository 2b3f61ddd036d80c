/** Speed-up of a program with a serial part, in closed form and with processors that are not equally fast. */
import type { Random, RunContext } from '@assay/contract';

/** Speed-up on `processors` equal processors when a fraction of the work is serial (Amdahl 1967). */
export function idealSpeedup(serialFraction: number, processors: number): number {
	return 1 / (serialFraction + (1 - serialFraction) / processors);
}

/** One draw of the speed-up when each processor's share takes 1 + jitter * |normal| times as long, and the slowest is waited for. */
export function sampleSpeedup(serialFraction: number, processors: number, jitter: number, random: Random): number {
	let slowest = 1;
	for (let i = 0; i < processors; i++) slowest = Math.max(slowest, 1 + jitter * Math.abs(random.normal()));
	return 1 / (serialFraction + ((1 - serialFraction) * slowest) / processors);
}

/** Mean speed-up over `samples` draws; the same seed gives the same mean. */
export async function meanSpeedup(
	options: { readonly serialFraction: number; readonly processors: number; readonly jitter: number; readonly samples: number },
	context: RunContext,
): Promise<number> {
	const random = context.random.fork(options.processors);
	let total = 0;
	for (let sample = 0; sample < options.samples; sample++) {
		total += sampleSpeedup(options.serialFraction, options.processors, options.jitter, random);
		await context.pause();
	}
	return total / options.samples;
}
