import { test } from 'vitest';
import { layerCost, rememberingLayerCost } from './cost/layer-cost.ts';
import { resnet9 } from './networks/resnet9.ts';
import { chipOf, drawEvenly } from './search/design-space.ts';
import { createEvaluator } from './search/evaluate-design.ts';
import { allOpen, policySearch, worstCosts } from './search/policy-search.ts';
import { monteCarlo } from './search/rival-searches.ts';
import { firstSpace, seeded } from './test-data.ts';

/** Layers of a network on chips by chance, as a search asks for them. */
function questions() {
	const space = firstSpace();
	const random = seeded('bench');
	const chosen = new Int32Array(space.sizes.length);
	const { layers } = resnet9.build([16, 64, 1, 128, 1, 128, 1]);
	return Array.from({ length: 100 }, () => {
		drawEvenly(space, random, chosen);
		return chipOf(space, chosen);
	}).flatMap((chip) => chip.flatMap((accelerator) => layers.map((layer) => ({ layer, accelerator }))));
}

test('a thousand layers and more', async ({ bench }) => {
	const asked = questions();
	const remembered = rememberingLayerCost('maestro');
	for (const { layer, accelerator } of asked) remembered(layer, accelerator);
	const ours = bench(`${asked.length} layers, remembered`, () => {
		for (const { layer, accelerator } of asked) remembered(layer, accelerator);
	});
	const rival = bench(`rival: ${asked.length} layers, each computed`, () => {
		for (const { layer, accelerator } of asked) layerCost(layer, accelerator, 'maestro');
	});
	await bench.compare(ours, rival);
});

test('a search of 100 episodes of ten chips', { timeout: 600_000 }, async ({ bench }) => {
	const space = firstSpace();
	const effort = { episodes: 100, tries: 10 };
	const limits = { latency: 8e5, energy: 2e9, area: 4e9 };
	const search = (by: typeof policySearch | typeof monteCarlo) => async () => {
		const evaluator = createEvaluator(space, limits, 'maestro');
		const random = seeded('bench search');
		const worst = worstCosts(evaluator, random);
		if (by === policySearch) await policySearch(evaluator, allOpen(space), worst, effort, random, async () => undefined);
		else await monteCarlo(evaluator, worst, effort, random, async () => undefined);
	};
	await bench.compare(bench('the controller', search(policySearch)), bench('rival: chance', search(monteCarlo)), {
		time: 0,
		iterations: 3,
		warmupTime: 0,
		warmupIterations: 0,
	});
});
