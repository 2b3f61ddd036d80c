/**
 * Times of one transformer block in computing memory that others published: CENT's artifact (github.com/Yufeng98/CENT, commit 8c79786,
 * cent_simulation/simulation_results.csv, column PIM latency), Llama 2 on SK hynix AiM. They were simulated, with the open AiM simulator
 * and a mapping of their own, not measured.
 */

export interface PublishedBlock {
	readonly model: string;
	readonly channels: number;
	readonly context: number;
	readonly microseconds: number;
}

const contexts = [128, 1024, 2048, 4096];

export const publishedBlocks: readonly PublishedBlock[] = [
	{ model: 'llama-2-7b', channels: 8, microseconds: [212.7925, 249.0805, 293.203, 381.391] },
	{ model: 'llama-2-7b', channels: 32, microseconds: [59.04, 66.8405, 78.0665, 100.4465] },
	{ model: 'llama-2-13b', channels: 16, microseconds: [166.3145, 188.178, 216.4525, 272.9445] },
	{ model: 'llama-2-13b', channels: 32, microseconds: [88.245, 98.3025, 113.1725, 142.8485] },
	{ model: 'llama-2-70b', channels: 10, microseconds: [666.96, 723.313, 790.14, 927.081] },
	{ model: 'llama-2-70b', channels: 32, microseconds: [218.4915, 236.6945, 265.513, 323.093] },
].flatMap(({ model, channels, microseconds }) =>
	microseconds.map((value, i) => ({ model, channels, context: contexts[i] as number, microseconds: value })),
);
