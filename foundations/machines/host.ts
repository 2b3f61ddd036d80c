/** What stands around the devices of a node: processor memory, the way to it, and drives. */
import { z } from 'zod';

const bytes = z.number().positive().max(1e18);
const bandwidth = z.number().positive().max(1e18);

/** The schema of {@link HostDescription}. */
export const hostSchema = z.strictObject({
	/** The node's processors, in words. */
	processor: z.string().min(1).max(200).optional(),
	/** Memory of the node's processors. */
	memoryBytes: bytes,
	/** Peak bandwidth of that memory, all sockets together. */
	memoryBandwidthBytesPerSecond: bandwidth.optional(),
	/** Between one device and the host's memory, per direction; the device's PCIe link unless given. */
	deviceLinkBytesPerSecond: bandwidth.optional(),
	/** Local drives that are free for data. */
	storage: z
		.strictObject({
			kind: z.string().min(1).max(50).default('NVMe'),
			drives: z.int().min(1).max(10_000),
			bytesPerDrive: bytes,
			/** Sequential rates of one drive. */
			readBytesPerSecondPerDrive: bandwidth,
			writeBytesPerSecondPerDrive: bandwidth,
			priceDollarsPerDrive: z.number().positive().max(1e6).optional(),
		})
		.nullable()
		.default(null),
});

/** A host as people write it. */
export type HostDescription = z.output<typeof hostSchema>;

/** Local drives, all alike. */
export type Storage = NonNullable<HostDescription['storage']>;

/** A host with what is known filled in. */
export interface Host {
	readonly processor: string | null;
	readonly memoryBytes: number;
	readonly memoryBandwidthBytesPerSecond: number | null;
	/** Per device and direction. */
	readonly deviceLinkBytesPerSecond: number | null;
	readonly storage: Storage | null;
}
