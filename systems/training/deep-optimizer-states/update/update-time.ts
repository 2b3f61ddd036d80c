/** Closed form of the update phase. */
import { stateBytes, type UpdateRates } from '../rates/update-rates.ts';

/** What of a rank's parameters is updated how. */
export interface UpdateShape {
	/** Parameters of the rank, S. */
	readonly parameters: number;
	/** Share whose state is offloaded (TwinFlow), r. */
	readonly ratio: number;
	/** Null: the default update. */
	readonly stride: number | null;
}

/**
 * Seconds of one update.
 *
 * - default: `r·S/U_c0 + (1-r)·S/U_g`;
 * - stride k: for every k sub-groups, k-1 are updated on the CPU while the state of one goes out and that of the next comes in, and
 *   then that one is updated on the GPU: `r·S/k · (max((k-1)/U_c + w, 24/B_x) + 1/U_g) + (1-r)·S/U_g`. `w = 1/U_c0 - 1/U_c` is the
 *   conversion and copy of the last CPU sub-group's 16-bit weights: those of the others hide behind the next update, and the main
 *   thread waits for the last fetch before it goes on.
 */
export function updateSeconds({ parameters, ratio, stride }: UpdateShape, rates: UpdateRates): number {
	const resident = ((1 - ratio) * parameters) / rates.gpuPerSecond;
	if (stride === null) return (ratio * parameters) / rates.inlineCpuPerSecond + resident;
	const pace = Math.max(cpuSecondsPerPeriod(stride, rates), linkSecondsPerPeriod(rates));
	return ((ratio * parameters) / stride) * (pace + 1 / rates.gpuPerSecond) + resident;
}

/** What the CPU does in a period, seconds for each parameter of a sub-group. */
export function cpuSecondsPerPeriod(stride: number, { cpuPerSecond, inlineCpuPerSecond }: UpdateRates): number {
	const lastFetch = Math.max(0, 1 / inlineCpuPerSecond - 1 / cpuPerSecond);
	return (stride - 1) / cpuPerSecond + lastFetch;
}

/** What the link does in a period, seconds for each parameter of a sub-group: state out, then in. */
export function linkSecondsPerPeriod({ linkBytesPerSecond }: UpdateRates): number {
	return (2 * stateBytes) / linkBytesPerSecond;
}

/** Whether the transfers, not the CPU, set the pace at a stride. */
export function isTransferBound(stride: number, rates: UpdateRates): boolean {
	return linkSecondsPerPeriod(rates) > cpuSecondsPerPeriod(stride, rates);
}

/** The stride of 2 to `largest` with the shortest update; the smaller of equals. */
export function bestStride(shape: Omit<UpdateShape, 'stride'>, rates: UpdateRates, largest = 64): number {
	let best = 2;
	for (let stride = 3; stride <= largest; stride++) {
		if (updateSeconds({ ...shape, stride }, rates) < updateSeconds({ ...shape, stride: best }, rates)) best = stride;
	}
	return best;
}
