/** How fast one rank updates and moves optimizer state. */

export interface UpdateRates {
	/** Updates on the CPU with the conversion to 16 bits and the copy to the GPU in line (U_c0), parameters/s. */
	readonly inlineCpuPerSecond: number;
	/** Updates on the CPU alone (U_c), parameters/s. */
	readonly cpuPerSecond: number;
	/** Bandwidth between host and GPU in each direction, where state goes out and then in (B_x), bytes/s. */
	readonly linkBytesPerSecond: number;
	/** Updates on the GPU (U_g), parameters/s. */
	readonly gpuPerSecond: number;
	/** Gradients moved to the host and converted there, blocking (F), parameters/s. */
	readonly flushPerSecond: number;
}

/** Bytes of fp32 weight, momentum and variance. */
export const stateBytes = 12;
