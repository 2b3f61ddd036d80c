/** The machine as rates and capacities of five servers: GPU, processor, link up, link down, drives. SI units. */

export interface Resources {
	/** What the GPU's matrix units reach on large products, not the data sheet's peak. */
	readonly gpuFlopsPerSecond: number;
	readonly gpuMemoryBytes: number;
	readonly gpuMemoryBytesPerSecond: number;
	/** Between host memory and GPU, each direction. */
	readonly linkBytesPerSecond: number;
	readonly hostMemoryBytes: number;
	/** Memory traffic that the processor's optimizer step reaches. */
	readonly adamBytesPerSecond: number;
	/** 0: none; then everything stays in memory. */
	readonly drives: number;
	readonly driveBytes: number;
	readonly driveReadBytesPerSecond: number;
	readonly driveWriteBytesPerSecond: number;
	/** What all drives together reach at most, whatever their number: processor, lanes and file system. */
	readonly arrayReadBytesPerSecond: number;
	readonly arrayWriteBytesPerSecond: number;
	/** Host memory that may hold activations: MEM_avail. */
	readonly hostActivationBytes: number;
}

/** Sequential rate of all drives together. */
export function readRate({ drives, driveReadBytesPerSecond, arrayReadBytesPerSecond }: Resources): number {
	return Math.min(drives * driveReadBytesPerSecond, arrayReadBytesPerSecond);
}

export function writeRate({ drives, driveWriteBytesPerSecond, arrayWriteBytesPerSecond }: Resources): number {
	return Math.min(drives * driveWriteBytesPerSecond, arrayWriteBytesPerSecond);
}

/** Seconds to move so many bytes; nothing takes no time, whatever the rate. */
export function transferSeconds(bytes: number, bytesPerSecond: number): number {
	return bytes === 0 ? 0 : bytes / bytesPerSecond;
}

/**
 * The authors' server: RTX 4090, two Xeon Gold 5320 with 768 GB, twelve 3.84 TB D7-P5510 drives in RAID-0. Capacities are
 * data sheets'. The eight rates were fitted to 22 published throughputs (see `published-points.ts`): GPU 161.3 TFLOP/s, link
 * 22.9 GB/s, a drive 7.11 GB/s in and 4.07 GB/s out (about what the data sheets of its family say), the array at most 29.3 and 28.9 GB/s, 52 GB for
 * activations. Adam's 100 GB/s of memory traffic is assumed, a quarter of the sixteen channels' peak.
 */
export const publishedServer: Resources = {
	gpuFlopsPerSecond: 161.3e12,
	gpuMemoryBytes: 24e9,
	gpuMemoryBytesPerSecond: 1008e9,
	linkBytesPerSecond: 22.9e9,
	hostMemoryBytes: 768e9,
	adamBytesPerSecond: 100e9,
	drives: 12,
	driveBytes: 3.84e12,
	driveReadBytesPerSecond: 7.11e9,
	driveWriteBytesPerSecond: 4.07e9,
	arrayReadBytesPerSecond: 29.3e9,
	arrayWriteBytesPerSecond: 28.9e9,
	hostActivationBytes: 52e9,
};

/** Shares and caps for machines that nobody fitted, and where they come from. */
export const standardShares = {
	/** Of the 16-bit peak on large products. The fitted RTX 4090 reaches 0.976 of its nominal peak because it clocks above its nominal boost; data-centre GPUs stay near 0.7. */
	compute: { 'rtx-4090': 161.3 / 165.2, others: 0.7 },
	/** Of the link's nominal rate: 22.9 of PCIe 4.0 x16's 32 GB/s on the published server. */
	link: 0.72,
	/** Of the host's peak memory bandwidth that an optimizer step reaches; at most 100 GB/s, as on the published server. */
	memory: 0.7,
	memoryCapBytesPerSecond: 100e9,
	/** Software RAID on one server: the published server's caps. */
	arrayReadBytesPerSecond: 29.3e9,
	arrayWriteBytesPerSecond: 28.9e9,
	/** Host memory for activations: as much as fitted the published server, less where memory is short. */
	hostActivationBytes: 52e9,
	/** Kept free for the system and the program itself. */
	hostReserveBytes: 8e9,
} as const;

/** The same machine with `hostActivationBytes` no larger than memory leaves beside the buffers and the system. */
export function withRoomForActivations(resources: Resources, bufferBytes: number): Resources {
	const room = Math.max(0, resources.hostMemoryBytes - standardShares.hostReserveBytes - bufferBytes);
	return { ...resources, hostActivationBytes: Math.min(resources.hostActivationBytes, room) };
}
