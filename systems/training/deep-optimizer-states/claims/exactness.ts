/** Whether interleaved updates give the bits of plain Adam, on the real engine. */
import { UpdateEngine } from '../engine/update-engine.ts';
import { evaluationAdam, fillGradient, fillWeights, plainAdam } from '../run-here.ts';
import { planUpdate } from '../update/update-plan.ts';

/** Largest difference of any weight after some steps, over strides, ratios and clipping. */
export async function largestDifference(steps: number): Promise<number> {
	const sizes = [3000, 1024, 777, 4096, 2048, 1500, 900];
	let largest = 0;
	for (const clipNorm of [null, 0.01]) {
		const expected = await plainAdam(sizes, steps, clipNorm);
		for (const [ratio, stride] of [
			[1, null],
			[1, 2],
			[1, 3],
			[0.5, 2],
		] as const) {
			const engine = await UpdateEngine.create({
				plan: planUpdate(sizes, ratio, stride),
				adam: evaluationAdam,
				clipNorm,
				linkBytesPerSecond: Number.POSITIVE_INFINITY,
			});
			try {
				for (const group of sizes.keys()) fillWeights(engine.weights(group), group);
				for (let step = 1; step <= steps; step++) {
					for (const group of sizes.keys()) fillGradient(engine.gradient(group), step, group);
					await engine.step();
				}
				for (const [group, weights] of expected.entries()) {
					const found = engine.weights(group);
					for (const [i, weight] of weights.entries()) largest = Math.max(largest, Math.abs(weight - (found[i] as number)));
				}
			} finally {
				await engine.close();
			}
		}
	}
	return largest;
}
