/** Kinds of machines: what they hold, draw, cost, and how fast they are where no profile exists. */
import { InputError, nearestName, type Path, show } from '@assay/contract';

export interface MachineType {
	readonly name: string;
	readonly gpus: number;
	readonly memoryBytesPerGpu: number;
	/** GPU name under which profiles know it. */
	readonly hardware: string;
	/** Power of the whole server at full load, W. */
	readonly serverWatts: number;
	/** Power relative to a DGX-H100, as the paper's plots weigh it. */
	readonly relativePower: number;
	/** Rent of one GPU, $/h. */
	readonly dollarsPerGpuHour: number;
	/** Network port of the server, Gbit/s in each direction. */
	readonly portGigabitsPerSecond: number;
	/** Peak 16-bit matrix arithmetic and memory bandwidth of one GPU, for the roofline where no profile exists. */
	readonly peak: { readonly flopsPerSecond: number; readonly bytesPerSecond: number };
}

const memoryBytesPerGpu = 85_899_345_920;

/** Power figure that the published plots give a DGX-H100 (unit unstated); the others are 24.8 and 30.8. */
const plotPowerOfH100 = 44;

/**
 * The paper's three machines. Memory and server power: splitwise-sim configuration; relative power and rent: the constants of its
 * result plots; ports: InfiniBand of the paper's Table (200 and 400 Gbit/s); peaks: NVIDIA data sheets (dense 16-bit).
 */
export const publishedMachineTypes: readonly MachineType[] = [
	{
		name: 'dgx-a100',
		gpus: 8,
		memoryBytesPerGpu,
		hardware: 'a100-80gb',
		serverWatts: 6500,
		relativePower: 24.8 / plotPowerOfH100,
		dollarsPerGpuHour: 2.21,
		portGigabitsPerSecond: 200,
		peak: { flopsPerSecond: 312e12, bytesPerSecond: 2.039e12 },
	},
	{
		name: 'dgx-h100',
		gpus: 8,
		memoryBytesPerGpu,
		hardware: 'h100-80gb',
		serverWatts: 10_200,
		relativePower: 1,
		dollarsPerGpuHour: 4.76,
		portGigabitsPerSecond: 400,
		peak: { flopsPerSecond: 989.4e12, bytesPerSecond: 3.352e12 },
	},
	{
		name: 'dgx-h100-pcap',
		gpus: 8,
		memoryBytesPerGpu,
		hardware: 'h100-80gb-pcap',
		serverWatts: 7140,
		relativePower: 30.8 / plotPowerOfH100,
		dollarsPerGpuHour: 4.76,
		portGigabitsPerSecond: 400,
		// A cap at 70 % of the power slows prompts by 1.3 and leaves token times alone (published profile).
		peak: { flopsPerSecond: 989.4e12 / 1.3, bytesPerSecond: 3.352e12 },
	},
];

/** The machine type of that name among the user's own and the published ones. */
export function findMachineType<Type extends MachineType>(name: string, types: readonly Type[], place: Path): Type {
	const found = types.find((type) => type.name === name);
	if (found !== undefined) return found;
	const names = types.map((type) => type.name);
	throw new InputError({
		path: place,
		found: show(name),
		expected: `one of ${names.join(', ')}, or a machine described under machines`,
		nearest: nearestName(name, names),
	});
}

export function machineBytes(type: MachineType): number {
	return type.gpus * type.memoryBytesPerGpu;
}

/** Rent of one machine, $/h. */
export function machineDollarsPerHour(type: MachineType): number {
	return type.gpus * type.dollarsPerGpuHour;
}
