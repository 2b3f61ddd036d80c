/** Rules for widths as checks with their numbers: what a vendor or the paper advises, and what this model has. */
import type { DeviceRates } from '../device/device-rates.ts';
import { type DeviceBatch, onDevice } from './product-times.ts';
import type { SizedModel } from './sized-model.ts';

export interface RuleResult {
	readonly rule: string;
	readonly found: string;
	readonly wanted: string;
	readonly verdict: 'pass' | 'warn';
	readonly from: string;
}

/** Rows and columns of the tile that rules are about. */
const tile = 256;

/** All rules for a model on a device in a batch. `groupDevices` is the number of devices that share a layer, `nodeDevices` those of a node joined pair by pair (0: a switch). */
export function checkRules(
	model: SizedModel,
	batch: DeviceBatch,
	rates: DeviceRates,
	groupDevices: number,
	meshNodeDevices: number,
): RuleResult[] {
	const results: RuleResult[] = [];
	const add = (rule: string, found: string | number, wanted: string, passes: boolean, from: string): void => {
		results.push({ rule, found: String(found), wanted, verdict: passes ? 'pass' : 'warn', from });
	};
	const { headDim, vocabulary, hidden } = model;
	const { tensorParallel, tokens } = batch;
	add('Head width', headDim, 'a multiple of 64, best 128', headDim % 64 === 0, 'AMD, kernels for fused attention');
	for (const product of model.products.filter(({ name }) => !name.startsWith('router') && name !== 'output layer')) {
		const { inputs, outputs } = onDevice(product, batch);
		const odd = [inputs, outputs].filter((size) => size % 64 !== 0);
		add(`Sides of ${product.name}`, `${inputs} x ${outputs}`, 'multiples of 64', odd.length === 0, 'AMD, tiles of matrix units');
	}
	const powers = model.products.filter((product) => isLargePower(onDevice(product, batch).inputs));
	add(
		'Inner dimensions',
		powers.length === 0 ? 'none' : powers.map(({ name }) => name).join(', '),
		'no exact power of two from 4,096 on, which puts rows on the same memory channels',
		powers.length === 0,
		'AMD advises to pad such rows by 128',
	);
	const vocabularyStep = 64 * tensorParallel;
	add(
		'Vocabulary',
		vocabulary,
		`a multiple of 64 times the tensor-parallel size: ${vocabularyStep}`,
		vocabulary % vocabularyStep === 0,
		'the paper and Megatron',
	);
	add('Tokens of a micro-batch', tokens, `a multiple of ${tile}`, tokens % tile === 0, 'the paper’s sizing rules');
	add(
		'Width of a tensor-parallel rank',
		hidden / tensorParallel,
		`a multiple of ${tile}`,
		(hidden / tensorParallel) % tile === 0,
		'the paper’s sizing rules',
	);
	if (model.experts !== null && rates.computeUnits !== null) {
		const expert = model.products.find(({ name }) => name.startsWith('experts: gate'));
		if (expert !== undefined) {
			const { outputs, groups, tokens: each } = onDevice(expert, batch);
			const tiles = (each * outputs) / tile / tile;
			const wave = `at least ${rates.computeUnits}, a wave`;
			const from = 'the paper’s sizing rules';
			add('Tiles of one expert in a micro-batch', Math.round(tiles), wave, tiles >= rates.computeUnits, from);
			const grouped = groups * tiles;
			add(
				'Tiles of all experts on a device, in one grouped product',
				Math.round(grouped),
				wave,
				grouped >= rates.computeUnits,
				from,
			);
			const crossover = rates.achievableFlopsPerSecond / rates.streamBytesPerSecond;
			add(
				'Tokens per expert in training',
				each,
				`at least ${Math.ceil(crossover)}, where reading an expert’s weights takes less than multiplying with them`,
				each >= crossover,
				'roofline of this device',
			);
		}
	}
	if (meshNodeDevices > 1) {
		add(
			'Devices that share a layer',
			groupDevices,
			`1, or all ${meshNodeDevices} of a node: each link joins two devices, so a smaller group leaves links idle`,
			groupDevices === 1 || groupDevices % meshNodeDevices === 0,
			'the paper, on nodes joined pair by pair',
		);
	}
	return results;
}

function isLargePower(size: number): boolean {
	return size >= 4096 && (size & (size - 1)) === 0;
}
