import { llamaParameters, oneCycleRate, usualAdamW, usualOneCycle } from '@assay/learning';
import { expect, test } from 'vitest';
import { hiddenWidth, namedSizes, nonEmbeddingParameters } from './recipe.ts';

/** As published with the code. */
const published = {
	'30M': 30_482_560,
	'50M': 49_556_736,
	'100M': 102_777_856,
	'200M': 203_188_480,
	'430M': 443_068_288,
	'800M': 822_151_168,
	'1600M': 1_586_076_160,
};

test.for(namedSizes)('$name has the published number of parameters, tensor by tensor too', (size) => {
	expect(nonEmbeddingParameters(size)).toBe(published[size.name]);
	const { width, layers, heads } = size;
	const shape = { batch: 1, sequenceTokens: 512, width, layers, heads, keyValueHeads: heads, ropeBase: 10_000 };
	const all = llamaParameters({ ...shape, hiddenWidth: hiddenWidth(width), vocabulary: 32_000 });
	expect(all - 2 * 32_000 * width).toBe(published[size.name]);
});

test('the trainer’s recipe is the published one: AdamW 0.9, 0.95, decay 0.1; a tenth of the steps up from a hundredth, down to a tenth', () => {
	expect(usualAdamW).toMatchObject({ beta1: 0.9, beta2: 0.95, weightDecay: 0.1 });
	const rate = { steps: 1000, peak: 1.2e-3, ...usualOneCycle };
	expect(oneCycleRate(rate, 0)).toBeCloseTo(1.2e-5, 12);
	expect(oneCycleRate(rate, 100)).toBeCloseTo(1.2e-3, 12);
	expect(oneCycleRate(rate, 999)).toBeCloseTo(1.2e-4, 12);
});
