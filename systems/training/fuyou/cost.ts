/** Money and energy: an epoch on this machine, and throughput per dollar beside a node of data-centre GPUs. */

export interface Prices {
	readonly gpuDollars: number;
	readonly driveDollars: number;
	/** Everything else: board, processors, memory, case. */
	readonly hostDollars: number;
	readonly dollarsPerKilowattHour: number;
	readonly gpuWatts: number;
	readonly hostWatts: number;
}

/** Price of the whole machine. */
export function machineDollars(prices: Prices, drives: number): number {
	return prices.gpuDollars + prices.hostDollars + drives * prices.driveDollars;
}

export interface EpochCost {
	readonly hours: number;
	readonly joules: number;
	/** Electricity only. */
	readonly dollars: number;
}

/** An epoch of so many tokens. The GPU draws its rated power while it computes and a fifth of it while it waits. */
export function epochCost(tokens: number, tokensPerSecond: number, gpuBusyShare: number, prices: Prices): EpochCost {
	const seconds = tokens / tokensPerSecond;
	const gpuWatts = prices.gpuWatts * (gpuBusyShare + 0.2 * (1 - gpuBusyShare));
	const joules = seconds * (gpuWatts + prices.hostWatts);
	return { hours: seconds / 3600, joules, dollars: (joules / 3.6e6) * prices.dollarsPerKilowattHour };
}
