/** Time of every matrix product of a training step's forward and backward pass on one device. */
import type { DeviceRates } from '../device/device-rates.ts';
import type { MatrixProduct, SizedModel } from './sized-model.ts';
import { bestWaveFill, type WaveFill } from './wave-efficiency.ts';

/** What a device multiplies at once. */
export interface DeviceBatch {
	/** Tokens of a micro-batch on this device. */
	readonly tokens: number;
	/** Of one sequence on this device, and of the whole sequence. */
	readonly sequenceTokens: number;
	readonly tensorParallel: number;
	readonly expertParallel: number;
}

export const PASSES = ['forward', 'input gradient', 'weight gradient'] as const;
export type Pass = (typeof PASSES)[number];

/** One kind of product in one pass, over all layers. */
export interface ProductTime {
	readonly name: string;
	readonly pass: Pass;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly groups: number;
	readonly layers: number;
	/** Undefined where the number of compute units is not known. */
	readonly fill: WaveFill | undefined;
	readonly bound: 'arithmetic' | 'memory' | 'launch';
	/** One launch. */
	readonly seconds: number;
	/** All layers. */
	readonly totalSeconds: number;
	readonly totalFlops: number;
}

/** Bytes of a value in products. */
const valueBytes = 2;

/** Seconds of `groups` products m x n x k in one launch: the slower of arithmetic and memory, and the launch. */
export function productSeconds(
	m: number,
	n: number,
	k: number,
	groups: number,
	rates: DeviceRates,
): { readonly seconds: number; readonly fill: WaveFill | undefined; readonly bound: ProductTime['bound'] } {
	const fill = rates.computeUnits === null ? undefined : bestWaveFill(m, n, rates.computeUnits, groups);
	const arithmetic = (2 * groups * m * n * k) / (rates.achievableFlopsPerSecond * (fill?.efficiency ?? 1));
	const memory = (groups * valueBytes * (m * k + k * n + m * n)) / rates.streamBytesPerSecond;
	const slower = Math.max(arithmetic, memory);
	const bound = slower < rates.launchSeconds ? 'launch' : arithmetic >= memory ? 'arithmetic' : 'memory';
	return { seconds: slower + rates.launchSeconds, fill, bound };
}

/** The three products that a weight matrix takes in training: y = x W, dx = dy W', dW = x' dy. */
export function productTimes(model: SizedModel, batch: DeviceBatch, rates: DeviceRates): ProductTime[] {
	return model.products.flatMap((product) => {
		const { inputs, outputs, groups, tokens } = onDevice(product, batch);
		if (tokens < 1) return [];
		const shapes = [
			['forward', tokens, outputs, inputs],
			['input gradient', tokens, inputs, outputs],
			['weight gradient', inputs, outputs, tokens],
		] as const;
		return shapes.map(([pass, m, n, k]): ProductTime => {
			const { seconds, fill, bound } = productSeconds(m, n, k, groups, rates);
			return {
				name: product.name,
				pass,
				m,
				n,
				k,
				groups,
				layers: product.layers,
				fill,
				bound,
				seconds,
				totalSeconds: seconds * product.layers,
				totalFlops: 2 * groups * m * n * k * product.layers,
			};
		});
	});
}

/** A product's share on one device: cut by tensor parallelism, experts by expert parallelism; tokens evenly over experts. */
export function onDevice(
	product: MatrixProduct,
	{ tokens, tensorParallel, expertParallel }: DeviceBatch,
): { readonly inputs: number; readonly outputs: number; readonly groups: number; readonly tokens: number } {
	const spread = product.groups > 1 && product.active < product.groups;
	const ranks = spread ? Math.min(expertParallel, product.groups) : 1;
	return {
		inputs: Math.ceil(product.cut === 'inputs' ? product.inputs / tensorParallel : product.inputs),
		outputs: Math.ceil(product.cut === 'outputs' ? product.outputs / tensorParallel : product.outputs),
		groups: Math.ceil(product.groups / ranks),
		// Tokens of all ranks of an expert group meet on the rank that has the expert.
		tokens: Math.round((tokens * product.active * (spread ? ranks : 1)) / product.groups),
	};
}
