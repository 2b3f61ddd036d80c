/** Resources of a known or described machine, with the user's own figures over it. */
import { InputError } from '@assay/contract';
import type { Cluster } from '@assay/machines';
import type { DriveRates } from './fio.ts';
import type { Inputs } from './inputs.ts';
import { type Resources, standardShares } from './resources.ts';

/** Drives of a machine of which nothing is known: two 2 TB NVMe drives of PCIe 4, as in the workstation presets. */
const USUAL_DRIVES = { drives: 2, bytesPerDrive: 2e12, read: 7e9, write: 6e9 } as const;
const USUAL_HOST_BYTES = 128e9;
const USUAL_HOST_BANDWIDTH = 89.6e9;
const USUAL_LINK = 32e9;

export interface Machine {
	readonly name: string;
	/** In the whole machine. */
	readonly gpus: number;
	readonly resources: Resources;
	/** What was assumed because nobody said it, one sentence each. */
	readonly assumptions: readonly string[];
	readonly gpuWatts: number | null;
	readonly gpuDollars: number | null;
	readonly driveDollars: number | null;
}

/**
 * One GPU of the machine with all of its host's memory and drives. Raises an `InputError` for a machine without 16-bit matrix arithmetic
 * and for overrides that leave a rate at zero.
 */
export function describeMachine(cluster: Cluster, own: Inputs['workstation'], measured: DriveRates | undefined): Machine {
	const { device, host } = cluster;
	const assumptions: string[] = [];
	const assume = <T>(value: T | null | undefined, fallback: T, says: string): T => {
		if (value !== null && value !== undefined) return value;
		assumptions.push(says);
		return fallback;
	};
	if (device.kind !== 'gpu' && device.kind !== 'accelerator')
		throw new InputError({ path: ['machine', 'name'], found: `${device.name}, a ${device.kind}`, expected: 'a GPU' });
	const peak = device.peakOpsPerSecond.bf16 ?? device.peakOpsPerSecond.fp16;
	if (peak === undefined && own.gpuTeraflops === undefined) {
		throw new InputError({
			path: ['machine', 'name'],
			found: `${device.name}, whose 16-bit rate is not known`,
			expected: 'a GPU with a known 16-bit rate, or workstation.gpuTeraflops',
		});
	}
	const share = device.name === 'rtx-4090' ? standardShares.compute['rtx-4090'] : standardShares.compute.others;
	const giga = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1e9);
	const tera = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1e12);

	const gpuFlopsPerSecond = assume(
		tera(own.gpuTeraflops),
		(peak ?? 0) * share,
		`The GPU reaches ${(100 * share).toFixed(0)} % of its 16-bit peak on large products.`,
	);
	const nominalLink = host?.deviceLinkBytesPerSecond ?? device.links.find(({ kind }) => kind === 'pcie')?.bandwidthBytesPerSecond;
	const linkBytesPerSecond = assume(
		giga(own.linkGigabytesPerSecond),
		(nominalLink ?? USUAL_LINK) * standardShares.link,
		`The link to the GPU reaches ${(100 * standardShares.link).toFixed(0)} % of ${((nominalLink ?? USUAL_LINK) / 1e9).toFixed(0)} GB/s per direction.`,
	);
	const hostMemoryBytes =
		giga(own.memoryGigabytes) ?? assume(host?.memoryBytes, USUAL_HOST_BYTES, 'The host has 128 GB of memory.');
	const hostBandwidth = host?.memoryBandwidthBytesPerSecond ?? USUAL_HOST_BANDWIDTH;
	const adamBytesPerSecond = assume(
		giga(own.adamGigabytesPerSecond),
		Math.min(standardShares.memoryCapBytesPerSecond, standardShares.memory * hostBandwidth),
		`The processor's optimizer reaches ${(Math.min(standardShares.memoryCapBytesPerSecond, standardShares.memory * hostBandwidth) / 1e9).toFixed(0)} GB/s of memory traffic.`,
	);
	const storage = host?.storage ?? null;
	const unknownDrives = storage === null && (own.drives === undefined || own.terabytesPerDrive === undefined);
	if (unknownDrives) assumptions.push('There are two NVMe drives of 2 TB, 7 GB/s in and 6 GB/s out.');
	const drives = own.drives ?? storage?.drives ?? USUAL_DRIVES.drives;
	const perDrive =
		measured === undefined ? undefined : { read: measured.readBytesPerSecond, write: measured.writeBytesPerSecond };
	const driveReadBytesPerSecond =
		giga(own.readGigabytesPerSecondPerDrive) ?? perDrive?.read ?? storage?.readBytesPerSecondPerDrive ?? USUAL_DRIVES.read;
	const driveWriteBytesPerSecond =
		giga(own.writeGigabytesPerSecondPerDrive) ?? perDrive?.write ?? storage?.writeBytesPerSecondPerDrive ?? USUAL_DRIVES.write;
	const arrayReadBytesPerSecond = giga(own.arrayReadGigabytesPerSecond) ?? standardShares.arrayReadBytesPerSecond;
	const arrayWriteBytesPerSecond = giga(own.arrayWriteGigabytesPerSecond) ?? standardShares.arrayWriteBytesPerSecond;
	if (own.arrayReadGigabytesPerSecond === undefined && drives > 2)
		assumptions.push('All drives together reach at most 29.3 GB/s in and 28.9 GB/s out, as on the published server.');
	if (cluster.nodes * cluster.devicesPerNode > 1)
		assumptions.push(
			`One of the machine's ${cluster.nodes * cluster.devicesPerNode} GPUs works; it has its node's memory and drives to itself.`,
		);
	return {
		name: cluster.name,
		gpus: cluster.nodes * cluster.devicesPerNode,
		resources: {
			gpuFlopsPerSecond,
			gpuMemoryBytes: giga(own.gpuMemoryGigabytes) ?? device.memory.bytes,
			gpuMemoryBytesPerSecond: device.memory.bandwidthBytesPerSecond,
			linkBytesPerSecond,
			hostMemoryBytes,
			adamBytesPerSecond,
			drives,
			driveBytes: tera(own.terabytesPerDrive) ?? storage?.bytesPerDrive ?? USUAL_DRIVES.bytesPerDrive,
			driveReadBytesPerSecond,
			driveWriteBytesPerSecond,
			arrayReadBytesPerSecond,
			arrayWriteBytesPerSecond,
			hostActivationBytes: giga(own.activationGigabytes) ?? standardShares.hostActivationBytes,
		},
		assumptions,
		gpuWatts: device.tdpWatts ?? null,
		gpuDollars: device.priceDollars ?? null,
		driveDollars: storage?.priceDollarsPerDrive ?? null,
	};
}
