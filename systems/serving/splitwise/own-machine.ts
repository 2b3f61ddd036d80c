/** Machine types beyond the paper's three: described in the inputs, or known to Assay by name. */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import { type Cluster, listClusters, listDevices, resolveMachine } from '@assay/machines';
import type { Inputs } from './inputs.ts';
import { type MachineType, publishedMachineTypes } from './machine-type.ts';

type Description = Inputs['machines'][number];

/** Server power of a DGX-H100, W: the unit of relative power. */
const wattsOfH100 = 10_200;
/** Power of a server over that of its GPUs, where only the latter is known (DGX-H100: 10,200 W over 8 x 700 W). */
const serverOverGpus = 10_200 / 5600;
/** Port of a server where nothing is known of its network. */
const usualPortGigabits = 400;

/** The user's machines and the paper's, and those of `wanted` names that Assay's machine catalogue knows. */
export function machineTypes(inputs: Inputs, wanted: readonly string[]): MachineType[] {
	const types = [...publishedMachineTypes];
	for (const [index, description] of inputs.machines.entries()) {
		const place: Path = ['machines', index];
		if (types.some(({ name }) => name === description.name)) {
			throw new InputError({
				path: [...place, 'name'],
				found: `${description.name} a second time`,
				expected: 'a name of its own',
			});
		}
		types.push(describe(description, place));
	}
	for (const name of new Set(wanted)) {
		if (types.some((type) => type.name === name)) continue;
		types.push(describe({ name, device: name, ...(isSingle(name) && { gpus: 1 }) }, ['cluster', 'machine type'], types));
	}
	return types;
}

const isSingle = (name: string): boolean => listDevices().some((device) => device.name === name || device.aliases.includes(name));

function describe(
	description: Pick<Description, 'name'> & Partial<Description>,
	place: Path,
	others: readonly MachineType[] = [],
): MachineType {
	const known = description.device === undefined ? undefined : lookUp(description.device, place, others);
	const required = (value: number | undefined, field: keyof Description): number => {
		if (value !== undefined && value > 0) return value;
		throw new InputError({
			path: [...place, field],
			found: known === undefined ? 'nothing' : `nothing, and none is known of ${known.name}`,
			expected: known === undefined ? 'a number, or a known machine as device' : 'a number, given under machines',
		});
	};
	const device = known?.device;
	const gpus = description.gpus ?? known?.devicesPerNode ?? 1;
	if (!Number.isInteger(gpus)) throw new InputError({ path: [...place, 'gpus'], found: show(gpus), expected: 'a whole number' });
	const gpuWatts = device?.tdpWatts;
	const serverWatts = required(
		description.serverWatts ?? known?.nodePowerWatts ?? (gpuWatts === undefined ? undefined : gpus * gpuWatts * serverOverGpus),
		'serverWatts',
	);
	const peaks = device?.peakOpsPerSecond;
	const flops = description.peakTeraflops === undefined ? (peaks?.bf16 ?? peaks?.fp16) : description.peakTeraflops * 1e12;
	const memory =
		description.memoryGibibytesPerGpu === undefined ? device?.memory.bytes : description.memoryGibibytesPerGpu * 1024 ** 3;
	const bandwidth =
		description.memoryGigabytesPerSecond === undefined
			? device?.memory.bandwidthBytesPerSecond
			: description.memoryGigabytesPerSecond * 1e9;
	const names = device === undefined ? [] : [device.name, ...device.aliases];
	// The paper's own figures for the same GPU, where there are any.
	const alike = publishedMachineTypes.find((type) => names.includes(type.hardware));
	return {
		name: description.name,
		gpus,
		memoryBytesPerGpu: required(memory, 'memoryGibibytesPerGpu'),
		hardware: description.hardware ?? alike?.hardware ?? names[0] ?? description.name,
		serverWatts,
		relativePower: serverWatts / wattsOfH100,
		dollarsPerGpuHour: description.dollarsPerGpuHour ?? device?.rentDollarsPerHour ?? alike?.dollarsPerGpuHour ?? 0,
		portGigabitsPerSecond: description.portGigabitsPerSecond ?? alike?.portGigabitsPerSecond ?? usualPortGigabits,
		peak: {
			flopsPerSecond: required(flops, 'peakTeraflops'),
			bytesPerSecond: required(bandwidth, 'memoryGigabytesPerSecond'),
		},
	};
}

/** A machine of Assay's catalogue; one server, for a copy of the model lives on one. */
function lookUp(name: string, place: Path, others: readonly MachineType[]): Cluster {
	let found: Cluster;
	try {
		found = resolveMachine(name, [...place, 'device']);
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		const names = [
			...others.map((type) => type.name),
			...listClusters().flatMap((one) => one.name ?? []),
			...listDevices().map((one) => one.name),
		];
		throw new InputError({
			path: place,
			found: show(name),
			expected: `${others.map((type) => type.name).join(', ')}${others.length > 0 ? ', a machine under machines, ' : ''}or a known machine (dgx-h200, 8xl40s)`,
			nearest: nearestName(name, names),
		});
	}
	if (found.nodes !== 1) {
		throw new InputError({
			path: place,
			found: `${found.name}, ${found.nodes} servers`,
			expected: 'one server: a copy of the model lives on one',
		});
	}
	return found;
}
