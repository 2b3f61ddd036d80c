import { createContext } from '@assay/contract';
import { resolveNetwork } from '@assay/models/network';
import { test } from 'vitest';
import { stepProduct } from './arrays/cycle-stepped.ts';
import { evaluateNetwork } from './evaluate-layer.ts';
import { layersOfNetwork } from './layers-of-network.ts';
import { rememberingEvaluate, tradeOffs } from './search/trade-offs.ts';
import { eyerissLike, groupOperands, squareConvolution } from './test-data.ts';

const layersOf = async (name: string) => layersOfNetwork(await resolveNetwork({ name, dimensions: '' }, createContext()), false);
const hardware = eyerissLike(64);

test('MobileNetV1 whole, cycles, traffic and energy', async ({ bench }) => {
	const layers = await layersOf('mobilenet-v1');
	const ours = bench('closed forms, 27 layers', () => {
		evaluateNetwork(layers, hardware);
	});
	const layer = squareConvolution({ inputsPerGroup: 16, outputsPerGroup: 16, kernel: 3, input: 16 });
	const { windows, kernels } = groupOperands(layer, 1);
	const rival = bench('rival: stepping one small layer cycle by cycle', () => {
		stepProduct(windows, kernels, { rows: 16, columns: 16 }, 'output-stationary');
	});
	await bench.compare(ours, rival);
});

test('EfficientNet-B0: all variants over the width of every layer', async ({ bench }) => {
	const layers = await layersOf('efficientnet-b0');
	await bench('trade-offs', () => {
		tradeOffs(layers, hardware, rememberingEvaluate(hardware));
	}).run();
});

test('cycles that are stepped a second, element by element, on 16 x 16', () => {
	const layer = squareConvolution({ inputsPerGroup: 32, outputsPerGroup: 64, kernel: 3, input: 18 });
	const { windows, kernels } = groupOperands(layer, 1);
	let least = Number.POSITIVE_INFINITY;
	let cycles = 0;
	for (let repeat = 0; repeat < 5; repeat++) {
		const began = performance.now();
		({ cycles } = stepProduct(windows, kernels, { rows: 16, columns: 16 }, 'output-stationary'));
		least = Math.min(least, performance.now() - began);
	}
	const rate = (count: number): string => `${(count / least / 1e3).toPrecision(3)} million`;
	console.info(`${rate(cycles)} cycles, ${rate(cycles * 256)} steps of an element a second of one core`);
});
