/**
 * What the authors measured, per rank of a node with four GPUs, micro-batch 1, sub-groups of 1e8 parameters. Medians over the
 * public raw logs (github.com/mauryaavinash95/deep-optimizer-states-results) and values annotated on the paper's figures. Used to
 * fit the rates of the two machines and to judge predictions; nothing that predicts reads the measurement it is compared with.
 */

/** One measured update phase. */
export interface UpdateMeasurement {
	/** Name of the model, see `published-models.ts`. */
	readonly model: string;
	readonly ratio: number;
	/** Null: the default update. */
	readonly stride: number | null;
	readonly seconds: number;
}

/** Forward, backward and update in ms: default, with asynchronous flush of gradients only, with stride 2. */
export interface PhaseMeasurement {
	readonly model: string;
	readonly ratio: number;
	readonly forward: readonly [number, number, number];
	readonly backward: readonly [number, number, number];
	readonly update: readonly [number, number, number];
}

/** Nodes the measurements are from. */
export type PublishedNode = '4xh100' | '4xa100';

/** Ranks of each node. */
export const publishedRanks = 4;

export const h100Phases: readonly PhaseMeasurement[] = [
	{ model: 'dos-20b', ratio: 1, forward: [209, 211, 257], backward: [4455, 971, 848], update: [2272, 2278, 1296] },
	{ model: 'dos-20b', ratio: 0.9, forward: [218, 211, 237], backward: [3958, 938, 838], update: [2003, 1985, 1119] },
	{ model: 'dos-20b', ratio: 0.8, forward: [209, 210, 307], backward: [3527, 916, 808], update: [1781, 1778, 1001] },
	{ model: 'dos-20b', ratio: 0.7, forward: [209, 210, 215], backward: [3156, 888, 799], update: [1581, 1576, 903] },
	{ model: 'dos-20b', ratio: 0.6, forward: [210, 209, 227], backward: [2901, 860, 778], update: [1375, 1374, 783] },
	{ model: 'dos-20b', ratio: 0.5, forward: [211, 210, 231], backward: [2530, 831, 761], update: [1166, 1173, 684] },
	{ model: 'dos-7b', ratio: 0.8, forward: [135, 143, 140], backward: [1344, 365, 331], update: [714, 720, 413] },
	{ model: 'dos-10b', ratio: 0.8, forward: [206, 205, 197], backward: [2274, 588, 531], update: [1205, 1199, 667] },
	{ model: 'dos-13b', ratio: 0.8, forward: [175, 169, 183], backward: [2642, 642, 587], update: [1295, 1295, 722] },
];

/** Strides of the sweeps; null is the default update. */
export const sweepStrides = [null, 2, 3, 4, 6, 8, 10] as const;

/** Updates per second of the 20B model on H100, in the label's billions per second, as the figure annotates them. */
export const h100SweepLabelBillions: readonly number[] = [8.6, 15.3, 14.9, 14.2, 13.3, 13.0, 12.7];
/** The same of the 20B model on A100. */
export const a100SweepLabelBillions: readonly number[] = [3.8, 5.7, 5.6, 5.3, 5.1, 5.1, 5.1];

/** Stride sweeps on A100, ms. */
export const a100Sweeps: readonly { readonly model: string; readonly milliseconds: readonly number[] }[] = [
	{ model: 'dos-13b', milliseconds: [3762, 2596, 2680, 2821, 2921, 2922, 3006] },
	{ model: 'dos-7b', milliseconds: [1993, 1338, 1449, 1463, 1485, 1509, 1474] },
];

/** All update phases of a node: on H100 nine defaults, nine with stride 2 and five more strides; on A100 three sweeps of seven. */
export function updateMeasurements(node: PublishedNode): UpdateMeasurement[] {
	if (node === '4xa100') {
		const sweeps = a100Sweeps.flatMap(({ model, milliseconds }) =>
			sweepStrides.map((stride, i) => ({ model, ratio: 1, stride, seconds: (milliseconds[i] as number) / 1000 })),
		);
		const plotted = sweepStrides.map((stride, i) => ({
			model: 'dos-20b-a100',
			ratio: 1,
			stride,
			seconds: 20 / (a100SweepLabelBillions[i] as number),
		}));
		return [...sweeps, ...plotted];
	}
	const logged = h100Phases.flatMap(({ model, ratio, update }) => [
		{ model, ratio, stride: null, seconds: update[0] / 1000 },
		{ model, ratio, stride: 2, seconds: update[2] / 1000 },
	]);
	const plotted = sweepStrides.flatMap((stride, i) =>
		stride === null || stride === 2
			? []
			: [{ model: 'dos-20b', ratio: 1, stride, seconds: 20 / (h100SweepLabelBillions[i] as number) }],
	);
	return [...logged, ...plotted];
}
